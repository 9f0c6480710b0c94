package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.pipelines.AllPasses;
import org.quantcache.tools.pipeline.Calibrations;
import picocli.CommandLine.Option;

/** Which passes run. */
final class PipelineOptions {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description = {
        "Pipeline by name: ${COMPLETION-CANDIDATES}; none, the default, is lossless.",
        "A target that 'qcc schedule -o' kept in the calibration is one too, such as psnr-40 or speedup-10."
      })
  private String preset;

  @Option(
      names = "--passes",
      description =
          "Pipeline as text, such as 'fold,specialize,hoist,fuse'; @NAME stands for a preset or target.")
  private String passes;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description =
          "What 'qcc calibrate' wrote (default: calibration.json in the folder of the model).")
  private Path calibration;

  /** The calibration of a model, if there is one. */
  Optional<Calibration> calibration(Path model) {
    return Calibrations.find(calibration, model);
  }

  /** The name of the calibration file that was given. */
  Optional<String> calibrationName() {
    return Optional.ofNullable(calibration).map(file -> String.valueOf(file.getFileName()));
  }

  /** Names for the help. */
  static final class Presets implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return AllPasses.presets().iterator();
    }
  }

  /** Whether the user chose a pipeline. */
  boolean isChosen() {
    return passes != null || preset != null;
  }

  /** Whether the user gave a pipeline or something for it. */
  boolean given() {
    return isChosen() || calibration != null;
  }

  /** Pipeline text. @throws UserError CL0106 when both are given, PA0106 for no preset, PA0603 for no target */
  String text() {
    if (passes != null && preset != null) {
      throw UserError.of("CL0106", "--preset and --passes exclude each other");
    }
    return passes != null ? passes : AllPasses.preset(preset == null ? "none" : preset);
  }
}
