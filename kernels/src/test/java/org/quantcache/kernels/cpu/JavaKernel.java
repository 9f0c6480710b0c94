package org.quantcache.kernels.cpu;

import static org.bytedeco.tvm.global.tvm_runtime.TVMAPISetLastError;
import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncCreateFromCFunc;
import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncFree;

import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMPackedCFunc;
import org.bytedeco.tvm.TVMPackedCFuncFinalizer;
import org.bytedeco.tvm.TVMRetValueHandle;
import org.bytedeco.tvm.TVMValue;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/** A kernel whose body is Java, called by way of the native calling convention; for tests. */
final class JavaKernel implements AutoCloseable {
  /** Work on items {@code lo..hi} with the first argument and the worker's scratch memory. */
  @FunctionalInterface
  interface Body {
    void run(long argument, long workspace, long lo, long hi);
  }

  private static final String LOAD_LIBRARIES = "org.bytedeco.javacpp.loadLibraries";

  private final Callback callback;
  private final TVMFunctionHandle function;

  JavaKernel(Body body) {
    TvmNatives.load(NativeMode.RUNTIME);
    // The binding of callbacks must not go looking for a library of its own.
    String before = System.getProperty(LOAD_LIBRARIES, "true");
    System.setProperty(LOAD_LIBRARIES, "false");
    callback = new Callback(body);
    System.setProperty(LOAD_LIBRARIES, before);
    TVMFunctionHandle out = new TVMFunctionHandle();
    TvmCalls.check(TVMFuncCreateFromCFunc(callback, null, (TVMPackedCFuncFinalizer) null, out));
    function = new TvmCalls.FunctionAt(out.address());
  }

  /** A launch of this kernel with one argument. */
  KernelLaunch.Builder launch(long argument) {
    return KernelLaunch.of("java", function).pointer(argument);
  }

  @Override
  public void close() {
    TvmCalls.check(TVMFuncFree(function));
    callback.deallocate();
  }

  private static final class Callback extends TVMPackedCFunc {
    private final Body body;

    Callback(Body body) {
      this.body = body;
    }

    @Override
    public int call(
        TVMValue values, IntPointer codes, int count, TVMRetValueHandle result, Pointer resource) {
      long[] arguments = new long[count];
      for (int i = 0; i < count; i++) {
        arguments[i] = values.position(i).v_int64();
      }
      try {
        body.run(arguments[0], arguments[count - 3], arguments[count - 2], arguments[count - 1]);
        return 0;
      } catch (IllegalStateException e) {
        TVMAPISetLastError(e.getMessage());
        return -1;
      }
    }
  }
}
