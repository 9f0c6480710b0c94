package org.quantcache.tools.calibrate;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.tools.sample.SampleModel;
import org.quantcache.tools.sample.TextTable;

/** Prompts of a model's own words, by number. */
public final class OwnPrompts {
  private OwnPrompts() {}

  /**
   * Cases with prompts {@code first, first + 1, ...}.
   *
   * @param seed of the first one; each further one takes the next
   * @throws UserError CL0402 when the model has no text table
   */
  public static List<Case> cases(SampleModel sample, int first, int count, long seed) {
    TextTable text = sample
        .text()
        .orElseThrow(
            () -> UserError.of("CL0402", "this model has no text table to take prompts from"));
    List<Case> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      out.add(new Case(text.prompt(first + i), seed + i));
    }
    return out;
  }
}
