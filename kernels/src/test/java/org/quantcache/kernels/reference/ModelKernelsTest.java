package org.quantcache.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.ops.ModelOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.tensor.Tensor;

/** What reaches the host routines: operands and attributes in their places. */
class ModelKernelsTest {
  private final Random random = new Random(9);

  @Test
  void timesGetARowOfCosinesAndSines() {
    Tensor out = OneOp.of(ModelOps.TIMESTEP)
        .with("width", Attribute.of(4L))
        .with("max_period", Attribute.of(100.0))
        .run(OneOp.floats(List.of(2L), 0, 3));
    OneOp.assertClose(
        out,
        List.of(2L, 4L),
        new double[] {1, 1, 0, 0, Math.cos(3), Math.cos(0.3), Math.sin(3), Math.sin(0.3)},
        3e-7);
  }

  @Test
  void placesReadTheFirstHeightAndWidthOnly() {
    OneOp op = OneOp.of(ModelOps.POSITION)
        .with("rows", Attribute.of(1L))
        .with("cols", Attribute.of(4L))
        .with("channels", Attribute.of(4L))
        .with("reference_size", Attribute.of(512L));
    Tensor out = op.run(OneOp.floats(List.of(2L), 256, 1), OneOp.floats(List.of(2L), 1024, 1));
    double[] expected = new double[16];
    for (int j = 0; j < 4; j++) {
      // Scale 1, base 2: column j lies at j / 2.
      expected[4 * j] = Math.sin(j / 2.0);
      expected[4 * j + 1] = Math.cos(j / 2.0);
      expected[4 * j + 3] = 1;
    }
    OneOp.assertClose(out, List.of(4L, 4L), expected, 3e-7);
  }

  @Test
  void rotationTablesComeFromFrequenciesOfAnyFloatKind() {
    Tensor frequencies = OneOp.of(ModelOps.ROPE_FREQUENCIES)
        .with("count", Attribute.of(2L))
        .with("theta", Attribute.of(16.0))
        .run();
    assertThat(frequencies.floats()).containsExactly(1, 0.25f);
    Tensor half = Tensor.zeros(ScalarType.F16, List.of(2L));
    half.set(0, 1);
    half.set(1, 0.25);
    for (Tensor given : List.of(frequencies, half)) {
      Tensor table =
          OneOp.of(ModelOps.ROPE_TABLE).with("positions", Attribute.of(2L)).run(given);
      OneOp.assertClose(
          table,
          List.of(2L, 2L, 2L),
          new double[] {1, 0, 1, 0, Math.cos(1), Math.sin(1), Math.cos(0.25), Math.sin(0.25)},
          3e-7);
    }
  }

  @Test
  void textIsPackedByAMaskThatRepeats() {
    Tensor text = OneOp.random(random, 4, 3, 2);
    Tensor mask = Tensor.of(List.of(2L, 3L), 1L, 1L, 0L, 0L, 0L, 0L);
    List<Tensor> out = OneOp.of(ModelOps.TEXT_PACK).runAll(text, mask);
    assertThat(out.get(1).element()).isEqualTo(ScalarType.I32);
    assertThat(out.get(1).floats()).containsExactly(2, 0, 2, 0);
    double[] expected = new double[24];
    for (int i = 0; i < 4; i++) {
      expected[i] = text.get(i);
      expected[12 + i] = text.get(12 + i);
    }
    OneOp.assertClose(out.get(0), List.of(4L, 3L, 2L), expected, 0);
  }

  @Test
  void packedTextIsSpreadByItsLengths() {
    Tensor text = OneOp.floats(List.of(1L, 3L, 1L), 1, 2, 3);
    List<Tensor> out = OneOp.of(ModelOps.TEXT_UNPACK)
        .with("rows", Attribute.of(2L))
        .runAll(text, Tensor.of(List.of(2L), 1L, 2L));
    OneOp.assertClose(out.get(0), List.of(2L, 2L, 1L), new double[] {1, 0, 2, 3}, 0);
    assertThat(out.get(1).floats()).containsExactly(1, 2);
  }

  @Test
  void stepSizesBelongToTheStepThatIsAsked() {
    Tensor grid = OneOp.floats(List.of(2L, 2L), 1000, 800, 400, 600);
    OneOp op = OneOp.of(ModelOps.STEP_SIZE).with("train_steps", Attribute.of(1000L));
    assertThat(op.run(grid, Tensor.scalar(0)).floats()).containsExactly(0.6f, 0.2f);
    assertThat(op.run(grid, Tensor.scalar(1)).floats()).containsExactly(0.4f, 0.6f);
  }
}
