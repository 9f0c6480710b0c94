package org.quantcache.kernels.cpu;

import static org.bytedeco.tvm.global.tvm_runtime.TVMGetLastError;

import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMModuleHandle;

/** Small things that every call into TVM needs. */
public final class TvmCalls {
  /** Argument code of a whole number. */
  public static final int INT = 0;

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

  private static String firstLine(String message) {
    String text = message.strip();
    int last = text.lastIndexOf('\n');
    String reason = last >= 0 ? text.substring(last + 1).strip() : text;
    return reason.isEmpty() ? text.lines().findFirst().orElse("unknown failure") : reason;
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
