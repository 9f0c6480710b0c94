package org.quantcache.kernels.cpu;

import static org.bytedeco.tvm.global.tvm_runtime.TVMGetLastError;

import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMModuleHandle;

/** Small things that every call into TVM needs. */
public final class TvmCalls {
  /** Argument code of a whole number. */
  public static final int INT = 0;

  /** Code of an argument that is a floating-point number. */
  public static final int REAL = 2;

  /** Argument code of a float. */
  public static final int FLOAT = 2;

  /** Argument code of a plain pointer. */
  public static final int POINTER = 3;

  private TvmCalls() {}

  /** @throws IllegalStateException with TVM's first line when {@code code} says that a call failed */
  public static void check(int code) {
    if (code != 0) {
      throw new IllegalStateException("TVM: " + firstLine(TVMGetLastError().getString()));
    }
  }

  /** The line that says what went wrong: TVM puts a native stack trace around it. */
  private static String firstLine(String message) {
    return message
        .lines()
        .map(String::strip)
        .filter(line -> line.contains("Error:") || line.contains("Check failed"))
        .reduce((first, last) -> last)
        .orElseGet(() -> message.lines().findFirst().orElse("unknown failure"));
  }

  /** A function handle with a known address. */
  public static final class FunctionAt extends TVMFunctionHandle {
    public FunctionAt(long address) {
      this.address = address;
    }
  }

  /** A module handle with a known address. */
  public static final class ModuleAt extends TVMModuleHandle {
    public ModuleAt(long address) {
      this.address = address;
    }
  }
}
