package org.quantcache.codegen.bench;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.codegen.tir.KernelSpec;
import org.quantcache.codegen.tir.QuantRowsSpec;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.cpu.KernelLibrary;
import org.quantcache.kernels.cpu.NativeBuffer;
import org.quantcache.kernels.cpu.WorkerPool;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/** Rounding of rows against a copy that reads and writes the same bytes, runs taking turns. */
public final class RowBenchmark {
  /**
   * Operands of the published model's products: of the narrow ones, and of the one after the GELU. Rows that stay next to the
   * processor, so that only arithmetic counts; that stay in a large cache; those of 64 frames of 512 x 512, which do not.
   */
  public static final List<Shape> SHAPES = List.of(
      new Shape(64, 1152), new Shape(4096, 1152), new Shape(4096, 4608), new Shape(19456, 1152));

  private static final int BLOCK = 128;
  private static final int BITS = 8;
  private static final double TURN_ELEMENTS = 2e7;

  private RowBenchmark() {}

  /** {@code [rows, channels]}. */
  public record Shape(int rows, int channels) {
    long elements() {
      return (long) rows * channels;
    }
  }

  /**
   * Median of one kernel.
   *
   * @param name what the kernel does
   * @param gigabytes GB/s read and written
   * @param copyGigabytes GB/s of the copy
   */
  public record Row(String name, double gigabytes, double copyGigabytes) {
    /** Time over that of the copy. */
    public double timesCopy() {
      return copyGigabytes / gigabytes;
    }
  }

  private record Kind(String name, Prologue prologue, boolean inverse, int hadamard) {
    QuantRowsSpec spec(int channels) {
      return new QuantRowsSpec(channels, prologue, 1e-6, inverse, hadamard, BITS, false, Part.ROWS);
    }
  }

  private static final List<Kind> KINDS = List.of(
      new Kind("round", Prologue.NONE, false, 0),
      new Kind("rotate_round", Prologue.NONE, false, BLOCK),
      new Kind("balance_rotate_round", Prologue.NONE, true, BLOCK),
      new Kind("norm_rotate_round", Prologue.NORM_MODULATE, false, BLOCK),
      new Kind("gelu_rotate_round", Prologue.GELU, false, BLOCK));

  /** Measures all kernels on one shape. */
  public static List<Row> run(Shape shape, CpuTarget target, int threads, int rounds) {
    TvmNatives.load(NativeMode.COMPILER);
    NarrowingCopy copy = new NarrowingCopy(shape.channels());
    List<KernelSpec> specs = new ArrayList<>(List.of(copy));
    KINDS.forEach(kind -> specs.add(kind.spec(shape.channels())));
    long workspace =
        specs.stream().mapToLong(s -> s.workspaceBytes(target)).max().orElseThrow();
    Path file = TemporaryLibrary.write(specs, target);
    try (KernelLibrary library = KernelLibrary.load(file);
        WorkerPool pool = new WorkerPool(threads, workspace);
        NativeBuffer x = new NativeBuffer(4 * shape.elements());
        NativeBuffer values = new NativeBuffer(shape.elements());
        NativeBuffer range = new NativeBuffer(8L * shape.rows());
        NativeBuffer vectors = new NativeBuffer(4L * shape.channels())) {
      fill(x);
      fill(vectors);
      List<KernelLaunch> launches = new ArrayList<>();
      launches.add(KernelLaunch.of(copy.functionName(), library.function(copy.functionName()))
          .pointer(x.address())
          .pointer(values.address())
          .build(pool, shape.rows()));
      for (Kind kind : KINDS) {
        QuantRowsSpec spec = kind.spec(shape.channels());
        KernelLaunch.Builder launch = KernelLaunch.of(
                spec.functionName(), library.function(spec.functionName()))
            .pointer(x.address())
            .pointer(values.address())
            .pointer(range.address());
        boolean norm = kind.prologue() == Prologue.NORM_MODULATE;
        for (int i = 0; i < (norm ? 2 : 0) + (kind.inverse() ? 1 : 0); i++) {
          launch.pointer(vectors.address());
        }
        if (norm) {
          launch.integer(shape.rows()).integer(shape.rows()).integer(1).integer(1);
        }
        launches.add(launch.build(pool, shape.rows()));
      }
      List<Runnable> work = new ArrayList<>();
      launches.forEach(launch -> work.add(() -> pool.run(launch)));
      int repeats = (int) Math.max(1, TURN_ELEMENTS / shape.elements());
      List<Double> seconds = Timing.medians(work, 2, rounds, repeats);
      // Four bytes read and one written.
      double bytes = 5.0 * shape.elements() / 1e9;
      List<Row> out = new ArrayList<>();
      for (int i = 0; i < KINDS.size(); i++) {
        out.add(new Row(KINDS.get(i).name(), bytes / seconds.get(i + 1), bytes / seconds.get(0)));
      }
      return out;
    } finally {
      TemporaryLibrary.delete(file);
    }
  }

  private static void fill(NativeBuffer buffer) {
    Random random = new Random(1);
    FloatBuffer floats = buffer.view(0, buffer.bytes()).asFloatBuffer();
    while (floats.hasRemaining()) {
      floats.put(random.nextFloat() - 0.5f);
    }
  }
}
