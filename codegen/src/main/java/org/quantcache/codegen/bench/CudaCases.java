package org.quantcache.codegen.bench;

import static org.quantcache.ir.types.ScalarType.BF16;
import static org.quantcache.ir.types.ScalarType.F32;
import static org.quantcache.ir.types.ScalarType.I32;
import static org.quantcache.ir.types.ScalarType.I8;
import static org.quantcache.ir.types.ScalarType.U8;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.codegen.bench.CudaCase.Ceiling;
import org.quantcache.codegen.bench.CudaCase.Operand;
import org.quantcache.codegen.cuda.AttentionKernels;
import org.quantcache.codegen.cuda.ProductKernels;
import org.quantcache.codegen.cuda.RowKernels;
import org.quantcache.codegen.tir.CrossAttentionSpec;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.GemmSpec.Activation;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.QuantRowsSpec;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.pack.TilePacker;

/** The kernels of a network's blocks at its sizes, activations of 16 bits. */
final class CudaCases {
  private static final double EPSILON = 1e-6;
  private static final int QKV = 3;
  private static final int KV = 2;
  /** Shift, scale and gate of attention and of the MLP. */
  private static final int MODULATIONS = 6;
  /** A second length of sequences over time, which fills whole tiles. */
  private static final int WHOLE_TILE = 16;

  private final CudaShapes shapes;
  private final List<CudaCase> cases = new ArrayList<>();

  private CudaCases(CudaShapes shapes) {
    this.shapes = shapes;
    for (int samples : shapes.samples()) {
      products(samples);
      modulation(samples);
      roundings(samples);
      spatial(samples);
      temporal(samples, shapes.frames(), shapes.places());
      if (shapes.frames() != WHOLE_TILE) {
        temporal(samples, WHOLE_TILE, shapes.frames() * shapes.places() / WHOLE_TILE);
      }
      cross(samples);
    }
  }

  static List<CudaCase> of(CudaShapes shapes) {
    return List.copyOf(new CudaCases(shapes).cases);
  }

  private void products(int samples) {
    int hidden = shapes.hidden();
    int mlp = shapes.mlp();
    int[][] sizes = {{hidden, QKV * hidden}, {hidden, hidden}, {hidden, mlp}, {mlp, hidden}};
    for (int[] size : sizes) {
      int rows = shapes.rows(samples);
      halves(rows, size[0], size[1]);
      for (int[] bits : new int[][] {{8, 8}, {4, 8}, {4, 6}, {4, 4}}) {
        bytes(rows, size[0], size[1], bits[0], bits[1]);
      }
    }
  }

  /** Modulation of all blocks from the embedding of a step: rows are samples, so that reading the weight is all there is. */
  private void modulation(int samples) {
    int k = shapes.hidden();
    int n = MODULATIONS * shapes.hidden();
    GemmSpec spec =
        new GemmSpec(n, k, WeightStorage.BF16, new Epilogue(true, Activation.NONE, false, false));
    List<Operand> operands = List.of(
        new Operand(BF16, (long) samples * k),
        new Operand(BF16, TilePacker.bytes(n, k, BF16.bits()) / BF16.bytes()),
        new Operand(BF16, (long) samples * n),
        new Operand(F32, n));
    cases.add(new CudaCase(
        "gemm bf16 %d x %d of few rows".formatted(k, n),
        samples,
        Ceiling.MEMORY,
        bytes(operands),
        ProductKernels.of(spec, types(operands), samples),
        operands,
        List.of((long) samples),
        samples));
  }

  private static double operations(long rows, long k, long n) {
    return 2.0 * rows * k * n;
  }

  private void halves(long rows, int k, int n) {
    GemmSpec spec =
        new GemmSpec(n, k, WeightStorage.BF16, new Epilogue(true, Activation.NONE, false, false));
    List<Operand> operands = List.of(
        new Operand(BF16, rows * k),
        new Operand(BF16, TilePacker.bytes(n, k, BF16.bits()) / BF16.bytes()),
        new Operand(BF16, rows * n),
        new Operand(F32, n));
    cases.add(new CudaCase(
        "gemm bf16 %d x %d".formatted(k, n),
        rows,
        Ceiling.HALVES,
        operations(rows, k, n),
        ProductKernels.of(spec, types(operands)),
        operands,
        List.of(rows),
        rows));
  }

  private void bytes(long rows, int k, int n, int weightBits, int activationBits) {
    Epilogue epilogue = new Epilogue(true, Activation.NONE, false, false);
    int cellBits = activationBits == 4 && weightBits == 4 ? 4 : Byte.SIZE;
    IntegerGemmSpec spec =
        new IntegerGemmSpec(n, k, activationBits, cellBits, weightBits, weightBits, k, epilogue);
    List<Operand> operands = List.of(
        new Operand(U8, rows * k * cellBits / Byte.SIZE),
        new Operand(F32, 2 * rows),
        new Operand(I8, TilePacker.bytes(n, k, weightBits)),
        new Operand(F32, n),
        new Operand(I32, n),
        new Operand(BF16, rows * n),
        new Operand(F32, n));
    cases.add(new CudaCase(
        "gemm W%dA%d %d x %d".formatted(weightBits, activationBits, k, n),
        rows,
        Ceiling.BYTES,
        operations(rows, k, n),
        ProductKernels.of(spec, types(operands)),
        operands,
        // Each row has a range of its own.
        List.of(rows, 2L),
        rows));
  }

