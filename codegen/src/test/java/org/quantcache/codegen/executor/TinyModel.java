package org.quantcache.codegen.executor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.pipelines.AllPasses;

/** The programs of {@code programs.qir}, with seeded weights and inputs; for tests. */
public final class TinyModel {
  private TinyModel() {}

  /** As written. */
  public static IrModule module() {
    return read("programs.qir");
  }

  private static IrModule read(String name) {
    try (InputStream in = TinyModel.class.getResourceAsStream(name)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return IrParser.parse(text, name, StandardOps.registry());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code attention.qir}, which has no weights, ready for the backend of device cuda. */
  public static IrModule attention(boolean narrowed) {
    IrModule module = read("attention.qir");
    run(module, "fuse," + (narrowed ? "narrow,fold," : "") + "lower{device=cuda},memory-plan");
    return module;
  }

  /** Ready for the backend. */
  public static IrModule planned(CpuTarget target) {
    IrModule module = module();
    plan(module, target);
    return module;
  }

  public static void plan(IrModule module, CpuTarget target) {
    run(module, "fuse," + AllPasses.targetPasses(target.panelWidth()));
  }

  /** Ready for the backend of device cuda. */
  public static IrModule plannedForCuda() {
    IrModule module = module();
    run(module, "fuse,fuse{rules=ends},lower{device=cuda},memory-plan");
    return module;
  }

  /** The same with activations of 16 bits. */
  public static IrModule narrowed() {
    IrModule module = module();
    run(module, "fuse," + AllPasses.CUDA_PASSES);
    return module;
  }

  private static void run(IrModule module, String passes) {
    new PassManager(StandardOps.registry(), List.of()).run(AllPasses.parse(passes), module);
  }

  /** f32 weights by key, the same ones each time. Definitions convert them. */
  public static WeightStore weights() {
    Map<String, TensorData> tensors = new TreeMap<>();
    for (Operation global : module().globals()) {
      Attributes definition = global.attributes();
      TensorType type = definition.type("type");
      List<Long> sizes =
          new ArrayList<>(type.dims().stream().map(Dim::coefficient).toList());
      if (definition.has("rows")) {
        sizes.set(
            0, 1 + definition.longs("rows").stream().mapToLong(r -> r).max().orElseThrow());
      }
      String key = definition.string("key");
      if (!definition.word("part", "values").equals("values")) {
        continue;
      }
      tensors.put(key, new Stored(key, sizes));
      if (definition.has("columns")) {
        String columns = definition.string("columns");
        tensors.put(columns, new Stored(columns, sizes.subList(1, 2)));
      }
      if (definition.has("outputs")) {
        String outputs = definition.string("outputs");
        tensors.put(outputs, new Stored(outputs, sizes.subList(0, 1)));
      }
    }
    return new WeightStore() {
      @Override
      public Set<String> keys() {
        return tensors.keySet();
      }

      @Override
      public Optional<TensorData> find(String key) {
        return Optional.ofNullable(tensors.get(key));
      }

      @Override
      public void close() {}
    };
  }

  private static final class Stored implements TensorData {
    private final TensorInfo info;
    private final ByteBuffer data;

    Stored(String key, List<Long> sizes) {
      Random random = new Random(key.hashCode());
      data = ByteBuffer.allocate((int) (4 * Tensor.elements(sizes))).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < data.capacity(); i += 4) {
        // Sixteenths are exact in every element kind.
        data.putFloat(i, Math.round(random.nextGaussian() * 5) / 16f);
      }
      info = new TensorInfo(key, StoredType.F32, sizes, 0, data.capacity());
    }

    @Override
    public TensorInfo info() {
      return info;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      return data.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  public static Tensor random(Random random, long... sizes) {
    List<Long> list = new ArrayList<>();
    for (long size : sizes) {
      list.add(size);
    }
    float[] values = new float[(int) Tensor.elements(list)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(list, values);
  }
}
