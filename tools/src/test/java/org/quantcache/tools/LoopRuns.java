package org.quantcache.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.cuda.CudaTarget;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.instruments.VerifyEach;
import org.quantcache.passes.pipelines.AllPasses;

/** Runs a loop of the original code's cases with and without passes that decide at run time, on both devices. */
final class LoopRuns {
  /** Told of the program without and the one with such passes. */
  interface Check {
    void of(Program plain, Program deciding);
  }

  private LoopRuns() {}

  static void onTheReferenceDevice(LoopCase loop, String passes, String deciding, Check check) {
    try (Program plain = reference(loop, passes);
        Program other = reference(loop, passes + "," + deciding)) {
      check.of(plain, other);
    }
  }

  private static Program reference(LoopCase loop, String passes) {
    IrModule module = loop.lift();
    run(AllPasses.parse(passes), module);
    return new ReferenceProgram(module, "sample", loop.weights());
  }

  static void run(Pipeline pipeline, IrModule module) {
    new PassManager(StandardOps.registry(), List.of(new VerifyEach())).run(pipeline, module);
  }

  static void onTheCpuDevice(
      LoopCase loop, Path folder, String passes, String deciding, Check check) {
    try (ArtifactReader plainArtifact =
            ArtifactReader.open(compile(loop, passes, folder.resolve("plain.qca")));
        ArtifactReader otherArtifact = ArtifactReader.open(
            compile(loop, passes + "," + deciding, folder.resolve("deciding.qca")));
        Program plain = CpuProgram.load(plainArtifact, "sample", 2);
        Program other = CpuProgram.load(otherArtifact, "sample", 2)) {
      check.of(plain, other);
    }
  }

  /** On the emulation of a driver. */
  static void onTheCudaDevice(
      LoopCase loop, Path folder, String passes, String deciding, Check check) {
    try (ArtifactReader plainArtifact =
            ArtifactReader.open(compileForCuda(loop, passes, folder.resolve("plain.qca")));
        ArtifactReader otherArtifact = ArtifactReader.open(
            compileForCuda(loop, passes + "," + deciding, folder.resolve("deciding.qca")));
        Program plain = CudaProgram.load(plainArtifact, "sample");
        Program other = CudaProgram.load(otherArtifact, "sample")) {
      check.of(plain, other);
    }
  }

  private static Path compileForCuda(LoopCase loop, String passes, Path out) {
    IrModule module = loop.lift();
    Pipeline pipeline = AllPasses.parse(passes + "," + AllPasses.CUDA_PASSES);
    run(pipeline, module);
    ArtifactWriter.writeCuda(
        out,
        module,
        loop.weights(),
        CudaTarget.of(List.of(CudaTarget.EMULATED)),
        new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
        BuildProgress.NONE);
    return out;
  }

  private static Path compile(LoopCase loop, String passes, Path out) {
    IrModule module = loop.lift();
    run(AllPasses.parse(passes), module);
    return compile(module, loop.weights(), out);
  }

  /** Lowers a module and writes its artifact, which it returns. */
  static Path compile(IrModule module, WeightStore weights, Path out) {
    CpuTarget target = CpuTarget.host();
    Pipeline pipeline = AllPasses.parse(AllPasses.targetPasses(target.panelWidth()));
    run(pipeline, module);
    ArtifactWriter.writeCpu(
        out,
        module,
        weights,
        target,
        new ArtifactWriter.Details(pipeline.text(), Map.of(), Map.of()),
        BuildProgress.NONE);
    return out;
  }

  /** One run: the bits of its results, and what it decided. */
  record Run(Map<String, ByteBuffer> bits, List<DecisionTrace> traces) {
    static Run of(Program program, LoopCase loop, int steps, DecisionMode mode) {
      List<DecisionTrace> traces = new ArrayList<>();
      Map<String, Tensor> results = program.run(
          loop.inputs(),
          steps,
          new StepObserver() {
            @Override
            public void decided(DecisionTrace trace) {
              traces.add(trace);
            }
          },
          mode);
      Map<String, ByteBuffer> bits = new LinkedHashMap<>();
      results.forEach((name, tensor) -> {
        ByteBuffer copy = ByteBuffer.allocate(tensor.data().capacity());
        copy.put(tensor.data().duplicate().rewind()).rewind();
        bits.put(name, copy);
      });
      return new Run(bits, traces);
    }

    DecisionTrace trace() {
      assertThat(traces).hasSize(1);
      return traces.get(0);
    }
  }
}
