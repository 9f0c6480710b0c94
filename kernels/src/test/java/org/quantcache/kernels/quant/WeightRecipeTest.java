package org.quantcache.kernels.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

class WeightRecipeTest {
  private static final int N = 5;
  private static final int K = 16;

  private final Random random = new Random(4);
  private final float[] weight = floats(N * K);
  private final float[] columns = positive(K);
  private final float[] outputs = positive(N);
  private final StoredVectors store = new StoredVectors()
      .with("w", weight, N, K)
      .with("c", columns, K)
      .with("o", outputs, N)
      .with("bias", outputs, N);

  private float[] floats(int count) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  private float[] positive(int count) {
    float[] out = floats(count);
    for (int i = 0; i < count; i++) {
      out[i] = 0.1f + Math.abs(out[i]);
    }
    return out;
  }

  static Attributes definition(String attributes) {
    String text = "module @m { weight.def @w <" + attributes + "> }";
    Operation global =
        IrParser.parse(text, "test", StandardOps.registry()).globals().get(0);
    return global.attributes();
  }

  private WeightRecipe recipe(String attributes) {
    return WeightRecipe.of(definition(attributes), store::find);
  }

  @Test
  void aBalancedAndRotatedProductIsTheProduct() {
    float[] x = floats(K);
    float[] inverse = new float[K];
    for (int k = 0; k < K; k++) {
      inverse[k] = 1 / columns[k];
    }
    for (int block : new int[] {2, 8, 16}) {
      WeightRecipe recipe =
          recipe("columns = \"c\", hadamard = " + block + ", key = \"w\", type = f32[5, 16]");
      float[] turned = x.clone();
      RowQuantizer.prepare(turned, K, inverse, block);
      float[] row = new float[K];
      for (int n = 0; n < N; n++) {
        recipe.floats(n, row);
        double expected = 0;
        double found = 0;
        for (int k = 0; k < K; k++) {
          expected += (double) x[k] * weight[n * K + k];
          found += (double) turned[k] * row[k];
        }
        assertThat(found).isCloseTo(expected, Offset.offset(1e-5));
      }
    }
  }

  @Test
  void selectedRowsAreScaledByTheirPlaceInTheResult() {
    WeightRecipe recipe =
        recipe("key = \"w\", outputs = \"o\", rows = [4, 0, 0, 3, 1], type = f16[5, 16]");
    assertThat(recipe.outputs()).isEqualTo(5);
    float[] row = new float[K];
    recipe.floats(3, row);
    for (int k = 0; k < K; k++) {
      assertThat(row[k]).isCloseTo(weight[3 * K + k] * outputs[3], Offset.offset(1e-6f));
    }
  }

  @Test
  void aBiasIsScaledToo() {
    WeightRecipe recipe = recipe("key = \"bias\", outputs = \"o\", type = f32[5]");
    float[] one = new float[1];
    recipe.floats(2, one);
    assertThat(one[0]).isCloseTo(outputs[2] * outputs[2], Offset.offset(1e-6f));
  }

  @Test
  void theGridIsSymmetricAndSpansWhatClipLeaves() {
    for (int bits : new int[] {2, 4, 8}) {
      for (double clip : new double[] {1, 0.5}) {
        WeightRecipe recipe = recipe(
            "bits = " + bits + ", clip = " + clip + ", key = \"w\", part = scale, type = f32[5]");
        int most = (1 << (bits - 1)) - 1;
        byte[] values = new byte[K];
        float[] scale = new float[1];
        int[] sum = new int[1];
        for (int n = 0; n < N; n++) {
          recipe.quantized(n, values, scale, sum);
          float largest = 0;
          int total = 0;
          for (int k = 0; k < K; k++) {
            largest = Math.max(largest, Math.abs(weight[n * K + k]));
            total += values[k];
          }
          assertThat(scale[0]).isEqualTo((float) (clip * largest / most));
          assertThat(sum[0]).isEqualTo(total);
          for (int k = 0; k < K; k++) {
            float w = weight[n * K + k];
            assertThat((int) values[k]).isBetween(-most, most);
            double held = Math.max(-clip * largest, Math.min(clip * largest, w));
            assertThat(Math.abs(values[k] * scale[0] - held))
                .isLessThanOrEqualTo(0.5001 * scale[0]);
          }
        }
      }
    }
  }

  @Test
  void groupsHaveScalesOfTheirOwn() {
    WeightRecipe recipe =
        recipe("bits = 8, group = 4, key = \"w\", part = scale, type = f32[5, 4]");
    float[] scales = new float[4];
    recipe.quantized(1, new byte[K], scales, new int[4]);
    for (int g = 0; g < 4; g++) {
      float largest = 0;
      for (int k = 4 * g; k < 4 * g + 4; k++) {
        largest = Math.max(largest, Math.abs(weight[K + k]));
      }
      assertThat(scales[g]).isEqualTo((float) (largest / 127.0));
    }
  }

  @Test
  void aRowOfZerosAndOneOfNextToNothingStayZero() {
    StoredVectors zeros =
        new StoredVectors().with("w", new float[] {0, -0f, 0, Float.MIN_VALUE}, 2, 2);
    WeightRecipe recipe = WeightRecipe.of(
        definition("bits = 4, key = \"w\", part = scale, type = f32[2]"), zeros::find);
    byte[] values = {9, 9};
    float[] scale = new float[1];
    int[] sum = {9};
    for (int n = 0; n < 2; n++) {
      recipe.quantized(n, values, scale, sum);
      assertThat(values).containsOnly(0);
      assertThat(scale[0]).isEqualTo(1);
      assertThat(sum[0]).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
          RT0105 | key = "nothing", outputs = "o", type = f32[5]
          RT0105 | columns = "nothing", key = "w", type = f32[5, 16]
          RT0106 | columns = "o", key = "w", type = f32[5, 16]
          RT0106 | key = "w", outputs = "c", type = f32[5, 16]
          RT0106 | key = "w", outputs = "o", type = f32[4, 16]
          RT0106 | bits = 8, key = "w", part = scale, type = f32[6]
          RT0106 | bits = 8, key = "w", part = sum, rows = [0, 5], type = i32[2]
          RT0106 | bits = 8, key = "w", part = sum, rows = [-1], type = i32[1]
          RT0106 | bits = 8, hadamard = 32, key = "w", part = sum, type = i32[5]
          RT0106 | bits = 8, group = 5, key = "w", part = sum, type = i32[5, 3]
          RT0106 | bits = 8, group = 4, key = "w", part = sum, type = i32[5, 3]
          """)
  void whatDoesNotFitTheStoredTensorsIsRefused(String code, String attributes) {
    assertThatThrownBy(() -> recipe(attributes))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }
}
