package org.quantcache.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.function.Consumer;
import org.quantcache.kernels.executor.CompiledExecutor;
import org.quantcache.kernels.runtime.LaunchProfile;

/** Base of the executors of the cuda device: the words of their source that launch and copy. */
public abstract class CudaExecutor extends CompiledExecutor {
  private final CudaContext context;

  protected CudaExecutor(CudaContext context) {
    super(context.sizes);
    this.context = context;
  }

  @Override
  protected final ByteBuffer view(long offset, long bytes) {
    return context.arena.view(offset, bytes);
  }

  @Override
  protected final ByteBuffer shown(long offset, long bytes) {
    fetch(offset, bytes);
    return view(offset, bytes);
  }

  @Override
  protected final ByteBuffer weightView(String name) {
    return context.weights.view(name);
  }

  /** Starts a launch of a kernel. */
  protected final CudaLaunch.Builder kernel(String name) {
    return context.kernels.launch(name);
  }

  /** Finishes a launch over {@code items}, the last parameter of every kernel. */
  protected final CudaLaunch over(long items, CudaLaunch.Builder builder) {
    return context.kernels.over(items, builder).build(context.launches);
  }

  /** The same for little work; a device makes no difference. */
  protected final CudaLaunch alone(long items, CudaLaunch.Builder builder) {
    return over(items, builder);
  }

  /** Address of a value on the device. */
  protected final long at(long offset) {
    return context.arena.address(offset);
  }

  /** Address of a weight on the device. */
  protected final long weight(String name) {
    return context.weights.address(name);
  }

  /** Launches and copies that run one after the other each time, with the same arguments; {@code work} is nothing else. */
  protected final Runnable segment(Runnable work) {
    return context.own(new CudaSegment(
        context.stream, work, () -> !context.graphs || profile() != LaunchProfile.OFF));
  }

  /** Gives a launch to the device. */
  protected final void run(CudaLaunch launch) {
    if (profile() == LaunchProfile.OFF) {
      launch.run(context.stream);
      return;
    }
    long start = System.nanoTime();
    long nanos = context.timer().run(launch, context.stream);
    profile().add(launch.name(), launch.place(), start, nanos);
  }

  /** Sets numbers of a launch, the first at parameter {@code index}. */
  protected static void reals(CudaLaunch launch, int index, float[] values) {
    for (int i = 0; i < values.length; i++) {
      launch.setReal(index + i, values[i]);
    }
  }

  protected final DeviceCopy copy(long to, long from, long bytes) {
    return new DeviceCopy(context.stream, to, from, bytes);
  }

  /** Fills a value with zeros. */
  protected final void zero(long offset, long bytes) {
    context.arena.zero(offset, bytes, context.stream);
  }

  /** Brings a value that Java wrote to the device. */
  protected final void send(long offset, long bytes) {
    context.ahead.send(offset, bytes);
  }

  /** Copies bytes that Java can read to another place where it reads them. */
  protected final void copyOnHost(long to, long from, long bytes) {
    view(to, bytes).put(view(from, bytes));
  }

  /** Comes before launches are bound: how many totals kernels leave. */
  protected final void takeRoomFor(int totals) {
    context.ahead.takeRoomFor(totals);
  }

  /** Address of a total on the device. */
  protected final long total(int index) {
    return context.ahead.total(index);
  }

  /** The next launch leaves a total of {@code width} numbers, which {@code reader} gets at {@link #takeMeasurements}. */
  protected final void measured(int index, int width, Consumer<FloatBuffer> reader) {
    context.ahead.measured(index, width, reader);
  }

  /** Comes where nothing more is measured for the next decision: lets what was measured travel, all of it at once. */
  protected final void bringMeasurements() {
    context.ahead.bringMeasurements();
  }

  /** Comes before decisions that rest on measurements: hands them over, in order, and waits for them. */
  protected final void takeMeasurements() {
    context.ahead.takeMeasurements();
  }

  /** Comes after each step of a loop: waits until the device is through with the step two before. */
  protected final void endStep() {
    context.ahead.endStep();
  }

  @Override
  protected final void finish() {
    context.ahead.finish();
  }

  /** Brings a value that the device computed to where Java reads it, and waits for it. */
  protected final void fetch(long offset, long bytes) {
    context.arena.fetch(offset, bytes, context.stream);
  }
}
