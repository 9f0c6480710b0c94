package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.INT;
import static org.quantcache.ir.core.OpDef.AttributeKind.WORD;

import java.util.List;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Tables, text packing and the sampler's time grid: small work that depends on scalars, done on the host. */
public final class ModelOps {
  public static final String TIMESTEP = "embed.timestep";
  public static final String POSITION = "embed.position";
  public static final String ROPE_FREQUENCIES = "embed.rope_frequencies";
  public static final String ROPE_TABLE = "embed.rope_table";
  public static final String TEXT_PACK = "text.pack";
  public static final String TEXT_UNPACK = "text.unpack";
  public static final String TIME_GRID = "sampler.time_grid";
  public static final String STEP_SIZE = "sampler.step_size";

  private ModelOps() {}

  static List<OpDef> all() {
    return List.of(
        OpDef.named(
                TIMESTEP,
                "f32[B] to f32[B, width]: cos(t f_k), then sin(t f_k), f_k = max_period^(-k / (width/2)); model section"
                    + " 3.3")
            .operands(1)
            .required("width", INT, "even")
            .required("max_period", FLOAT, "largest period over 2 pi")
            .traits(Trait.PURE)
            .types(ModelOps::timestep)
            .flopsPerElement(2)
            .build(),
        OpDef.named(
                POSITION,
                "embed.position(height, width): sines and cosines of the columns, then of the rows, scaled by element 0"
                    + " of height and width in pixels; f32[rows*cols, channels]; model section 3.2")
            .operands(2)
            .required("rows", INT, "places of a frame from top to bottom")
            .required("cols", INT, "places of a frame from left to right")
            .required("channels", INT, "a multiple of 4")
            .required("reference_size", INT, "side of the square picture at which the scale is 1")
            .traits(Trait.PURE)
            .types(ModelOps::position)
            .flopsPerElement(2)
            .build(),
        OpDef.named(ROPE_FREQUENCIES, "f32[count]: theta^(-i / count); model section 3.6")
            .required("count", INT, "half the head size")
            .required("theta", FLOAT, "base")
            .traits(Trait.PURE)
            .types(op -> List.of(Shapes.f32(Dim.of(op.attributes().integer("count")))))
            .build(),
        OpDef.named(
                ROPE_TABLE,
                "f32[count] frequencies to f32[positions, count, 2]: cos and sin of position * frequency")
            .operands(1)
            .required("positions", INT, "number of positions, from 0")
            .traits(Trait.PURE)
            .types(ModelOps::ropeTable)
            .flopsPerElement(1)
            .build(),
        OpDef.named(
                TEXT_PACK,
                "text.pack(e [B, L, C], mask [n, L]): rows with mask[b mod n] != 0 moved to the front in order, the rest"
                    + " zero, and their number i32[B]; model section 3.4")
            .operands(2)
            .traits(Trait.PURE)
            .types(ModelOps::textPack)
            .build(),
        OpDef.named(
                TEXT_UNPACK,
                "text.unpack(y [1, P, C], lengths i64[B]): rows of sample b, one sample after the other in y, to"
                    + " f32[B, rows, C], the rest zero, and the lengths as i32[B]; the sum of the lengths is P")
            .operands(2)
            .required("rows", INT, "rows of each sample in the result")
            .traits(Trait.PURE)
            .types(ModelOps::textUnpack)
            .build(),
        OpDef.named(
                TIME_GRID,
                "sampler.time_grid(height, width, num_frames), each f32[b], to f32[N, b]: t_i = train_steps (1 - i/N),"
                    + " rounded when `discrete`, then shifted by size and length when `transform`; model section 5.3")
            .operands(3)
            .required("train_steps", INT, "time at full noise, 1000")
            .optional("transform", WORD, "true: shift by picture size and number of frames")
            .optional("discrete", WORD, "true: round before the shift")
            .traits(Trait.PURE)
            .types(ModelOps::timeGrid)
            .flopsPerElement(4)
            .build(),
        OpDef.named(
                STEP_SIZE,
                "sampler.step_size(grid, i): (t_i - t_(i+1)) / train_steps as f32[b]; behind the last step t is 0; model"
                    + " section 5.4")
            .operands(2)
            .required("train_steps", INT, "time at full noise, 1000")
            .traits(Trait.PURE)
            .types(ModelOps::stepSize)
            .flopsPerElement(2)
            .build());
  }

