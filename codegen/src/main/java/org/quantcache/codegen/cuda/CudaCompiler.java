package org.quantcache.codegen.cuda;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes code for cards, which need not be there, out of the source of kernels. Threads may share one. */
public interface CudaCompiler {
  /** Cards that are not known yet translate code of this form themselves. */
  String VIRTUAL = "compute_80";

  /**
   * What came out.
   *
   * @param code cubin or PTX
   * @param usage of each kernel; empty for PTX
   */
  record Compiled(byte[] code, List<ResourceUsage> usage) {}

  /**
   * Name and version, such as {@code nvcc 13.0.88}.
   *
   * @throws org.quantcache.ir.diagnostics.UserError CG0402 when it does not run
   */
  String version();

  /** All that its results depend on beside source and architecture, as a text: version and options. */
  String identity();

  /**
   * Whether it knows the products of warpgroups that {@code device.cuh} is written in, for {@link CudaTarget#WARPGROUPS}:
   * unsigned by signed bytes came with PTX 8.4, of CUDA 12.4.
   */
  boolean knowsWarpgroups();

  /** Whether a version such as {@code nvcc 13.0.88} is that of CUDA 12.4 or newer. */
  static boolean isWithWarpgroups(String version) {
    Matcher numbers = Pattern.compile("(\\d+)\\.(\\d+)").matcher(version);
    if (!numbers.find()) {
      throw new IllegalArgumentException("no version: " + version);
    }
    int major = Integer.parseInt(numbers.group(1));
    return major > 12 || major == 12 && Integer.parseInt(numbers.group(2)) >= 4;
  }

  /**
   * Machine code for a card.
   *
   * @param architecture such as {@code sm_80}
   * @throws org.quantcache.ir.diagnostics.UserError CG0403 when it refuses the source or does not know the card, CG0103
   */
  Compiled cubin(String source, String architecture);

  /** Code that drivers translate. @throws org.quantcache.ir.diagnostics.UserError as {@link #cubin} */
  byte[] ptx(String source);
}
