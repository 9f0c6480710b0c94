package org.quantcache.passes.srap;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.VisitPolicy;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.MeasuredPruning;
import org.quantcache.passes.core.OptionSpec;

/**
 * Visits at which layers, or single branches of them, are left out, chosen beforehand. As option text:
 * {@code spatial.5:1:4/temporal.3.cross:4} leaves spatial layer 5 out when it is reached for the second and the fifth time,
 * and the cross-attention of temporal layer 3 at the fifth; {@code 8} does what a calibration found out for the plan
 * of eight computed steps.
 *
 * @param visits by layer or branch
 */
record PrunePlan(Map<String, VisitPolicy> visits) {
  private static final String NONE = "none";

  static OptionSpec option() {
    String layer = "[a-z]+\\.[0-9]{1,4}(\\.[a-z-]+)?(:[0-9]{1,6}){1,1000}";
    return OptionSpec.text(
        "plan",
        NONE,
        NONE + "|[0-9]{1,3}|" + layer + "(/" + layer + "){0,1000}",
        "none, a number of computed steps, or branch:visit:visit/... such as spatial.5:1:4/temporal.3.cross:4",
        "visits of layers or single branches of them, counted from 0, that are left out whatever they resemble; of a number, those that were"
            + " measured for the plan of so many steps");
  }

  /**
   * Reads a plan; empty for none.
   *
   * @param reuses whether a layer that is left out adds what it did before, so that its first visit is needed
   * @throws UserError PA0505 when a calibration is missing or lacks the plan, PA0803 for visits that cannot be left out
   */
  static Optional<PrunePlan> parse(String text, boolean reuses, Optional<Calibration> calibration) {
    if (text.equals(NONE)) {
      return Optional.empty();
    }
    Map<String, List<Long>> named =
        text.matches("[0-9]+") ? measured(text, calibration) : named(text);
    Map<String, VisitPolicy> visits = new LinkedHashMap<>();
    named.forEach((layer, numbers) -> {
      if (reuses && numbers.get(0) == 0) {
        throw UserError.of(
                "PA0803",
                "the plan leaves out visit 0 of layer '%s', before it was computed once",
                layer)
            .withHint("begin with visit 1, or say bypass=zero");
      }
      try {
        visits.put(layer, new VisitPolicy(numbers));
      } catch (IllegalArgumentException e) {
        throw UserError.of(
                "PA0803", "the plan of layer '%s' cannot be used: %s", layer, e.getMessage())
            .withHint("visits of a layer ascend");
      }
    });
    return Optional.of(new PrunePlan(visits));
  }

  private static Map<String, List<Long>> measured(String text, Optional<Calibration> calibration) {
    MeasuredPruning known = calibration
        .flatMap(c -> c.pruning(Integer.parseInt(text)))
        .orElseThrow(() -> UserError.of(
                "PA0505",
                "no calibration says which layers a plan of %s computed steps may leave out",
                text)
            .withHint(
                "measure it with 'qcc schedule CALIBRATION --computed %s --refine MODEL_DIR --prune 10', or name"
                    + " visits: plan=spatial.5:1:4",
                text));
    return known.visits();
  }

  private static Map<String, List<Long>> named(String text) {
    Map<String, List<Long>> out = new LinkedHashMap<>();
    for (String part : text.split("/")) {
      String[] words = part.split(":");
      List<Long> numbers = Arrays.stream(words).skip(1).map(Long::valueOf).toList();
      if (out.put(words[0], numbers) != null) {
        throw UserError.of("PA0803", "the plan names layer '%s' twice", words[0])
            .withHint("give all its visits in one place: %s:1:4", words[0]);
      }
    }
    return out;
  }
}
