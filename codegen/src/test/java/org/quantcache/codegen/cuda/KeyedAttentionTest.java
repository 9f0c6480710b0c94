package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I8;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.codegen.artifact.ArtifactWriter;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.codegen.executor.KeyedAttentionForm;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.Dim;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.reference.ReferenceProgram;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** Attention in two operations on the emulation of a driver, against the reference device and against attention in one. */
@Tag("numerics")
class KeyedAttentionTest {
  /** Sums run in another order than on the reference device; with 16 bits, results may be rounded to the neighbour. */
  private static final double FLOATS = 2e-5;

  private static final double HALVES = 1e-2;

  /** What rounding queries and keys to bytes may change, over the largest number of a result. */
  private static final double BYTES = 4e-2;

  @TempDir
  private static Path folder;

  private static Map<String, Tensor> inputs(Function function, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (Value parameter : function.parameters()) {
      long[] sizes =
          parameter.type().dims().stream().mapToLong(Dim::coefficient).toArray();
      Tensor values = TinyModel.random(random, sizes);
      if (parameter.nameHint().equals("qkv")) {
        // Keys that have much in common, which bytes would spend most of their range on.
        int width = (int) values.size(-1) / 3;
        for (int i = 0; i < values.count(); i++) {
          values.set(i, values.get(i) + (i / width % 3 == 1 ? 5 : 0));
        }
      } else if (parameter.nameHint().equals("rope")) {
        for (int i = 0; i < values.count(); i += 2) {
          double angle = values.get(i);
          values.set(i, Math.cos(angle));
          values.set(i + 1, Math.sin(angle));
        }
      }
      out.put(parameter.nameHint(), values);
    }
    return out;
  }

  /** The largest difference, over the largest number expected. */
  private static double distance(Tensor found, Tensor expected) {
    assertThat(found.sizes()).isEqualTo(expected.sizes());
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.count(); i++) {
      largest = Math.max(largest, Math.abs(expected.get(i)));
      difference = Math.max(difference, Math.abs(found.get(i) - expected.get(i)));
      assertThat(found.get(i)).isFinite();
    }
    return difference / largest;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bothWaysAgreeWithTheReferenceDevice(boolean narrowed) {
    IrModule module = TinyModel.attention(narrowed);
    Path path = folder.resolve("attention-" + narrowed + ".qca");
    ArtifactWriter.writeCuda(
        path,
        module,
        TinyModel.weights(),
        CudaTarget.of(List.of(CudaTarget.EMULATED)),
        new ArtifactWriter.Details("", Map.of(), Map.of()),
        BuildProgress.NONE);
    try (ArtifactReader artifact = ArtifactReader.open(path)) {
      for (Function function : module.functions()) {
        check(artifact, module, function, narrowed ? HALVES : FLOATS);
      }
    }
  }

  private static void check(
      ArtifactReader artifact, IrModule module, Function function, double tolerance) {
    EmulatedDriver.load();
    Map<String, Tensor> inputs = inputs(function, 5);
    Map<String, Tensor> first = null;
    for (long seed : new long[] {1, 2, 77}) {
      EmulatedDriver.setSeed(seed);
      try (CudaProgram program = CudaProgram.load(artifact, function.name());
          ReferenceProgram reference =
              new ReferenceProgram(module, function.name(), TinyModel.weights())) {
        Map<String, Tensor> expected = reference.run(inputs, 1, StepObserver.NONE);
        Map<String, Tensor> found = new LinkedHashMap<>(program.run(inputs, 1, StepObserver.NONE));
        found.replaceAll((name, tensor) -> tensor.as(F32));
        for (String name : List.of("whole", "keyed")) {
          assertThat(distance(found.get(name), expected.get(name)))
              .as("%s of %s", name, function.name())
              .isLessThan(tolerance);
        }
        // A number that lies between two others may be rounded to either of them; all others agree.
        assertThat(distance(found.get("bytes"), expected.get("bytes")))
            .as("bytes of %s", function.name())
            .isLessThan(Math.max(tolerance, 2e-3));
        double rounded = distance(found.get("bytes"), found.get("whole"));
        assertThat(rounded).as("rounding of %s", function.name()).isLessThan(BYTES);
        if (!function.name().equals("one")) {
          assertThat(rounded).as("rounding of %s", function.name()).isGreaterThan(1e-3);
        }
        first = first == null ? found : first;
        for (String name : first.keySet()) {
          assertThat(found.get(name).floats()).containsExactly(first.get(name).floats());
        }
      }
    }
  }

  @Test
  void bytesAreMultipliedAsBytesWhereTensorCoresTakeThem() {
    SelfAttentionSpec spec = new SelfAttentionSpec(16, 72, 1024, false, false, 0.25, 0);
    CudaKernel kernel =
        AttentionKernels.of(new KeyedAttentionForm(spec, true), List.of(BF16, BF16, I8, F32));
    assertThat(kernel.holes()).containsEntry("way", "bytes").containsEntry("key", "s8");
    assertThat(CudaSource.of(List.of(kernel), Map.of())).contains("integer::block<Shape>(");
    // 128 rows of queries of 144 bytes and a scale; 64 keys of 96 bytes, values of 144.
    assertThat(kernel.sharedBytes()).isEqualTo(128 * (144 + 4) + 64 * (112 + 144));
    assertThat(kernel.blocksPerGroup()).isEqualTo(8);
    CudaKernel floats =
        AttentionKernels.of(new KeyedAttentionForm(spec, false), List.of(BF16, BF16, BF16));
    assertThat(floats.holes()).containsEntry("way", "tiles").containsEntry("keys", "FLOATS");
    CudaKernel plain =
        AttentionKernels.of(new KeyedAttentionForm(spec, true), List.of(F32, F32, I8, F32));
    assertThat(plain.holes()).containsEntry("way", "plain").containsEntry("keys", "BYTES");
  }
}
