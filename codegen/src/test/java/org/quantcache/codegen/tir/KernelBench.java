package org.quantcache.codegen.tir;

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
    TvmNatives.load(NativeMode.COMPILER);
    this.target = CpuTarget.host();
    try {
      this.file = Files.createTempFile("kernels", ".so");
      Files.write(file, new CpuCompiler(target).compile(specs).library());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.library = KernelLibrary.load(file);
    long workspace = specs.stream().mapToLong(s -> s.workspaceBytes(target)).max().orElse(0);
    this.pool = new WorkerPool(workers, workspace);
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
