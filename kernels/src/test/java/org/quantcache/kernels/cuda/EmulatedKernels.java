package org.quantcache.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** The emulated device with kernels of a test, and what tests do over and over with it. */
final class EmulatedKernels implements AutoCloseable {
  final CudaDevice device;
  final CudaStream stream;
  final LaunchMemory launches = new LaunchMemory();
  private final CudaModule module;
  private final List<DeviceMemory> memories = new ArrayList<>();

  EmulatedKernels(String text) {
    EmulatedDriver.load();
    device = CudaDevice.open();
    stream = new CudaStream();
    module = new CudaModule(device, "a test", EmulatedDriver.compile(text));
  }

  CudaLaunch.Builder launch(String kernel) {
    return CudaLaunch.of(module.function(kernel));
  }

  DeviceMemory memory(long bytes) {
    DeviceMemory memory = new DeviceMemory(device, bytes, "a test", "test less");
    memories.add(memory);
    return memory;
  }

  DeviceMemory floats(float... values) {
    ByteBuffer buffer = direct(4 * values.length);
    buffer.asFloatBuffer().put(values);
    DeviceMemory memory = memory(buffer.capacity());
    memory.upload(0, buffer);
    return memory;
  }

  DeviceMemory ints(int... values) {
    ByteBuffer buffer = direct(4 * values.length);
    buffer.asIntBuffer().put(values);
    DeviceMemory memory = memory(buffer.capacity());
    memory.upload(0, buffer);
    return memory;
  }

  DeviceMemory bytes(byte... values) {
    DeviceMemory memory = memory(values.length);
    memory.upload(0, direct(values.length).put(values).rewind());
    return memory;
  }

  static float[] floats(DeviceMemory memory) {
    float[] out = new float[(int) (memory.bytes() / 4)];
    download(memory).asFloatBuffer().get(out);
    return out;
  }

  static int[] ints(DeviceMemory memory) {
    int[] out = new int[(int) (memory.bytes() / 4)];
    download(memory).asIntBuffer().get(out);
    return out;
  }

  private static ByteBuffer download(DeviceMemory memory) {
    ByteBuffer buffer = direct((int) memory.bytes());
    memory.download(0, buffer);
    return buffer;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    memories.forEach(DeviceMemory::close);
    module.close();
    stream.close();
    launches.close();
    device.close();
  }
}
