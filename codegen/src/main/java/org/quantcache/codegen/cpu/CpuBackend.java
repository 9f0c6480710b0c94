package org.quantcache.codegen.cpu;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.tir.CpuCompiler;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;

/** From a planned module to machine code and executors. */
public final class CpuBackend {
  private final CpuTarget target;

  public CpuBackend(CpuTarget target) {
    this.target = target;
  }

  /**
   * The parts of an artifact that run.
   *
   * @param sharedObject all kernels, linked
   * @param kernelList the kernels, one a line
   * @param sources Java source by simple class name
   * @param classes class files by simple class name
   * @param executors class name by function
   * @param workspaceBytes scratch memory that each worker needs
   */
  public record Output(
      byte[] sharedObject,
      String kernelList,
      Map<String, String> sources,
      Map<String, byte[]> classes,
      Map<String, String> executors,
      long workspaceBytes) {
    public Output {
      sources = ImmutableMap.copyOf(sources);
      classes = ImmutableMap.copyOf(classes);
      executors = ImmutableMap.copyOf(executors);
    }
  }

  /** Operations that the backend has a kernel or host routine for. */
  static Map<String, OpEmitter> emitters() {
    Map<String, OpEmitter> table = new LinkedHashMap<>();
    KernelEmitters.register(table);
    QuantEmitters.register(table);
    CopyEmitters.register(table);
    HostEmitters.register(table);
    CacheEmitters.register(table);
    PruneEmitters.register(table);
    return table;
  }

  /** Generates and compiles. @throws UserError CG01xx, CG02xx */
  public Output compile(IrModule module, CpuCompiler.Progress progress) {
    if (!Stage.of(module).contains(Stage.PLANNED)) {
      throw UserError.of(
              "CG0207",
              "module @%s has no memory plan, its stages are %s",
              module.name(),
              Stage.of(module).stream().map(Stage::text).toList())
          .withHint("run lower,memory-plan");
    }
    Map<String, KernelSpec> kernels = Emission.kernelTable();
    Map<String, String> sources = new LinkedHashMap<>();
    Map<String, String> executors = new LinkedHashMap<>();
    for (Function function : module.functions()) {
      String name = ExecutorSource.className(function);
      if (sources.containsKey(name)) {
        throw UserError.of(
            "CG0208",
            "two functions would have the executor %s, one is @%s",
            name,
            function.name());
      }
      sources.put(name, new ExecutorSource(module, function, target, emitters(), kernels).write());
      executors.put(function.name(), ExecutorSource.PACKAGE + "." + name);
    }
    List<KernelSpec> specs = new ArrayList<>(kernels.values());
    CpuCompiler.Compiled compiled =
        new CpuCompiler(target).compile(ImmutableList.copyOf(specs), progress);
    long workspace =
        specs.stream().mapToLong(s -> s.workspaceBytes(target)).max().orElse(0);
    return new Output(
        compiled.sharedObject(),
        compiled.source(),
        sources,
        JavaSources.compile(ExecutorSource.PACKAGE, sources),
        executors,
        workspace);
  }
}
