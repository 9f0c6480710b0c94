package org.quantcache.codegen.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.quantcache.codegen.bench.CudaCase.Ceiling;
import org.quantcache.codegen.bench.CudaCase.Operand;
import org.quantcache.codegen.cuda.CeilingKernels;
import org.quantcache.codegen.cuda.CudaKernel;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.CudaEvent;
import org.quantcache.kernels.cuda.CudaLaunch;
import org.quantcache.kernels.cuda.CudaStream;
import org.quantcache.kernels.cuda.DeviceMemory;
import org.quantcache.kernels.cuda.KernelSet;
import org.quantcache.kernels.cuda.LaunchMemory;

/**
 * Kernels on a card at the sizes of a network, each in turns with what bounds it: products in registers, or a copy. The card
 * takes the times. Under emulation all of it runs and no time is told, since it would say nothing.
 */
public final class CudaBenchmark implements AutoCloseable {
  private static final int WARM_UP = 3;
  /** Launches of a turn, so that what a launch costs the host does not count. */
  private static final int REPEATS = 5;

  private static final int PRODUCT_ROUNDS = 4096;
  private static final int EMULATED_ROUNDS = 2;
  private static final int BLOCKS_OF_MULTIPROCESSOR = 8;
  private static final int WARP = 32;
  private static final int OPERAND_WORDS = 6 * WARP;
  /** Twice the multiply-adds of 16 x 8 x 16 and 16 x 8 x 32 numbers. */
  private static final double OPERATIONS_OF_HALVES = 2.0 * 16 * 8 * 16;

  private static final double OPERATIONS_OF_BYTES = 2.0 * 16 * 8 * 32;
  private static final long COPY_BYTES = 256L << 20;
  private static final long EMULATED_COPY_BYTES = 1 << 16;
  private static final double MILLI = 1e-3;
  private static final String SMALLER = "close what else uses the device";

  /**
   * A measured kernel.
   *
   * @param kernel what it does
   * @param rows tokens that it works on
   * @param unit of the numbers
   * @param rate median; empty under emulation
   * @param ceiling median of what bounds it, in turns with it; empty under emulation
   */
  public record Row(
      String kernel, long rows, String unit, OptionalDouble rate, OptionalDouble ceiling) {
    /** Share of the ceiling. */
    public OptionalDouble share() {
      return rate.isPresent() && ceiling.isPresent()
          ? OptionalDouble.of(rate.getAsDouble() / ceiling.getAsDouble())
          : OptionalDouble.empty();
    }
  }

  /** A piece of work of the device and how much of it a run does. */
  private record Work(Runnable launch, double amount) {}

  private final CudaDevice device;
  private final KernelSet kernels;
  private final CudaStream stream = new CudaStream();
  private final CudaEvent start = new CudaEvent();
  private final CudaEvent end = new CudaEvent();
  private final LaunchMemory launches = new LaunchMemory();
  private final List<DeviceMemory> ceilingMemory = new ArrayList<>();
  private final Map<Ceiling, Work> ceilings = new EnumMap<>(Ceiling.class);

