package org.quantcache.codegen.bench;

import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncCall;
import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncGetGlobal;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tvm.DLDataType;
import org.bytedeco.tvm.DLDevice;
import org.bytedeco.tvm.DLTensor;
import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMValue;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.cpu.KernelLibrary;
import org.quantcache.kernels.cpu.NativeBuffer;
import org.quantcache.kernels.cpu.TvmCalls;
import org.quantcache.kernels.cpu.WorkerPool;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.kernels.pack.PanelPacker;

/**
 * The packed product, of floats and of rounded numbers, against OpenBLAS sgemm on the same numbers in the same process,
 * runs taking turns. The number of
 * OpenBLAS threads is fixed when its library is loaded, by OPENBLAS_NUM_THREADS.
 */
public final class GemmBenchmark {
  /** The shapes of a small and of the published model. */
  public static final List<Shape> SHAPES = List.of(
      new Shape(512, 128, 384),
      new Shape(512, 128, 512),
      new Shape(512, 512, 128),
      new Shape(4096, 1152, 3456),
      new Shape(4096, 1152, 4608),
      new Shape(4096, 4608, 1152));

  private static final double TURN_FLOPS = 2e9;
  private static final int KDL_CPU = 1;
  private static final int KDL_FLOAT = 2;
  private static final int TENSOR = 7;

  private GemmBenchmark() {}

  /** {@code [rows, depth] x [depth, columns]}. */
  public record Shape(int rows, int depth, int columns) {
    double flops() {
      return 2.0 * rows * depth * columns;
    }
  }

  /**
   * Medians of one shape.
   *
   * @param ours GFLOP/s
   * @param openBlas GFLOP/s
   * @param difference largest difference of the results over the largest element
   * @param bytes the same product of rounded numbers
   */
  public record Row(
      Shape shape,
      int threads,
      double ours,
      double openBlas,
      double difference,
      List<ByteRow> bytes) {
    public double ratio() {
      return ours / openBlas;
    }
  }

  /**
   * Medians of a product of rounded numbers.
   *
   * @param name bits of weights and operand, such as {@code w4a6}
   * @param ours Gop/s, counted as those of floats
   * @param difference largest difference from the product of floats over its largest element: the rounding
   */
  public record ByteRow(String name, double ours, double difference) {}

  /** Measures one shape with weights stored as {@code storage}, and with rounded numbers. */
  public static Row run(
      Shape shape, WeightStorage storage, CpuTarget target, int threads, int rounds) {
    TvmNatives.load(NativeMode.COMPILER);
    GemmSpec spec = new GemmSpec(shape.columns(), shape.depth(), storage, Epilogue.NONE);
    List<KernelSpec> specs = new ArrayList<>(List.of(spec));
    ByteProducts.KINDS.forEach(kind -> specs.add(kind.spec(shape)));
    long workspace =
        specs.stream().mapToLong(s -> s.workspaceBytes(target)).max().orElseThrow();
    Path file = TemporaryLibrary.write(specs, target);
    long packed = PanelPacker.elements(shape.columns(), shape.depth(), target.panelWidth());
    List<ByteProducts> products = new ArrayList<>();
    try (KernelLibrary library = KernelLibrary.load(file);
        WorkerPool pool = new WorkerPool(threads, workspace);
        NativeBuffer a = new NativeBuffer(4L * shape.rows() * shape.depth());
        NativeBuffer b = new NativeBuffer(4L * shape.depth() * shape.columns());
        NativeBuffer w = new NativeBuffer(4L * packed);
        NativeBuffer c = new NativeBuffer(4L * shape.rows() * shape.columns());
        NativeBuffer d = new NativeBuffer(4L * shape.rows() * shape.columns())) {
      byte[] eighths = fill(shape, storage, target.panelWidth(), a, b, w);
      KernelLaunch launch = KernelLaunch.of(
              spec.functionName(), library.function(spec.functionName()))
          .pointer(a.address())
          .pointer(w.address())
          .pointer(c.address())
          .integer(shape.rows())
          .build(pool, spec.workItems(shape.rows(), target));
      OpenBlas openBlas = new OpenBlas(a, b, d, shape);
      List<Runnable> work = new ArrayList<>(List.of(() -> pool.run(launch), openBlas::run));
      float[] operand = new float[shape.rows() * shape.depth()];
      a.view(0, a.bytes()).asFloatBuffer().get(operand);
      for (ByteProducts.Kind kind : ByteProducts.KINDS) {
        ByteProducts product =
            new ByteProducts(kind, shape, target, library, pool, operand, eighths);
        products.add(product);
        work.add(product::run);
      }
      // Small products take less than the clock's and the scheduler's noise: several make a turn.
      int repeats = (int) Math.max(1, Math.min(200, TURN_FLOPS / shape.flops()));
      List<Double> seconds = Timing.medians(work, 2, rounds, repeats);
      int count = shape.rows() * shape.columns();
      List<ByteRow> bytes = new ArrayList<>();
      for (int i = 0; i < products.size(); i++) {
        ByteProducts product = products.get(i);
        bytes.add(new ByteRow(
            product.name(),
            shape.flops() / seconds.get(2 + i) / 1e9,
            difference(product.result(), d, count)));
      }
      return new Row(
          shape,
          threads,
          shape.flops() / seconds.get(0) / 1e9,
          shape.flops() / seconds.get(1) / 1e9,
          difference(c, d, count),
          bytes);
    } finally {
      products.forEach(ByteProducts::close);
      TemporaryLibrary.delete(file);
    }
  }

