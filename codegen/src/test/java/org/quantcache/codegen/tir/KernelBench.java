package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.quantcache.kernels.cpu.KernelLaunch;
import org.quantcache.kernels.cpu.KernelLibrary;
import org.quantcache.kernels.cpu.NativeBuffer;
import org.quantcache.kernels.cpu.WorkerPool;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/** Compiles kernels and runs them on arrays, for tests. */
final class KernelBench implements AutoCloseable {
  private final CpuTarget target;
  private final Path file;
  private final KernelLibrary library;
  private final WorkerPool pool;
  private final List<NativeBuffer> buffers = new ArrayList<>();

  KernelBench(Collection<? extends KernelSpec> specs, int workers) {
    this(targets().get(0), specs, workers);
  }

  KernelBench(CpuTarget target, Collection<? extends KernelSpec> specs, int workers) {
    this.target = target;
    try {
      this.file = Files.createTempFile("kernels", ".so");
      Files.write(file, new CpuCompiler(target).compile(specs).sharedObject());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.library = KernelLibrary.load(file);
    long workspace =
        specs.stream().mapToLong(s -> s.workspaceBytes(target)).max().orElse(0);
    this.pool = new WorkerPool(workers, workspace);
  }

  /** Targets that this machine runs: its own and, where that has longer vectors, one for AVX2. */
  static List<CpuTarget> targets() {
    TvmNatives.load(NativeMode.COMPILER);
    CpuTarget host = CpuTarget.host();
    return host.lanes() == 16 ? List.of(host, CpuTarget.named("x86-64-v3")) : List.of(host);
  }

  CpuTarget target() {
    return target;
  }

  KernelLaunch.Builder launch(KernelSpec spec) {
    return KernelLaunch.of(spec.functionName(), library.function(spec.functionName()));
  }

  void run(KernelLaunch.Builder launch, long items) {
    pool.run(launch.build(pool, items));
  }

  /** Runs a launch whose numbers from argument {@code index} on are {@code reals}. */
  void run(KernelLaunch.Builder builder, long items, int index, float... reals) {
    for (int i = 0; i < reals.length; i++) {
      builder.real();
    }
    KernelLaunch launch = builder.build(pool, items);
    for (int i = 0; i < reals.length; i++) {
      launch.real(index + i, reals[i]);
    }
    pool.run(launch);
  }

  /** Memory that starts {@code shift} bytes behind a cache line, filled with {@code values}. */
  Memory memory(float[] values, int shift) {
    NativeBuffer buffer = new NativeBuffer(4L * values.length + shift + 64);
    buffers.add(buffer);
    Memory memory = new Memory(buffer, shift, values.length);
    memory.buffer.view(shift, 4L * values.length).asFloatBuffer().put(values);
    return memory;
  }

  Memory memory(float[] values) {
    return memory(values, 0);
  }

  /** Memory that holds whole numbers. */
  long ints(int... values) {
    NativeBuffer buffer = new NativeBuffer(4L * values.length);
    buffers.add(buffer);
    buffer.view(0, 4L * values.length).asIntBuffer().put(values);
    return buffer.address();
  }

  /** Memory that holds bytes. */
  NativeBuffer bytes(byte... values) {
    NativeBuffer buffer = new NativeBuffer(values.length);
    buffers.add(buffer);
    buffer.view(0, values.length).put(values);
    return buffer;
  }

  /** Fails unless every value is within {@code tolerance}, relative above 1 and absolute below. */
  static void assertClose(String what, float[] found, double[] expected, double tolerance) {
    assertThat(found.length).as(what).isEqualTo(expected.length);
    for (int i = 0; i < found.length; i++) {
      double error = Math.abs(found[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
      assertThat(error <= tolerance)
          .as("%s: element %d is %s, expected %s", what, i, found[i], expected[i])
          .isTrue();
    }
  }

  /** Floats outside of the heap. */
  record Memory(NativeBuffer buffer, int shift, int count) {
    long address() {
      return buffer.address() + shift;
    }

    float[] floats() {
      float[] out = new float[count];
      buffer.view(shift, 4L * count).asFloatBuffer().get(out);
      return out;
    }
  }

  static float[] random(Random random, int count) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  @Override
  public void close() {
    pool.close();
    library.close();
    buffers.forEach(NativeBuffer::close);
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
