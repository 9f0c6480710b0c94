package org.quantcache.codegen.cuda;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.CudaLaunch;
import org.quantcache.kernels.cuda.CudaModule;
import org.quantcache.kernels.cuda.CudaStream;
import org.quantcache.kernels.cuda.DeviceMemory;
import org.quantcache.kernels.cuda.KernelGeometry;
import org.quantcache.kernels.cuda.LaunchMemory;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;
import org.quantcache.kernels.pack.TilePacker;

/** Compiles kernels for the emulated device and runs them on arrays, for tests. */
final class CudaBench implements AutoCloseable {
  private static final int DRIVER = 12060;

  /** Fewer than tests have tiles, so that blocks go on with a second one. */
  private static final int MULTIPROCESSORS = 2;

  private final CudaDevice device;
  private final CudaStream stream;
  private final CudaModule module;
  private final LaunchMemory launches = new LaunchMemory();
  private final List<DeviceMemory> memories = new ArrayList<>();

  CudaBench(Collection<CudaKernel> kernels) {
    this(kernels, 80, "");
  }

  /** With the code of a card. */
  private CudaBench(Collection<CudaKernel> kernels, int capability, String chosen) {
    EmulatedDriver.load();
    EmulatedDriver.setVersions(DRIVER, capability);
    this.device = CudaDevice.open();
    this.stream = new CudaStream();
    this.module = new CudaModule(
        device, "a test", EmulatedDriver.compile(chosen + CudaSource.of(kernels, Map.of())));
  }

  /** With code for the card of warpgroups. */
  static CudaBench ofWarpgroups(Collection<CudaKernel> kernels) {
    String warpgroups = chosen("QC_WARPGROUPS", 1) + chosen("QC_INT4_PRODUCTS", 0);
    return new CudaBench(kernels, 90, warpgroups);
  }

  /** With code for cards that multiply no values of 4 bits. */
  static CudaBench withoutInt4(Collection<CudaKernel> kernels) {
    return new CudaBench(kernels, 100, chosen("QC_INT4_PRODUCTS", 0));
  }

  private static String chosen(String name, int value) {
    return "#undef %s\n#define %s %d\n".formatted(name, name, value);
  }

  /** Elements of one kind on the device. */
  final class Elements {
    private final ScalarType type;
    private final int count;
    private final DeviceMemory memory;

    private Elements(ScalarType type, float[] values) {
      this.type = type;
      this.count = values.length;
      this.memory =
          new DeviceMemory(device, (long) count * type.bytes() + GUARD, "a test", "test less");
      memories.add(memory);
      ByteBuffer bytes = bytes();
      for (float value : values) {
        switch (type) {
          case F32 -> bytes.putFloat(value);
          case BF16 -> bytes.putShort(bf16(value));
          case I32 -> bytes.putInt((int) value);
          default -> bytes.put((byte) value);
        }
      }
      for (int i = 0; i < GUARD; i++) {
        bytes.put(UNTOUCHED);
      }
      memory.upload(0, bytes.rewind());
    }

    private ByteBuffer bytes() {
      return ByteBuffer.allocateDirect((int) memory.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The numbers that lie on the device; bytes are unsigned. */
    float[] floats() {
      ByteBuffer bytes = bytes();
      memory.download(0, bytes);
      bytes.rewind();
      float[] out = new float[count];
      for (int i = 0; i < count; i++) {
        out[i] = switch (type) {
          case F32 -> bytes.getFloat();
          case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
          case I32 -> bytes.getInt();
          default -> bytes.get() & 0xff;
        };
      }
      for (int i = 0; i < GUARD; i++) {
        if (bytes.get() != UNTOUCHED) {
          throw new AssertionError("a kernel writes behind its elements");
        }
      }
      return out;
    }

    ScalarType type() {
      return type;
    }
  }

  /** Bytes behind the elements that no kernel may touch. */
  private static final int GUARD = 64;

  private static final byte UNTOUCHED = 0x5a;

  Elements elements(ScalarType type, float... values) {
    return new Elements(type, values);
  }

  Elements zeros(ScalarType type, int count) {
    return new Elements(type, new float[count]);
  }

  /** Normally distributed numbers, as the device holds them. */
  Elements random(Random random, ScalarType type, int count, float deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return new Elements(type, values);
  }

  /** A weight {@code [n, k]} of bf16 in tiles. */
  Elements tiles(int n, int k, float... values) {
    return tiles(out -> TilePacker.pack(
        n,
        k,
        ScalarType.BF16,
        (row, into) -> System.arraycopy(values, (int) row * k, into, 0, k),
        out));
  }

  /** A weight {@code [n, k]} of whole numbers in cells of so many bits, in tiles. */
  Elements tiles(int n, int k, int cellBits, float... values) {
    return tiles(out -> TilePacker.pack(
        n,
        k,
        cellBits,
        (row, into) -> {
          for (int i = 0; i < k; i++) {
            into[i] = (byte) values[(int) row * k + i];
          }
        },
        out));
  }

  /** Writes a packed weight. */
  @FunctionalInterface
  private interface Packing {
    void to(WritableByteChannel out) throws IOException;
  }

  private Elements tiles(Packing packing) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      packing.to(Channels.newChannel(out));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] bytes = out.toByteArray();
    float[] values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i];
    }
    return new Elements(ScalarType.U8, values);
  }

  /** Launches a kernel and waits for it. */
  void run(
      CudaKernel kernel,
      long items,
      List<Elements> pointers,
      List<Integer> numbers,
      float... reals) {
    run(kernel, kernel.geometry().get(0), items, pointers, numbers, reals);
  }

  /** The same with a geometry of the kernel. */
  void run(
      CudaKernel kernel,
      KernelGeometry geometry,
      long items,
      List<Elements> pointers,
      List<Integer> numbers,
      float... reals) {
    CudaLaunch.Builder launch = CudaLaunch.of(module.function(kernel.name()));
    pointers.forEach(p -> launch.pointer(p.memory.address()));
    numbers.forEach(launch::integer);
    for (float real : reals) {
      launch.real(real);
    }
    launch
        .integer(items)
        .geometry(
            geometry.blocks(items, MULTIPROCESSORS), geometry.threads(), geometry.sharedBytes())
        .build(launches)
        .run(stream);
    stream.synchronize();
  }

  /** Rounded to the nearest, halves to even. */
  static float rounded(ScalarType type, double value) {
    return type == ScalarType.BF16
        ? Float.intBitsToFloat(bf16((float) value) << 16)
        : (float) value;
  }

  /** @param tolerance by index */
  static void requireClose(
      CudaKernel kernel, float[] found, float[] expected, IntToDoubleFunction tolerance) {
    for (int i = 0; i < Math.max(found.length, expected.length); i++) {
      if (!(Math.abs((double) found[i] - expected[i]) <= tolerance.applyAsDouble(i))) {
        throw new AssertionError(
            kernel.name() + ": element " + i + " is " + found[i] + ", not " + expected[i]);
      }
    }
  }

  private static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16);
  }

  @Override
  public void close() {
    memories.forEach(DeviceMemory::close);
    module.close();
    stream.close();
    launches.close();
    device.close();
    EmulatedDriver.setVersions(DRIVER, 80);
  }
}
