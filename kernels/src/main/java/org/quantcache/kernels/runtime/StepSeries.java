package org.quantcache.kernels.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.kernels.tensor.Tensor;

/** Collects one series of values over the steps of a loop. */
public final class StepSeries implements StepObserver {
  private final String name;
  private final List<Tensor> values = new ArrayList<>();

  public StepSeries(String name) {
    this.name = name;
  }

  @Override
  public boolean wants(String series) {
    return series.equals(name);
  }

  @Override
  public void observed(String series, int index, int total, Tensor value) {
    Tensor copy = Tensor.zeros(value.element(), value.sizes());
    copy.data().duplicate().put(value.data().duplicate().rewind());
    values.add(copy);
  }

  /** The values one after the other, {@code [steps, ...]}. */
  public Tensor stacked() {
    List<Long> sizes = new ArrayList<>(List.of((long) values.size()));
    sizes.addAll(values.get(0).sizes());
    Tensor out = Tensor.zeros(values.get(0).element(), sizes);
    ByteBuffer target = out.data().duplicate();
    values.forEach(v -> target.put(v.data().duplicate().rewind()));
    return out;
  }
}
