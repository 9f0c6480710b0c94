package org.quantcache.tools.pipeline;

import java.nio.charset.StandardCharsets;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;

/** Loads functions of artifacts on the device that they were compiled for. */
public final class Programs {
  private Programs() {}

  /**
   * A function of an artifact.
   *
   * @param threads workers of the cpu device
   * @param precision f32, or f64 on the reference device
   */
  public static Program load(
      ArtifactReader artifact, String function, int threads, ScalarType precision) {
    ArtifactLayout.function(artifact.manifest(), function);
    return switch (artifact.manifest().target()) {
      case "cpu" -> {
        if (precision != ScalarType.F32) {
          throw inF32("cpu", precision);
        }
        yield CpuProgram.load(artifact, function, threads);
      }
      case "cuda" -> {
        if (precision != ScalarType.F32) {
          throw inF32("cuda", precision);
        }
        yield CudaProgram.load(artifact, function);
      }
      case "reference" -> reference(artifact, function, precision);
      default -> throw noSuchTarget(artifact);
    };
  }

  /** RT0209, for an artifact of a target that this program does not know. */
  public static UserError noSuchTarget(ArtifactReader artifact) {
    return UserError.of(
        "RT0209",
        "the artifact is for target '%s', this program runs cpu, cuda and reference",
        artifact.manifest().target());
  }

  private static UserError inF32(String device, ScalarType precision) {
    return UserError.of(
            "CL0109", "the %s device computes in f32, asked for was %s", device, precision.text())
        .withHint("compile for the reference device: --target reference");
  }

  /** The program of an artifact as IR. */
  public static IrModule module(ArtifactReader artifact) {
    String text = new String(artifact.bytes(ArtifactLayout.PROGRAM), StandardCharsets.UTF_8);
    return IrParser.parse(text, ArtifactLayout.PROGRAM, StandardOps.registry());
  }

  private static Program reference(ArtifactReader artifact, String function, ScalarType precision) {
    ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
    return new ReferenceProgram(
        module(artifact),
        function,
        SafeTensorsFile.open(window.file(), window.offset(), window.bytes()),
        precision);
  }
}
