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
  private final Map<String, KernelGeometry> geometry = new LinkedHashMap<>();

  private KernelSet(CudaModule module, List<KernelGeometry> kernels) {
    this.module = module;
    kernels.forEach(kernel -> geometry.put(kernel.name(), kernel));
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
        new CudaModule(device, artifact.path() + "!" + entry, artifact.bytes(entry)), kernels);
  }

  /** Starts a launch. @throws UserError RT0510 for a kernel that the artifact does not hold */
  public CudaLaunch.Builder launch(String name) {
    return CudaLaunch.of(module.function(name));
  }

  /** How a kernel is launched. @throws UserError RT0510 for one that the artifact does not hold */
  public KernelGeometry geometry(String name) {
    return Optional.ofNullable(geometry.get(name))
        .orElseThrow(() -> UserError.of("RT0510", "the artifact holds no kernel '%s'", name)
            .withHint("compile the model again"));
  }

  @Override
  public void close() {
    module.close();
  }
}