  /**
   * Gets ready; device and kernels stay the caller's.
   *
   * @param kernels those of {@link #kernels}
   * @throws org.quantcache.ir.diagnostics.UserError RT0506 to RT0508, RT0510
   */
  public CudaBenchmark(CudaDevice device, KernelSet kernels) {
    this.device = device;
    this.kernels = kernels;
    try {
      ceilings.put(Ceiling.HALVES, products(CeilingKernels.halves(), OPERATIONS_OF_HALVES));
      ceilings.put(Ceiling.BYTES, products(CeilingKernels.bytes(), OPERATIONS_OF_BYTES));
      ceilings.put(Ceiling.MEMORY, copy());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** What a benchmark launches, each kernel once. */
  public static Collection<CudaKernel> kernels(CudaShapes shapes) {
    Map<String, CudaKernel> out = new LinkedHashMap<>();
    out.put("", CeilingKernels.halves());
    out.put(" ", CeilingKernels.bytes());
    CudaCases.of(shapes).forEach(one -> out.put(one.kernel().name(), one.kernel()));
    return List.copyOf(out.values());
  }

  /**
   * Measures all kernels at the sizes of a network.
   *
   * @param rounds turns of each kernel
   * @param each told of every row as it is there
   * @throws org.quantcache.ir.diagnostics.UserError RT0506, RT0508
   */
  public void run(CudaShapes shapes, int rounds, Consumer<Row> each) {
    for (CudaCase one : CudaCases.of(shapes)) {
      List<DeviceMemory> operands = new ArrayList<>();
      try {
        one.operands().forEach(operand -> operands.add(filled(operand)));
        each.accept(measure(one, operands, rounds));
      } finally {
        operands.forEach(DeviceMemory::close);
      }
    }
  }

  private Row measure(CudaCase one, List<DeviceMemory> operands, int rounds) {
    CudaLaunch launch = launch(one.kernel().name(), operands, one.numbers(), one.items());
    Work work = new Work(() -> launch.run(stream), one.work());
    Work bound = ceilings.get(one.ceiling());
    for (int i = 0; i < WARM_UP; i++) {
      seconds(bound);
      seconds(work);
    }
    List<Double> own = new ArrayList<>();
    List<Double> others = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      others.add(one.ceiling().rate(bound.amount(), seconds(bound)));
      own.add(one.ceiling().rate(work.amount(), seconds(work)));
    }
    return new Row(one.name(), one.rows(), one.ceiling().unit(), told(own), told(others));
  }

  private OptionalDouble told(List<Double> rates) {
    return device.isEmulated()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            rates.stream().sorted().skip(rates.size() / 2).findFirst().orElseThrow());
  }

  /** Of one launch, as the device takes them. */
  private double seconds(Work work) {
    int repeats = device.isEmulated() ? 1 : REPEATS;
    start.record(stream);
    for (int i = 0; i < repeats; i++) {
      work.launch().run();
    }
    end.record(stream);
    end.synchronize();
    return start.millisecondsTo(end) * MILLI / repeats;
  }

  private Work products(CudaKernel kernel, double operations) {
    long blocks =
        device.isEmulated() ? 1 : (long) device.multiprocessors() * BLOCKS_OF_MULTIPROCESSOR;
    long rounds = device.isEmulated() ? EMULATED_ROUNDS : PRODUCT_ROUNDS;
    List<DeviceMemory> memory = List.of(
        kept(new Operand(ScalarType.BF16, 2L * OPERAND_WORDS)),
        kept(new Operand(ScalarType.F32, blocks * CeilingKernels.THREADS)));
    CudaLaunch launch = launch(kernel.name(), memory, List.of(rounds), blocks);
    long warps = blocks * CeilingKernels.THREADS / WARP;
    return new Work(
        () -> launch.run(stream), operations * warps * CeilingKernels.PRODUCTS * rounds);
  }

  /** Reads and writes the same number of bytes. */
  private Work copy() {
    long bytes = device.isEmulated() ? EMULATED_COPY_BYTES : COPY_BYTES;
    DeviceMemory from = kept(new Operand(ScalarType.U8, bytes));
    DeviceMemory to = kept(new Operand(ScalarType.U8, bytes));
    return new Work(() -> stream.copy(from, 0, to, 0, bytes), 2.0 * bytes);
  }

  private DeviceMemory kept(Operand operand) {
    DeviceMemory memory = filled(operand);
    ceilingMemory.add(memory);
    return memory;
  }

  private CudaLaunch launch(
      String name, List<DeviceMemory> operands, List<Long> numbers, long items) {
    CudaLaunch.Builder launch = kernels.launch(name);
    operands.forEach(operand -> launch.pointer(operand.address()));
    numbers.forEach(launch::integer);
    return kernels.over(items, launch).build(launches);
  }

  private DeviceMemory filled(Operand operand) {
    DeviceMemory memory = new DeviceMemory(device, operand.bytes(), "a benchmark", SMALLER);
    try {
      SeededBytes.fill(memory, operand.type());
      return memory;
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  @Override
  public void close() {
    ceilingMemory.forEach(DeviceMemory::close);
    launches.close();
    start.close();
    end.close();
    stream.close();
  }
}
