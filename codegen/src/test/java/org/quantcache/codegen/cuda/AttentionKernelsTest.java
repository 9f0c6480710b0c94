package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.CrossAttentionSpec;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.ir.types.ScalarType;

class AttentionKernelsTest {
  private static final double SCALE = 0.25;

  private static CudaKernel self(int headDim, int length, ScalarType type) {
    SelfAttentionSpec spec = new SelfAttentionSpec(16, headDim, length, false, false, SCALE, 0);
    return AttentionKernels.of(spec, List.of(type, type));
  }

  private static CudaKernel cross(int headDim, ScalarType q, ScalarType kv, ScalarType result) {
    CrossAttentionSpec spec = new CrossAttentionSpec(16, headDim, 300, false, SCALE);
    return AttentionKernels.of(spec, List.of(q, kv, result));
  }

  private static void assertGeometry(
      CudaKernel kernel, String way, int threads, int shared, int items, int blocks) {
    assertThat(kernel.holes()).containsEntry("way", way);
    assertThat(kernel.threads()).isEqualTo(threads);
    assertThat(kernel.sharedBytes()).isEqualTo(shared);
    assertThat(kernel.itemsPerBlock()).isEqualTo(items);
    assertThat(kernel.blocksPerGroup()).isEqualTo(blocks);
  }

  @Test
  void longSequencesAreCutIntoBlocksOfQueries() {
    assertGeometry(self(72, 1024, BF16), "tiles", 128, 256 * 144, 1, 8);
    assertGeometry(self(128, 1000, BF16), "tiles", 256, 256 * 272, 1, 8);
    assertGeometry(self(32, 64, BF16), "tiles", 128, 192 * 80, 1, 1);
    assertGeometry(self(32, 65, BF16), "tiles", 128, 256 * 80, 1, 1);
    assertGeometry(self(72, 1024, F32), "plain", 128, 96 * 73 * 4, 1, 32);
  }

  @Test
  void warpsTakeShortSequencesWhole() {
    assertGeometry(self(72, 16, BF16), "packed", 128, 4 * 48 * 144, 4, 1);
    assertGeometry(self(72, 32, BF16), "packed", 64, 2 * 96 * 144, 2, 1);
    assertGeometry(self(72, 17, BF16), "packed", 64, 2 * 96 * 144, 2, 1);
    assertGeometry(self(32, 8, BF16), "packed", 128, 4 * 48 * 80, 8, 1);
    assertGeometry(self(32, 3, BF16), "packed", 128, 4 * 48 * 80, 20, 1);
    assertGeometry(self(72, 16, F32), "plain", 64, 80 * 73 * 4, 1, 1);
  }

  @Test
  void blocksOfAttentionToTextFollowItsChunks() {
    assertGeometry(cross(72, BF16, BF16, BF16), "tiles", 128, 256 * 144, 1, 1);
    assertGeometry(cross(72, F32, F32, F32), "plain", 128, 96 * 73 * 4, 1, 4);
    CrossAttentionSpec spec = new CrossAttentionSpec(3, 72, 300, false, SCALE);
    assertThat(spec.workItems(2, AttentionLayout.CHUNK)).isEqualTo(6);
    assertThat(spec.workItems(2, AttentionLayout.CHUNK + 1)).isEqualTo(12);
  }

  @Test
  void whatTensorCoresCannotMultiplyIsComputedInFloats() {
    assertThat(self(20, 64, BF16).holes()).containsEntry("way", "plain");
    assertThat(self(136, 64, BF16).holes()).containsEntry("way", "plain");
    assertThat(cross(72, BF16, F32, BF16).holes()).containsEntry("way", "plain");
    assertThat(cross(72, F32, BF16, BF16).holes()).containsEntry("way", "plain");
    assertThat(cross(72, BF16, BF16, F32).holes()).containsEntry("way", "tiles");
    CrossAttentionSpec negative = new CrossAttentionSpec(16, 72, 300, false, -SCALE);
    assertThat(AttentionKernels.of(negative, List.of(BF16, BF16, BF16)).holes())
        .containsEntry("way", "plain");
  }

  @Test
  void namesTellKindsApart() {
    assertThat(self(72, 16, F32).name()).isEqualTo("self_attention_h16_d72_l16_0_25");
    assertThat(self(72, 16, BF16).name()).isEqualTo("self_attention_h16_d72_l16_0_25_bf16");
    assertThat(cross(72, BF16, BF16, F32).name())
        .isEqualTo("cross_attention_h16_d72_l300_0_25_bf16_bf16_f32");
  }

  @Test
  void instancesAreCompleteWithAndWithoutTables() {
    for (ScalarType type : List.of(F32, BF16)) {
      for (int kind = 0; kind < 4; kind++) {
        boolean norm = (kind & 1) != 0;
        boolean rope = (kind & 2) != 0;
        SelfAttentionSpec spec = new SelfAttentionSpec(4, 32, 8, norm, rope, SCALE, 1e-6);
        List<ScalarType> types = new ArrayList<>(List.of(type, type));
        for (int i = 0; i < (norm ? 2 : 0) + (rope ? 1 : 0); i++) {
          types.add(F32);
        }
        CudaKernel kernel = AttentionKernels.of(spec, types);
        String text = KernelTemplate.of(kernel.family()).fill(kernel.holes());
        assertThat(text.contains("const float* q_norm, const float* k_norm")).isEqualTo(norm);
        assertThat(text.contains("const float* rope")).isEqualTo(rope);
      }
      for (boolean ragged : new boolean[] {false, true}) {
        CrossAttentionSpec spec = new CrossAttentionSpec(4, 32, 8, ragged, SCALE);
        List<ScalarType> types = new ArrayList<>(List.of(type, type, type));
        if (ragged) {
          types.add(I32);
        }
        CudaKernel kernel = AttentionKernels.of(spec, types);
        String text = KernelTemplate.of(kernel.family()).fill(kernel.holes());
        assertThat(text.contains("const int* lengths")).isEqualTo(ragged);
      }
    }
  }

  @Test
  void refusesWhatNoKernelReads() {
    assertThatThrownBy(() -> self(72, 16, F16)).hasMessage("activations of f16");
    assertThatThrownBy(() -> self(264, 16, F32))
        .hasMessage("heads of 264 channels, at most 256 are possible");
    SelfAttentionSpec rope = new SelfAttentionSpec(4, 32, 8, false, true, SCALE, 0);
    assertThatThrownBy(() -> AttentionKernels.of(rope, List.of(F32, F32)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AttentionKernels.of(rope, List.of(BF16, BF16, BF16)))
        .hasMessage("a table of bf16 instead of f32");
  }
}
