package org.quantcache.codegen.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.executor.ProgramContract;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cpu.CpuProgram;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** Programs of the cpu device: alike for any number of workers, with weights that can be replaced. */
class CpuProgramTest extends ProgramContract {
  @TempDir
  private static Path folder;

  private static ArtifactReader artifact;

  @BeforeAll
  static void compile() {
    TvmNatives.load(NativeMode.COMPILER);
    CpuTarget target = CpuTarget.host();
    Path path = folder.resolve("tiny.qca");
    ArtifactWriter.writeCpu(
        path,
        TinyModel.planned(target),
        TinyModel.weights(),
        target,
        new ArtifactWriter.Details("@none", Map.of(), Map.of()),
        BuildProgress.NONE);
    artifact = ArtifactReader.open(path);
  }

  @AfterAll
  static void close() {
    artifact.close();
  }

  @Override
  protected ArtifactReader artifact() {
    return artifact;
  }

  @Override
  protected CompiledProgram load(ArtifactReader from, String function) {
    return CpuProgram.load(from, function, 2);
  }

  @Test
  void runsRepeatBitByBitForAnyNumberOfWorkers() {
    Map<String, Tensor> inputs = sampleInputs(5, 6, 4);
    float[] first = null;
    for (int workers = 1; workers <= 3; workers++) {
      try (CpuProgram program = CpuProgram.load(artifact, "sample", workers)) {
        for (int round = 0; round < 3; round++) {
          float[] found =
              program.run(inputs, 4, StepObserver.NONE).get("output").floats();
          first = first == null ? found : first;
          assertThat(found).containsExactly(first);
        }
      }
    }
  }

  @Test
  void aReplacedWeightCountsUntilItIsTakenAway() {
    try (CpuProgram program = CpuProgram.load(artifact, "sample", 2)) {
      Map<String, Tensor> inputs = sampleInputs(5, 6, 4);
      float[] exact = program.run(inputs, 2, StepObserver.NONE).get("output").floats();
      ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
      try (SafeTensorsFile weights =
          SafeTensorsFile.open(window.file(), window.offset(), window.bytes())) {
        int changed = 0;
        for (String name : weights.keys()) {
          ByteBuffer zeros =
              ByteBuffer.allocate((int) weights.find(name).orElseThrow().info().bytes());
          program.replaceWeight(name, zeros);
          float[] found =
              program.run(inputs, 2, StepObserver.NONE).get("output").floats();
          changed += Arrays.equals(found, exact) ? 0 : 1;
          program.restoreWeight(name);
          assertThat(program.run(inputs, 2, StepObserver.NONE).get("output").floats())
              .containsExactly(exact);
          assertThatThrownBy(() -> program.replaceWeight(name, ByteBuffer.allocate(3)))
              .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(changed).isPositive();
      }
    }
  }
}
