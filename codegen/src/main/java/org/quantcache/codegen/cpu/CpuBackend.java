package org.quantcache.codegen.cpu;

import java.util.List;
import org.quantcache.codegen.executor.Executors;
import org.quantcache.codegen.tir.CpuCompiler;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.ir.core.IrModule;

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
   * @param executors what launches them
   * @param workspaceBytes scratch memory that each worker needs
   */
  public record Output(
      byte[] sharedObject, String kernelList, Executors executors, long workspaceBytes) {}

  /** Generates and compiles. @throws UserError CG01xx, CG02xx */
  public Output compile(IrModule module, CpuCompiler.Progress progress) {
    CpuKernels kernels = new CpuKernels(target);
    Executors executors = Executors.of(module, kernels);
    List<KernelSpec> specs = kernels.specs();
    CpuCompiler.Compiled compiled = new CpuCompiler(target).compile(specs, progress);
    long workspace =
        specs.stream().mapToLong(s -> s.workspaceBytes(target)).max().orElse(0);
    return new Output(compiled.sharedObject(), compiled.source(), executors, workspace);
  }

  /** Executors that tell of each operation, for the kernels of an artifact that {@link #compile} made. @throws UserError CG01xx, CG02xx */
  public Executors watched(IrModule module) {
    return Executors.watched(module, new CpuKernels(target));
  }
}
