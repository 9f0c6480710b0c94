package org.quantcache.codegen.bench;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.Epilogue;
import org.quantcache.codegen.tir.GemmSpec;
import org.quantcache.codegen.tir.IntegerGemmSpec;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.codegen.tir.WeightStorage;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.cpu.KernelLibrary;
import org.quantcache.kernels.cpu.NativeBuffer;
import org.quantcache.kernels.cpu.WorkerPool;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.kernels.pack.PanelPacker;

/**
 * The most that our own kernels reach on this machine: products that caches hold, copies that they do and do not. Work that
 * moves less than the largest cache holds is taken to find it there.
 *
 * @param threads that share the work
 * @param gigaflops products of floats, GFLOP/s
 * @param gigaops products of bytes, Gop/s, counted as those of floats
 * @param gigabytes read and written by a copy that the memory holds, GB/s
 * @param cached the same of a copy that the largest cache holds
 * @param cacheBytes size of that cache; 0 where the system does not say
 */
public record Roofline(
    int threads,
    double gigaflops,
    double gigaops,
    double gigabytes,
    double cached,
    long cacheBytes) {
  private static final GemmBenchmark.Shape SHAPE = new GemmBenchmark.Shape(512, 512, 512);
  private static final int CHANNELS = 1024;
  private static final int ROWS = 32 * 1024;
  private static final int REPEATS = 8;
  private static final int ROUNDS = 5;

  /** Bytes that the copy reads and writes of one element. */
  private static final double COPIED = 5;

  /** Measures, which takes a few seconds. @throws org.quantcache.ir.diagnostics.UserError RT04.., CG01.. */
  public static Roofline measure(CpuTarget target, int threads) {
    TvmNatives.load(NativeMode.COMPILER);
    GemmSpec floats =
        new GemmSpec(SHAPE.columns(), SHAPE.depth(), WeightStorage.F32, Epilogue.NONE);
    ByteProducts.Kind kind = ByteProducts.KINDS.get(0);
    IntegerGemmSpec bytes = kind.spec(SHAPE);
    NarrowingCopy copy = new NarrowingCopy(CHANNELS);
    List<KernelSpec> specs = List.of(floats, bytes, copy);
    long workspace =
        specs.stream().mapToLong(s -> s.workspaceBytes(target)).max().orElseThrow();
    Path file = TemporaryLibrary.write(specs, target);
    long packed = PanelPacker.elements(SHAPE.columns(), SHAPE.depth(), target.panelWidth());
    try (KernelLibrary library = KernelLibrary.load(file);
        WorkerPool pool = new WorkerPool(threads, workspace);
        NativeBuffer a = filled(4L * SHAPE.rows() * SHAPE.depth());
        NativeBuffer w = filled(4L * packed);
        NativeBuffer c = new NativeBuffer(4L * SHAPE.rows() * SHAPE.columns());
        NativeBuffer from = filled(4L * ROWS * CHANNELS);
        NativeBuffer to = new NativeBuffer((long) ROWS * CHANNELS);
        ByteProducts products =
            new ByteProducts(kind, SHAPE, target, library, pool, operand(a), eighths())) {
      KernelLaunch product = launch(library, floats)
          .pointer(a.address())
          .pointer(w.address())
          .pointer(c.address())
          .integer(SHAPE.rows())
          .build(pool, floats.workItems(SHAPE.rows(), target));
      long cache = CpuCaches.largestBytes();
      KernelLaunch all = copy(library, copy, from, to).build(pool, ROWS);
      long rows = cachedRows(cache);
      KernelLaunch few = copy(library, copy, from, to).build(pool, rows);
      List<Double> seconds = new ArrayList<>(
          Timing.medians(List.of(() -> pool.run(product), products::run), 1, ROUNDS, REPEATS));
      seconds.addAll(Timing.medians(List.of(() -> pool.run(all)), 1, ROUNDS, 1));
      seconds.addAll(Timing.medians(List.of(() -> pool.run(few)), 1, ROUNDS, REPEATS));
      return new Roofline(
          threads,
          SHAPE.flops() / seconds.get(0) / 1e9,
          SHAPE.flops() / seconds.get(1) / 1e9,
          COPIED * ROWS * CHANNELS / seconds.get(2) / 1e9,
          COPIED * rows * CHANNELS / seconds.get(3) / 1e9,
          cache);
    } finally {
      TemporaryLibrary.delete(file);
    }
  }

  /** Rows that take a quarter of a cache, so that it holds them beside what else there is. */
  private static long cachedRows(long cache) {
    return Math.max(1, Math.min(ROWS, cache / 4 / (long) (COPIED * CHANNELS)));
  }

  private static KernelLaunch.Builder copy(
      KernelLibrary library, NarrowingCopy copy, NativeBuffer from, NativeBuffer to) {
    return launch(library, copy).pointer(from.address()).pointer(to.address());
  }

  private static KernelLaunch.Builder launch(KernelLibrary library, KernelSpec spec) {
    return KernelLaunch.of(spec.functionName(), library.function(spec.functionName()));
  }

  private static NativeBuffer filled(long bytes) {
    NativeBuffer buffer = new NativeBuffer(bytes);
    Random random = new Random(1);
    FloatBuffer floats = buffer.view(0, bytes).asFloatBuffer();
    while (floats.hasRemaining()) {
      floats.put(random.nextFloat() - 0.5f);
    }
    return buffer;
  }

  private static float[] operand(NativeBuffer a) {
    float[] out = new float[SHAPE.rows() * SHAPE.depth()];
    a.view(0, a.bytes()).asFloatBuffer().get(out);
    return out;
  }

  private static byte[] eighths() {
    byte[] out = new byte[SHAPE.depth() * SHAPE.columns()];
    Random random = new Random(1);
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (random.nextInt(9) - 4);
    }
    return out;
  }

  /** Seconds that one run of such work is expected to take. */
  public double seconds(Work work, Kind kind) {
    return Math.max(computing(work, kind), moving(work));
  }

  /** Whether arithmetic takes longer than moving bytes. */
  public boolean computes(Work work, Kind kind) {
    return computing(work, kind) >= moving(work);
  }

  private double computing(Work work, Kind kind) {
    return work.flops() / 1e9 / (kind == Kind.BYTES ? gigaops : gigaflops);
  }

  private double moving(Work work) {
    return work.bytes() / 1e9 / (work.bytes() <= cacheBytes ? cached : gigabytes);
  }

  /** What is multiplied. */
  public enum Kind {
    FLOATS,
    BYTES
  }

  /**
   * Work of a kernel.
   *
   * @param flops operations, a multiply-add counts as 2
   * @param bytes read and written
   */
  public record Work(long flops, long bytes) {}
}
