package org.quantcache.tools.pipeline;

import java.util.List;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** Several observers as one. */
public record Observers(List<StepObserver> all) implements StepObserver {
  @Override
  public boolean wants(String series) {
    return all.stream().anyMatch(o -> o.wants(series));
  }

  @Override
  public void observed(String series, int index, int total, Tensor value) {
    all.stream().filter(o -> o.wants(series)).forEach(o -> o.observed(series, index, total, value));
  }

  @Override
  public void stepped(int index, int total) {
    all.forEach(o -> o.stepped(index, total));
  }

  @Override
  public void decided(DecisionTrace trace) {
    all.forEach(o -> o.decided(trace));
  }
}
