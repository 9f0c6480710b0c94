package org.quantcache.passes.calibration;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * What a few runs taught about a model.
 *
 * @param model fingerprint of the checkpoint that it was made for
 * @param cases what was generated
 * @param trajectory how the value of the block stack moves
 */
public record Calibration(String model, List<Case> cases, Trajectory trajectory) {
  /** One calibration run. */
  public record Case(String prompt, long seed) {}

  public Calibration {
    cases = ImmutableList.copyOf(cases);
  }
}