  /** Fills the operands and returns the weights {@code [columns, depth]} in eighths. */
  private static byte[] fill(
      Shape shape,
      WeightStorage storage,
      int width,
      NativeBuffer a,
      NativeBuffer b,
      NativeBuffer w) {
    Random random = new Random(1);
    FloatBuffer left = a.view(0, a.bytes()).asFloatBuffer();
    while (left.hasRemaining()) {
      left.put(random.nextFloat() - 0.5f);
    }
    byte[] eighths = new byte[shape.depth() * shape.columns()];
    FloatBuffer right = b.view(0, b.bytes()).asFloatBuffer();
    for (int k = 0; k < shape.depth(); k++) {
      for (int n = 0; n < shape.columns(); n++) {
        // Eighths are exact in every storage.
        int eighth = random.nextInt(9) - 4;
        eighths[n * shape.depth() + k] = (byte) eighth;
        float value = eighth * ByteProducts.EIGHTH;
        right.put(k * shape.columns() + n, value);
        int at = Math.toIntExact(PanelPacker.index(n, k, shape.depth(), width));
        switch (storage) {
          case F32 -> w.view(0, w.bytes()).putFloat(4 * at, value);
          case F16 -> w.view(0, w.bytes()).putShort(2 * at, HalfFloats.toHalf(value));
          case BF16 -> w.view(0, w.bytes()).putShort(2 * at, HalfFloats.toBfloat16(value));
        }
      }
    }
    return eighths;
  }

  private static double difference(NativeBuffer c, NativeBuffer d, int count) {
    FloatBuffer x = c.view(0, c.bytes()).asFloatBuffer();
    FloatBuffer y = d.view(0, d.bytes()).asFloatBuffer();
    double largest = 0;
    double most = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(y.get(i)));
      most = Math.max(most, Math.abs(x.get(i) - y.get(i)));
    }
    return most / largest;
  }

  /** {@code tvm.contrib.cblas.matmul}, which calls cblas_sgemm. */
  private static final class OpenBlas {
    private final TVMFunctionHandle function;
    private final TVMValue values = new TVMValue(5);
    private final IntPointer codes = new IntPointer(5);
    private final TVMValue result = new TVMValue(1);
    private final IntPointer resultCode = new IntPointer(1);
    private final List<Object> kept = new ArrayList<>();

    OpenBlas(NativeBuffer a, NativeBuffer b, NativeBuffer c, Shape shape) {
      function = new TVMFunctionHandle();
      TvmCalls.check(TVMFuncGetGlobal("tvm.contrib.cblas.matmul", function));
      tensor(0, a, shape.rows(), shape.depth());
      tensor(1, b, shape.depth(), shape.columns());
      tensor(2, c, shape.rows(), shape.columns());
      for (int i = 3; i < 5; i++) {
        values.position(i).v_int64(0);
        codes.put(i, TvmCalls.INT);
      }
      values.position(0);
    }

    private void tensor(int index, NativeBuffer buffer, long rows, long columns) {
      LongPointer sizes = new LongPointer(rows, columns);
      DLTensor tensor = new DLTensor();
      tensor.data(new DataAt(buffer.address()));
      tensor.device(new DLDevice().device_type(KDL_CPU).device_id(0));
      tensor.ndim(2);
      tensor.dtype(new DLDataType().code((byte) KDL_FLOAT).bits((byte) 32).lanes((short) 1));
      tensor.shape(sizes);
      tensor.strides(null);
      tensor.byte_offset(0);
      kept.add(sizes);
      kept.add(tensor);
      values.position(index).v_int64(tensor.address());
      codes.put(index, TENSOR);
    }

    void run() {
      TvmCalls.check(TVMFuncCall(function, values, codes, 5, result, resultCode));
    }
  }

  private static final class DataAt extends Pointer {
    DataAt(long address) {
      this.address = address;
    }
  }
}
