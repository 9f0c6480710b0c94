package org.quantcache.kernels.cuda;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;

/** The kernels of an artifact on a device, and how they are launched. The owner closes it. */
public final class KernelSet implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final CudaModule module;
  private final int multiprocessors;
  private final Map<String, KernelGeometry> geometry;

  private KernelSet(CudaModule module, int multiprocessors, Map<String, KernelGeometry> geometry) {
    this.module = module;
    this.multiprocessors = multiprocessors;
    this.geometry = geometry;
  }

  /** Loads what fits the device. @throws UserError RT0509, RT0514, RT0205 */
  public static KernelSet load(CudaDevice device, ArtifactReader artifact) {
    List<KernelGeometry> kernels;
    try {
      kernels =
          JSON.readValue(artifact.bytes(ArtifactLayout.CUDA_GEOMETRY), new TypeReference<>() {});
    } catch (IOException e) {
      throw UserError.of(
              "RT0205", "%s of %s is unreadable", ArtifactLayout.CUDA_GEOMETRY, artifact.path())
          .withHint("compile the model again")
          .causedBy(e);
    }
    String entry = CodeChoice.entry(device, artifact);
    return new KernelSet(
        new CudaModule(device, artifact.path() + "!" + entry, artifact.bytes(entry)),
        device.multiprocessors(),
        geometry(kernels, entry));
  }

  /** How the machine code of an entry is launched, by name of the kernel: as its card says, else as all others do. */
  static Map<String, KernelGeometry> geometry(List<KernelGeometry> kernels, String entry) {
    Map<String, KernelGeometry> out = new LinkedHashMap<>();
    for (KernelGeometry kernel : kernels) {
      if (ArtifactLayout.cubin(kernel.card()).equals(entry)) {
        out.put(kernel.name(), kernel);
      } else if (kernel.card().isEmpty()) {
        out.putIfAbsent(kernel.name(), kernel);
      }
    }
    return out;
  }

  /** Starts a launch. @throws UserError RT0510 for a kernel that the artifact does not hold */
  public CudaLaunch.Builder launch(String name) {
    return CudaLaunch.of(module.function(name));
  }

  /**
   * Cuts a launch into blocks over {@code items}, the last parameter of every kernel.
   *
   * @throws UserError RT0510 for a kernel that the artifact does not hold
   */
  public CudaLaunch.Builder over(long items, CudaLaunch.Builder launch) {
    KernelGeometry kernel = Optional.ofNullable(geometry.get(launch.name()))
        .orElseThrow(
            () -> UserError.of("RT0510", "the artifact holds no kernel '%s'", launch.name())
                .withHint("compile the model again"));
    return launch
        .integer(items)
        .geometry(kernel.blocks(items, multiprocessors), kernel.threads(), kernel.sharedBytes());
  }

  @Override
  public void close() {
    module.close();
  }
}
