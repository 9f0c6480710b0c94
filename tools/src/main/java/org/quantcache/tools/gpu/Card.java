package org.quantcache.tools.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.CudaDevice;

/**
 * The card of this machine.
 *
 * @param name as its driver calls it
 * @param computeCapability such as 9.0
 * @param multiprocessors how many it has
 * @param memoryMebibytes all of it
 * @param cuda newest version of CUDA that the driver knows
 * @param clockMegahertz highest clock of the multiprocessors, 0 where the driver does not tell
 * @param memoryClockMegahertz the same of the memory
 * @param emulated whether a processor stands in for it
 */
public record Card(
    String name,
    String computeCapability,
    int multiprocessors,
    long memoryMebibytes,
    String cuda,
    int clockMegahertz,
    int memoryClockMegahertz,
    boolean emulated) {
  /** Errors that mean that there is none. */
  private static final List<String> MISSING = List.of("RT0501", "RT0504");

  /** What a device says of itself. */
  public static Card of(CudaDevice device) {
    return new Card(
        device.name(),
        device.computeCapability() / 10 + "." + device.computeCapability() % 10,
        device.multiprocessors(),
        device.totalBytes() >> 20,
        device.driverVersion() / 1000 + "." + device.driverVersion() % 1000 / 10,
        device.clockMegahertz(),
        device.memoryClockMegahertz(),
        device.isEmulated());
  }

  /**
   * Why there is no card, in one line; empty when there is one.
   *
   * @throws UserError RT0401 to RT0403, RT0503, RT0505, RT0508 when there is one that cannot be used
   */
  public static Optional<String> missing() {
    try {
      CudaDevice.open().close();
      return Optional.empty();
    } catch (UserError e) {
      if (MISSING.contains(e.code())) {
        return Optional.of("no GPU: " + e.getMessage());
      }
      throw e;
    }
  }

  /** One line. */
  public String text() {
    return "%s, compute capability %s, %d MiB, driver for CUDA %s"
        .formatted(name, computeCapability, memoryMebibytes, cuda);
  }

  /** For JSON. */
  public Map<String, Object> facts() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("device", name);
    out.put("compute_capability", computeCapability);
    out.put("multiprocessors", multiprocessors);
    out.put("memory_mib", memoryMebibytes);
    out.put("driver_cuda", cuda);
    out.put("clock_mhz", clockMegahertz);
    out.put("memory_clock_mhz", memoryClockMegahertz);
    out.put("emulated", emulated);
    return out;
  }
}
