package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Calibration.Case;
import org.quantcache.tools.calibrate.OwnPrompts;
import org.quantcache.tools.sample.SampleModel;
import picocli.CommandLine.Option;

/** How plans are made better in whole runs. */
final class RefineOptions {
  /** Calibrations begin with the first prompts of a model, and the ablation judges by those that follow. */
  private static final int FIRST_FURTHER = 20;

  private static final int MOST_FURTHER = 1000;

  @Option(
      names = "--refine",
      paramLabel = "MODEL_DIR",
      description = {
        "Move the computed steps as long as whole runs of the calibrated cases get better,",
        "and keep the plan in the calibration: hlc{plan=N} takes it from there."
      })
  private Path model;

  @Option(
      names = "--prune",
      paramLabel = "PERCENT",
      description = {
        "With --refine: find out which branches of layers can be left out of computed steps at the least loss, until",
        "so much of the work of blocks is saved, and keep them in the calibration: srap{plan=N} takes them from there."
      })
  private Double percent;

  @Option(
      names = "--prune-branches",
      paramLabel = "COUNT",
      description =
          "With --prune: of so many branches at most, since each keeps a value (default: any).")
  private Integer branches;

  @Option(
      names = "--further-cases",
      paramLabel = "COUNT",
      defaultValue = "0",
      description =
          "With --refine: try plans out on so many more prompts than those of the calibration (default ${DEFAULT-VALUE}).")
  private int further;

  boolean given() {
    return model != null || percent != null || branches != null;
  }

  /** @throws UserError CL0608 for what has no meaning, or not without the rest */
  void check() {
    boolean nothing = percent != null && !(percent > 0 && percent < 100 && model != null);
    if (nothing || (branches != null && (branches < 1 || percent == null))) {
      throw UserError.of(
              "CL0608",
              "--prune is %s and --prune-branches %s, expected percent between 0 and 100 and 1 or more, with --refine MODEL_DIR",
              percent == null ? "missing" : percent,
              branches == null ? "missing" : branches)
          .withHint("branches are left out in whole runs of the model");
    }
  }

  /** Folder of the model. */
  Path model() {
    return model;
  }

  boolean prunes() {
    return percent != null;
  }

  /** Share of the work of blocks that is saved. */
  double share() {
    return percent / 100;
  }

  /** How many branches are left out at most, at any time. */
  int branches() {
    return branches == null ? Integer.MAX_VALUE : branches;
  }

  /** What plans are tried out on. @throws UserError CL0611 for a number that cannot be meant */
  List<Case> cases(Calibration calibration) {
    if (further < 0 || further > MOST_FURTHER) {
      throw UserError.of("CL0611", "--further-cases is %d, expected 0..%d", further, MOST_FURTHER);
    }
    List<Case> out = new ArrayList<>(calibration.cases());
    if (further > 0) {
      long seed = out.stream().mapToLong(Case::seed).max().orElse(0) + 1;
      out.addAll(OwnPrompts.cases(SampleModel.of(model), FIRST_FURTHER, further, seed));
    }
    return out;
  }
}
