package org.quantcache.kernels.cpu;

import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncFree;
import static org.bytedeco.tvm.global.tvm_runtime.TVMModFree;
import static org.bytedeco.tvm.global.tvm_runtime.TVMModGetFunction;
import static org.bytedeco.tvm.global.tvm_runtime.TVMModLoadFromFile;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMModuleHandle;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/** A shared library of kernels that was compiled ahead of time. */
public final class KernelLibrary implements AutoCloseable {
  private final TVMModuleHandle module;
  private final Map<String, TVMFunctionHandle> functions = new LinkedHashMap<>();

  private KernelLibrary(TVMModuleHandle module) {
    this.module = module;
  }

  /** Loads a library. @throws UserError RT0412 when the system refuses it */
  public static KernelLibrary load(Path file) {
    TvmNatives.load(NativeMode.RUNTIME);
    TVMModuleHandle out = new TVMModuleHandle();
    try {
      TvmCalls.check(TVMModLoadFromFile(file.toAbsolutePath().toString(), "so", out));
    } catch (IllegalStateException e) {
      throw UserError.of("RT0412", "cannot load the kernels %s: %s", file, e.getMessage())
          .withHint("compile the model again on this machine")
          .causedBy(e);
    }
    return new KernelLibrary(new TvmCalls.ModuleAt(out.address()));
  }

  /** A kernel by name. @throws UserError RT0413 when the library has none of this name */
  public TVMFunctionHandle function(String name) {
    return functions.computeIfAbsent(name, key -> {
      TVMFunctionHandle out = new TVMFunctionHandle();
      TvmCalls.check(TVMModGetFunction(module, key, 0, out));
      if (out.isNull()) {
        throw UserError.of("RT0413", "the kernel library has no function '%s'", key);
      }
      return new TvmCalls.FunctionAt(out.address());
    });
  }

  @Override
  public void close() {
    functions.values().forEach(f -> TvmCalls.check(TVMFuncFree(f)));
    functions.clear();
    TvmCalls.check(TVMModFree(module));
  }
}
