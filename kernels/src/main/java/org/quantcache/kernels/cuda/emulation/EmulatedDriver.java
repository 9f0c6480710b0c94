package org.quantcache.kernels.cuda.emulation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.natives.CudaNatives;
import org.quantcache.kernels.natives.NativeCache;

/**
 * A CUDA driver that runs kernels on the processor, one fiber for each CUDA thread. It finds what a GPU would leave to
 * chance: barriers and waits that are missing, memory that is read before it is written, writes beside an allocation.
 * {@link #load()} comes before anything asks for a device; then {@code CudaDevice.open()} opens this one.
 */
public final class EmulatedDriver {
  private static final String HEADER = "host.h";
  private static final String LAYOUT = "launch.h";
  private static final String DRIVER = "driver.cpp";
  private static final String KERNELS = "kernels.cpp";
  private static final List<String> DRIVER_OPTIONS = List.of("-Wl,-soname,libcuda.so.1", "-ldl");

  /** Arithmetic as written, one rounding for each operation; modules that can be unloaded. */
  private static final List<String> KERNEL_OPTIONS =
      List.of("-ffp-contract=off", "-fno-math-errno", "-fno-gnu-unique", "-lm");

  private EmulatedDriver() {}

  /** The C++ compiler that it needs, as it names itself; empty when there is none. */
  public static Optional<String> compilerVersion() {
    return HostCompiler.version();
  }

  /**
   * Puts the emulation in place of a driver; does nothing when it is there.
   *
   * @throws UserError RT0502 when the process holds NVIDIA's driver, RT0511 without a C++ compiler, RT0513 when the
   *     cache cannot be written, RT0401 to RT0403 when JCuda's library cannot be loaded
   */
  public static void load() {
    Map<String, String> sources = new LinkedHashMap<>();
    sources.put(DRIVER, resource(DRIVER));
    sources.put(LAYOUT, resource(LAYOUT));
    CudaNatives.loadOver(build("cuda-driver", "libcuda.so.1", sources, DRIVER, DRIVER_OPTIONS));
  }

  /**
   * Compiles kernels for the emulation.
   *
   * @param text kernels in the words of {@code device.cuh}, each followed by {@code QC_REGISTER(name)}
   * @return an image for {@code CudaModule}
   * @throws UserError RT0511 without a C++ compiler, RT0512 when it refuses the text, RT0513 when the cache cannot be
   *     written
   */
  public static byte[] compile(String text) {
    Map<String, String> sources = new LinkedHashMap<>();
    sources.put(KERNELS, "#include \"" + HEADER + "\"\n#line 1 \"kernels\"\n" + text);
    sources.put(HEADER, resource(HEADER));
    sources.put(LAYOUT, resource(LAYOUT));
    Path library = build("cuda-module", "module.so", sources, KERNELS, KERNEL_OPTIONS);
    try {
      return Files.readAllBytes(library);
    } catch (IOException e) {
      throw notWritten(library, e);
    }
  }

  /** Chooses the order of blocks, warps and lanes of the launches that follow. The same seed gives the same order. */
  public static void setSeed(long seed) {
    setSeedOfDriver(seed);
  }

  /** Sets how much memory the device has, in bytes; 4 GiB at first. */
  public static void setCapacity(long bytes) {
    setCapacityOfDriver(bytes);
  }

  /**
   * Sets what the driver and the device say they are, for devices that are opened from now on.
   *
   * @param driver newest CUDA version, as 1000 major + 10 minor; 12060 at first
   * @param capability compute capability, as 10 major + minor; 80 at first
   */
  public static void setVersions(int driver, int capability) {
    setVersionsOfDriver(driver, capability);
  }

  /** What was asked of the driver, or taken from it, since the process began. */
  public static long count(DriverCounter counter) {
    return countOfDriver(counter.ordinal());
  }

  private static native void setVersionsOfDriver(int driver, int capability);

  private static native void setSeedOfDriver(long seed);

  private static native void setCapacityOfDriver(long bytes);

  private static native long countOfDriver(int counter);

  private static Path build(
      String name, String library, Map<String, String> sources, String main, List<String> options) {
    NativeCache cache = NativeCache.ofUser(System.getenv());
    List<String> texts = new ArrayList<>(sources.values());
    texts.add(HostCompiler.identity(options));
    try {
      return cache
          .make(
              name + "-" + NativeCache.key(texts),
              folder -> Files.isRegularFile(folder.resolve(library)),
              folder -> {
                for (Map.Entry<String, String> source : sources.entrySet()) {
                  Files.writeString(folder.resolve(source.getKey()), source.getValue());
                }
                HostCompiler.build(folder.resolve(main), folder.resolve(library), options);
              })
          .resolve(library);
    } catch (IOException e) {
      throw notWritten(cache.root(), e);
    }
  }

  private static UserError notWritten(Path where, IOException cause) {
    return UserError.of("RT0513", "cannot build in %s: %s", where, cause.getMessage())
        .withHint("free some disk space, or choose another folder with -Dquantcache.cache=FOLDER")
        .causedBy(cause);
  }

  private static String resource(String name) {
    String path = "/org/quantcache/kernels/cuda/emulation/" + name;
    try (InputStream in = EmulatedDriver.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the resource " + path, e);
    }
  }
}
