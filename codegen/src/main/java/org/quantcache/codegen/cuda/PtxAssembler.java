package org.quantcache.codegen.cuda;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.quantcache.codegen.cuda.CudaCompiler.Compiled;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.natives.CompilerNatives;

/**
 * NVIDIA's assembler of CUDA 12.0 as JCuda's natives bring it: from PTX to machine code with no toolkit and no driver,
 * for cards up to Hopper.
 */
final class PtxAssembler {
  /** The cards that it knows of {@link CudaTarget#ARCHITECTURES}. */
  static final List<String> CARDS = List.of("sm_80", "sm_86", "sm_89", "sm_90a");

  /** The newest version of PTX that it reads. */
  private static final float NEWEST = 8.0f;

  private static final Pattern VERSION = Pattern.compile("(?m)^\\.version\\s+(\\d+\\.\\d)");

  private PtxAssembler() {}

  /** Name and version. @throws UserError RT0401 to RT0403 */
  static String version() {
    CompilerNatives.loadPtxCompiler();
    int[] major = {0};
    int[] minor = {0};
    require(JNvPTXCompiler.nvPTXCompilerGetVersion(major, minor));
    return "ptxas " + major[0] + "." + minor[0];
  }

  /**
   * Machine code for a card. PTX of a later version counts as {@value #NEWEST}, as nearly all of it is.
   *
   * @throws UserError CG0403 for instructions or cards that it does not know, RT0401 to RT0403
   */
  static Compiled cubin(byte[] ptx, String architecture) {
    CompilerNatives.loadPtxCompiler();
    byte[] text = (readable(new String(ptx, StandardCharsets.US_ASCII)) + "\0")
        .getBytes(StandardCharsets.US_ASCII);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    require(JNvPTXCompiler.nvPTXCompilerCreate(handle, text.length, text));
    try {
      String[] options = {"--gpu-name=" + architecture, "--verbose"};
      int status = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
      if (status != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
        String told = text(
            handle,
            JNvPTXCompiler::nvPTXCompilerGetErrorLogSize,
            JNvPTXCompiler::nvPTXCompilerGetErrorLog);
        throw CompilerMessages.refused(
            version(), architecture, told.isBlank() ? nvPTXCompileResult.stringFor(status) : told);
      }
      String told = text(
          handle,
          JNvPTXCompiler::nvPTXCompilerGetInfoLogSize,
          JNvPTXCompiler::nvPTXCompilerGetInfoLog);
      long[] bytes = {0};
      require(JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(handle, bytes));
      byte[] code = new byte[Math.toIntExact(bytes[0])];
      require(JNvPTXCompiler.nvPTXCompilerGetCompiledProgram(handle, code));
      return new Compiled(code, ResourceUsage.parse(told));
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    }
  }

  /** The text with a version that this assembler reads. */
  static String readable(String ptx) {
    return VERSION.matcher(ptx).replaceFirst(found -> {
      float version = Float.parseFloat(found.group(1));
      return version > NEWEST ? ".version " + NEWEST : found.group();
    });
  }

  @FunctionalInterface
  private interface Size {
    int of(nvPTXCompilerHandle handle, long[] bytes);
  }

  @FunctionalInterface
  private interface Content {
    int of(nvPTXCompilerHandle handle, byte[] bytes);
  }

  private static String text(nvPTXCompilerHandle handle, Size size, Content content) {
    long[] bytes = {0};
    require(size.of(handle, bytes));
    // One more for the zero at the end.
    byte[] text = new byte[Math.toIntExact(bytes[0]) + 1];
    if (bytes[0] > 0) {
      require(content.of(handle, text));
    }
    return new String(text, 0, text.length - 1, StandardCharsets.UTF_8);
  }

  private static void require(int status) {
    if (status != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
      throw UserError.of("CG0403", "ptxas fails: %s", nvPTXCompileResult.stringFor(status));
    }
  }
}