  private void roundings(int samples) {
    rounding("norm, rotate, quantize", samples, shapes.hidden(), Prologue.NORM_MODULATE);
    rounding("rotate, quantize", samples, shapes.hidden(), Prologue.NONE);
    rounding("gelu, rotate, quantize", samples, shapes.mlp(), Prologue.GELU);
  }

  private void rounding(String name, int samples, int channels, Prologue prologue) {
    boolean norm = prologue == Prologue.NORM_MODULATE;
    int block = Math.min(128, Integer.lowestOneBit(channels));
    QuantRowsSpec spec = new QuantRowsSpec(
        channels, prologue, norm ? EPSILON : 0, false, block, Byte.SIZE, false, Part.ROWS);
    long rows = shapes.rows(samples);
    List<Operand> operands = new ArrayList<>(List.of(
        new Operand(BF16, rows * channels),
        new Operand(U8, rows * channels),
        new Operand(F32, 2 * rows)));
    List<Long> numbers = new ArrayList<>();
    if (norm) {
      Operand table = new Operand(BF16, (long) samples * channels);
      operands.addAll(List.of(table, table));
      numbers.addAll(List.of(rows / samples, rows / samples, (long) samples, 1L));
    }
    cases.add(new CudaCase(
        "%s %d".formatted(name, channels),
        rows,
        Ceiling.MEMORY,
        bytes(operands),
        RowKernels.of(spec, types(operands)),
        operands,
        numbers,
        rows));
  }

  private void spatial(int samples) {
    long frame = shapes.places();
    double work = 4.0 * samples * shapes.frames() * frame * frame * shapes.hidden();
    attention(
        "attention in space",
        samples,
        shapes.frames(),
        shapes.places(),
        false,
        Ceiling.HALVES,
        work,
        List.of((long) shapes.frames(), (long) shapes.frames() * frame, frame, 1L));
  }

  /** Few products for what is read and written. */
  private void temporal(int samples, int length, int sequences) {
    attention(
        "attention in time",
        samples,
        sequences,
        length,
        true,
        Ceiling.MEMORY,
        0,
        List.of((long) sequences, (long) sequences * length, 1L, (long) sequences));
  }

  private void attention(
      String name,
      int samples,
      int sequences,
      int length,
      boolean rope,
      Ceiling ceiling,
      double work,
      List<Long> numbers) {
    SelfAttentionSpec spec = new SelfAttentionSpec(
        shapes.heads(), shapes.headDim(), length, true, rope, scale(), EPSILON);
    long rows = (long) samples * sequences * length;
    List<Operand> operands = new ArrayList<>(List.of(
        new Operand(BF16, QKV * rows * shapes.hidden()),
        new Operand(BF16, rows * shapes.hidden()),
        new Operand(F32, shapes.headDim()),
        new Operand(F32, shapes.headDim())));
    if (rope) {
      operands.add(new Operand(F32, (long) length * shapes.headDim()));
    }
    cases.add(new CudaCase(
        "%s, %d places".formatted(name, length),
        rows,
        ceiling,
        ceiling == Ceiling.MEMORY ? bytes(operands) : work,
        AttentionKernels.of(spec, types(operands)),
        operands,
        numbers,
        (long) samples * sequences * shapes.heads()));
  }

  private void cross(int samples) {
    CrossAttentionSpec spec =
        new CrossAttentionSpec(shapes.heads(), shapes.headDim(), shapes.tokens(), false, scale());
    long queries = (long) shapes.frames() * shapes.places();
    long rows = samples * queries;
    List<Operand> operands = List.of(
        new Operand(BF16, rows * shapes.hidden()),
        new Operand(BF16, (long) samples * shapes.tokens() * KV * shapes.hidden()),
        new Operand(BF16, rows * shapes.hidden()));
    cases.add(new CudaCase(
        "attention to %d tokens".formatted(shapes.tokens()),
        rows,
        Ceiling.HALVES,
        4.0 * rows * shapes.tokens() * shapes.hidden(),
        AttentionKernels.of(spec, types(operands)),
        operands,
        List.of(queries, (long) shapes.tokens(), (long) samples),
        spec.workItems(samples, queries)));
  }

  private double scale() {
    return 1 / Math.sqrt(shapes.headDim());
  }

  private static List<ScalarType> types(List<Operand> operands) {
    return operands.stream().map(Operand::type).toList();
  }

  private static double bytes(List<Operand> operands) {
    return operands.stream().mapToLong(Operand::bytes).sum();
  }
}