  private static List<TensorType> timestep(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.F32);
    Shapes.requireRank(op, 0, 1);
    long width = op.attributes().integer("width");
    op.require(width > 0 && width % 2 == 0, "width is positive and even, found %d", width);
    return List.of(Shapes.f32(op.operand(0).dim(0), Dim.of(width)));
  }

  private static List<TensorType> position(Signature op) {
    for (int i = 0; i < 2; i++) {
      Shapes.requireElement(op, i, ScalarType.F32);
      Shapes.requireRank(op, i, 1);
    }
    long rows = op.attributes().integer("rows");
    long cols = op.attributes().integer("cols");
    long channels = op.attributes().integer("channels");
    op.require(
        rows > 0 && cols > 0 && channels > 0,
        "sizes are positive, found %d, %d, %d",
        rows,
        cols,
        channels);
    op.require(channels % 4 == 0, "channels are a multiple of 4, found %d", channels);
    return List.of(Shapes.f32(Dim.of(Math.multiplyExact(rows, cols)), Dim.of(channels)));
  }

  private static List<TensorType> ropeTable(Signature op) {
    Shapes.requireFloat(op, 0);
    Shapes.requireRank(op, 0, 1);
    long positions = op.attributes().integer("positions");
    op.require(positions > 0, "needs at least one position, found %d", positions);
    return List.of(Shapes.f32(Dim.of(positions), op.operand(0).dim(0), Dim.of(2)));
  }

  private static List<TensorType> textPack(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.F32);
    Shapes.requireRank(op, 0, 3);
    Shapes.requireElement(op, 1, ScalarType.I64, ScalarType.I1);
    Shapes.requireRank(op, 1, 2);
    Shapes.requireDim(op, 1, 1, op.operand(0).dim(1));
    long batch = op.operand(0).size(0);
    op.require(
        batch % op.operand(1).size(0) == 0,
        "mask rows must divide the batch, found %s",
        op.operands());
    return List.of(op.operand(0), TensorType.of(ScalarType.I32, batch));
  }

  private static List<TensorType> textUnpack(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.F32);
    Shapes.requireRank(op, 0, 3);
    Shapes.requireDim(op, 0, 0, Dim.of(1));
    Shapes.requireElement(op, 1, ScalarType.I64);
    Shapes.requireRank(op, 1, 1);
    Dim batch = op.operand(1).dim(0);
    long rows = op.attributes().integer("rows");
    op.require(rows > 0, "needs at least one row, found %d", rows);
    return List.of(
        Shapes.f32(batch, Dim.of(rows), op.operand(0).dim(2)),
        TensorType.of(ScalarType.I32, List.of(batch)));
  }

  private static List<TensorType> timeGrid(Signature op) {
    for (int i = 0; i < 3; i++) {
      Shapes.requireElement(op, i, ScalarType.F32);
      Shapes.requireRank(op, i, 1);
      Shapes.requireDim(op, i, 0, op.operand(0).dim(0));
    }
    TensorType result = op.declaredResult();
    op.require(
        result.rank() == 2
            && result.element() == ScalarType.F32
            && result.dim(1).equals(op.operand(0).dim(0)),
        "gives f32[N, %s], declared %s",
        op.operand(0).dim(0).text(),
        result.text());
    return List.of(result);
  }

  private static List<TensorType> stepSize(Signature op) {
    Shapes.requireElement(op, 0, ScalarType.F32);
    Shapes.requireRank(op, 0, 2);
    Shapes.requireElement(op, 1, ScalarType.I32);
    Shapes.requireRank(op, 1, 0);
    return List.of(Shapes.f32(op.operand(0).dim(1)));
  }
}
