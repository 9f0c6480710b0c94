package org.quantcache.kernels.executor;

import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** Tells a profile of each step before anybody else. */
record ProfiledSteps(StepObserver other, LaunchProfile profile) implements StepObserver {
  @Override
  public boolean wants(String series) {
    return other.wants(series);
  }

  @Override
  public void observed(String series, int index, int total, Tensor value) {
    other.observed(series, index, total, value);
  }

  @Override
  public void stepped(int index, int total) {
    profile.stepped();
    other.stepped(index, total);
  }

  @Override
  public void decided(DecisionTrace trace) {
    other.decided(trace);
  }
}
