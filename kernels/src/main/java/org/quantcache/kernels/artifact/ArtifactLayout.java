package org.quantcache.kernels.artifact;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.ProgramSignature.Parameter;

/** Names of the entries of an artifact, and the signature that its manifest describes. */
public final class ArtifactLayout {
  public static final String PROGRAM = "program.qir";
  public static final String POLICY = "policy.json";
  public static final String KERNELS = "kernels/kernels.so";
  public static final String KERNEL_LIST = "kernels/kernels.txt";
  public static final String CUDA_SOURCE = "kernels/kernels.cu";
  public static final String CUDA_GEOMETRY = "kernels/kernels.json";
  public static final String PTX = "kernels/kernels.ptx";

  /** What the emulation of a card runs. */
  public static final String EMULATED = cubin("emulated");

  public static final String WEIGHTS = "weights.safetensors";
  public static final String REPORT = "report.json";

  private ArtifactLayout() {}

  /** Machine code for an architecture such as {@code sm_80}. */
  public static String cubin(String architecture) {
    return "kernels/" + architecture + ".cubin";
  }

  /** Source ({@code .java}) or class ({@code .class}) of an executor. */
  public static String executorEntry(String className, String suffix) {
    return "executor/" + className.substring(className.lastIndexOf('.') + 1) + suffix;
  }

  /** A function of the manifest. @throws UserError RT0208 that lists what there is */
  public static Manifest.FunctionInfo function(Manifest manifest, String name) {
    return manifest.functions().stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow(() -> UserError.of("RT0208", "the artifact has no function '%s'", name)
            .withHint(
                "it has %s",
                manifest.functions().stream().map(Manifest.FunctionInfo::name).toList()));
  }

  /** Parameters, results and bounds. @throws UserError RT0205 when the manifest states no valid type */
  public static ProgramSignature signature(Manifest manifest, Manifest.FunctionInfo function) {
    return new ProgramSignature(
        function.name(), types(function.parameters()), types(function.results()), manifest.dims());
  }

  private static List<Parameter> types(List<Manifest.TensorInfo> infos) {
    List<Parameter> out = new ArrayList<>();
    for (Manifest.TensorInfo info : infos) {
      ScalarType element = ScalarType.named(info.element())
          .orElseThrow(() ->
              UserError.of("RT0205", "'%s' has element kind '%s'", info.name(), info.element()));
      out.add(new Parameter(
          info.name(),
          TensorType.of(element, info.sizes().stream().map(ArtifactLayout::size).toList())));
    }
    return out;
  }

  /** A size such as {@code 2}, {@code L} or {@code 2*L}. */
  private static Dim size(String text) {
    Dim out = Dim.of(1);
    for (String factor : text.split("\\*", -1)) {
      boolean number = factor.matches("[0-9]{1,18}");
      if (!number && !factor.matches("[A-Za-z_][A-Za-z0-9_]*")) {
        throw noSize(text);
      }
      try {
        out = out.times(number ? Dim.of(Long.parseLong(factor)) : Dim.symbol(factor));
      } catch (ArithmeticException e) {
        throw noSize(text).causedBy(e);
      }
    }
    return out;
  }

  private static UserError noSize(String text) {
    return UserError.of("RT0205", "'%s' is no size", text);
  }
}
