package org.quantcache.codegen.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.cpu.KernelLibrary;
import org.quantcache.kernels.cpu.NativeBuffer;
import org.quantcache.kernels.cpu.WorkerPool;
import org.quantcache.kernels.pack.QuadPacker;
import org.quantcache.kernels.quant.RowQuantizer;
import org.quantcache.kernels.quant.RowQuantizer.Grid;

/** The product of a benchmark on rounded numbers: operand by row, weights on a grid of eighths that 4 bits hold. */
final class ByteProducts implements AutoCloseable {
  /**
   * Widths of the operand and the weights.
   *
   * @param name such as {@code w4a6}
   */
  record Kind(String name, int activationBits, int weightBits, int cellBits) {
    IntegerGemmSpec spec(GemmBenchmark.Shape shape) {
      return new IntegerGemmSpec(
          shape.columns(), shape.depth(), activationBits, weightBits, cellBits, Epilogue.NONE);
    }
  }

  static final List<Kind> KINDS =
      List.of(new Kind("w8a8", 8, 8, 8), new Kind("w4a8", 8, 4, 4), new Kind("w4a6", 6, 4, 4));

  static final float EIGHTH = 1 / 8f;

  private final Kind kind;
  private final List<NativeBuffer> buffers = new ArrayList<>();
  private final NativeBuffer result;
  private final KernelLaunch launch;
  private final WorkerPool pool;

  /**
   * @param a operand, f32
   * @param eighths weights {@code [columns, depth]}, multiples of 1/8 in -7..7
   */
  ByteProducts(
      Kind kind,
      GemmBenchmark.Shape shape,
      CpuTarget target,
      KernelLibrary library,
      WorkerPool pool,
      float[] a,
      byte[] eighths) {
    this.kind = kind;
    this.pool = pool;
    IntegerGemmSpec spec = kind.spec(shape);
    NativeBuffer values = buffer((long) shape.rows() * shape.depth());
    NativeBuffer range = buffer(8L * shape.rows());
    NativeBuffer scale = buffer(4L * shape.columns());
    NativeBuffer sum = buffer(4L * shape.columns());
    this.result = buffer(4L * shape.rows() * shape.columns());
    for (int row = 0; row < shape.rows(); row++) {
      int first = row * shape.depth();
      Grid grid = RowQuantizer.grid(a, first, shape.depth(), kind.activationBits());
      ByteBuffer into = values.view(first, shape.depth());
      for (int k = 0; k < shape.depth(); k++) {
        into.put((byte) grid.value(a[first + k]));
      }
      range.view(8L * row, 8).putFloat(grid.step()).putFloat(grid.least());
    }
    for (int n = 0; n < shape.columns(); n++) {
      int total = 0;
      for (int k = 0; k < shape.depth(); k++) {
        total += eighths[n * shape.depth() + k];
      }
      scale.view(4L * n, 4).putFloat(EIGHTH);
      sum.view(4L * n, 4).putInt(total);
    }
    this.launch = KernelLaunch.of(spec.functionName(), library.function(spec.functionName()))
        .pointer(values.address())
        .pointer(range.address())
        .pointer(packed(shape, target.panelWidth(), eighths).address())
        .pointer(scale.address())
        .pointer(sum.address())
        .pointer(result.address())
        .integer(shape.rows())
        .integer(2)
        .build(pool, spec.workItems(shape.rows(), target));
  }

  private NativeBuffer buffer(long bytes) {
    NativeBuffer out = new NativeBuffer(bytes);
    buffers.add(out);
    return out;
  }

  private NativeBuffer packed(GemmBenchmark.Shape shape, int width, byte[] eighths) {
    NativeBuffer out =
        buffer(QuadPacker.bytes(shape.columns(), shape.depth(), width, kind.cellBits()));
    ByteBuffer view = out.view(0, out.bytes());
    try {
      QuadPacker.pack(
          shape.columns(),
          shape.depth(),
          width,
          kind.cellBits(),
          (row, into) -> System.arraycopy(
              eighths, Math.toIntExact(row * shape.depth()), into, 0, shape.depth()),
          new IntoBuffer(view));
    } catch (IOException e) {
      throw new IllegalStateException("memory takes bytes", e);
    }
    return out;
  }

  private record IntoBuffer(ByteBuffer target) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) {
      int count = source.remaining();
      target.put(source);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  String name() {
    return kind.name();
  }

  NativeBuffer result() {
    return result;
  }

  void run() {
    pool.run(launch);
  }

  @Override
  public void close() {
    buffers.forEach(NativeBuffer::close);
  }
}
