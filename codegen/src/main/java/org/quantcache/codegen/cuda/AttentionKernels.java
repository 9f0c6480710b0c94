package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.executor.KeyedAttentionForm;
import org.quantcache.codegen.executor.KeysForm;
import org.quantcache.codegen.tir.CrossAttentionSpec;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.types.ScalarType;

/**
 * Attention. Tensor cores compute it where all that is multiplied is bf16 and heads have whole units of 8 channels, at
 * most 128; anything else is computed in f32. Work items are those of the specs: samples * sequences * heads, and samples
 * * heads * chunks of 128 queries.
 */
public final class AttentionKernels {
  private static final String ABSENT = "nullptr";

  /** Lanes that share a row of a head; a block holds as many rows as share a scale. */
  private static final int ROW_LANES = 4;

  private static final int KEY_THREADS = AttentionOps.KEYS_PER_SCALE * ROW_LANES;

  /** Where keys are, as the family calls it. */
  private enum Keys {
    BESIDE,
    FLOATS,
    BYTES
  }

  private AttentionKernels() {}

  /**
   * Attention within sequences.
   *
   * @param types kinds of qkv, out, [q_norm, k_norm], [rope]
   * @throws IllegalArgumentException for heads of more than 256 channels, and kinds that no kernel reads
   */
  public static CudaKernel of(SelfAttentionSpec spec, List<ScalarType> types) {
    int tables = (spec.norm() ? 2 : 0) + (spec.rope() ? 1 : 0);
    DeviceTypes.requireCount(types, 2 + tables);
    requireAll(types.subList(2, types.size()), ScalarType.F32);
    List<String> pointers = new ArrayList<>();
    if (spec.norm()) {
      pointers.addAll(List.of("q_norm", "k_norm"));
    }
    if (spec.rope()) {
      pointers.add("rope");
    }
    return self(spec.functionName(), spec, Keys.BESIDE, types, declared(pointers, ScalarType.F32));
  }

  /**
   * Attention within sequences to keys of their own.
   *
   * @param types kinds of qkv, out, [q_norm], [rope], keys, [key scales]
   * @throws IllegalArgumentException for heads of more than 256 channels, and kinds that no kernel reads
   */
  public static CudaKernel of(KeyedAttentionForm form, List<ScalarType> types) {
    SelfAttentionSpec spec = form.attention();
    int tables = (spec.norm() ? 1 : 0) + (spec.rope() ? 1 : 0);
    DeviceTypes.requireCount(types, 3 + tables + (form.bytes() ? 1 : 0));
    requireAll(types.subList(2, 2 + tables), ScalarType.F32);
    ScalarType keys = form.bytes() ? ScalarType.I8 : types.get(0);
    requireAll(types.subList(2 + tables, 3 + tables), keys);
    List<String> pointers = new ArrayList<>();
    if (spec.norm()) {
      pointers.add("q_norm");
    }
    if (spec.rope()) {
      pointers.add("rope");
    }
    String declared = declared(pointers, ScalarType.F32)
        + declared(List.of("keys"), keys)
        + declared(form.bytes() ? List.of("key_scales") : List.of(), ScalarType.F32);
    Keys kind = form.bytes() ? Keys.BYTES : Keys.FLOATS;
    return self(form.functionName(), spec, kind, types, declared);
  }

  private static CudaKernel self(
      String name, SelfAttentionSpec spec, Keys keys, List<ScalarType> types, String pointers) {
    List<ScalarType> activations = activations(types.subList(0, 2));
    boolean halves =
        AttentionLayout.suitsTensorCores(activations.get(0), spec.headDim(), spec.scale());
    AttentionLayout layout = keys == Keys.BYTES
        ? AttentionLayout.bytes(spec.headDim(), spec.length(), halves)
        : AttentionLayout.self(spec.headDim(), spec.length(), halves);
    Map<String, String> holes = holes(layout, spec.heads(), spec.headDim(), spec.scale());
    holes.put("qkv", DeviceTypes.name(activations.get(0)));
    holes.put("key", keys == Keys.BYTES ? "s8" : DeviceTypes.name(activations.get(0)));
    holes.put("keys", keys.name());
    holes.put("result", DeviceTypes.name(activations.get(1)));
    holes.put("length", Integer.toString(spec.length()));
    holes.put("norm", Boolean.toString(spec.norm()));
    holes.put("rope", Boolean.toString(spec.rope()));
    holes.put("epsilon", literal(spec.epsilon()));
    holes.put("pointers", pointers);
    holes.put(
        "tables",
        String.join(
            ", ",
            spec.norm() ? "q_norm" : ABSENT,
            spec.norm() && keys == Keys.BESIDE ? "k_norm" : ABSENT,
            spec.rope() ? "rope" : ABSENT,
            keys == Keys.BESIDE ? ABSENT : "keys",
            keys == Keys.BYTES ? "key_scales" : ABSENT));
    return kernel(name, activations, "self_attention", holes, layout);
  }

  /**
   * Attention to text.
   *
   * @param types kinds of q, kv, out, [lengths]
   * @throws IllegalArgumentException for heads of more than 256 channels, and kinds that no kernel reads
   */
  public static CudaKernel of(CrossAttentionSpec spec, List<ScalarType> types) {
    DeviceTypes.requireCount(types, 3 + (spec.ragged() ? 1 : 0));
    List<ScalarType> activations = activations(types.subList(0, 3));
    requireAll(types.subList(3, types.size()), ScalarType.I32);
    boolean halves =
        AttentionLayout.suitsTensorCores(activations.get(0), spec.headDim(), spec.scale())
            && activations.get(1) == ScalarType.BF16;
    AttentionLayout layout = AttentionLayout.cross(spec.headDim(), halves);
    Map<String, String> holes = holes(layout, spec.heads(), spec.headDim(), spec.scale());
    holes.put("q", DeviceTypes.name(activations.get(0)));
    holes.put("kv", DeviceTypes.name(activations.get(1)));
    holes.put("result", DeviceTypes.name(activations.get(2)));
    holes.put("ragged", Boolean.toString(spec.ragged()));
    holes.put("pointers", declared(spec.ragged() ? List.of("lengths") : List.of(), ScalarType.I32));
    holes.put("lengths", spec.ragged() ? "lengths" : ABSENT);
    return kernel(spec.functionName(), activations, "cross_attention", holes, layout);
  }

  /**
   * Keys that are made beforehand. Work items are rows of heads, of bytes samples * sequences * heads.
   *
   * @param types kinds of qkv, keys, [key scales], [k_norm], [rope]
   */
  public static CudaKernel of(KeysForm form, List<ScalarType> types) {
    int results = form.bytes() ? 2 : 1;
    int tables = (form.norm() ? 1 : 0) + (form.rope() ? 1 : 0);
    DeviceTypes.requireCount(types, 1 + results + tables);
    List<ScalarType> activations = activations(types.subList(0, 1));
    ScalarType result = form.bytes() ? ScalarType.I8 : activations.get(0);
    requireAll(types.subList(1, 2), result);
    requireAll(types.subList(2, types.size()), ScalarType.F32);
    int width = DeviceTypes.packed(activations.get(0));
    while (form.headDim() % width != 0) {
      width /= 2;
    }
    StringBuilder pointers = new StringBuilder();
    pointers.append(form.bytes() ? ", float* __restrict__ scales" : "");
    pointers.append(declared(form.norm() ? List.of("k_norm") : List.of(), ScalarType.F32));
    pointers.append(declared(form.rope() ? List.of("rope") : List.of(), ScalarType.F32));
    Map<String, String> holes = new HashMap<>();
    String name = DeviceTypes.functionName(form.functionName(), activations);
    holes.put("name", name);
    holes.put("qkv", DeviceTypes.name(activations.get(0)));
    holes.put("result", DeviceTypes.name(result));
    holes.put("pointers", pointers.toString());
    holes.put(
        "tables",
        String.join(
            ", ",
            form.bytes() ? "scales" : ABSENT,
            form.norm() ? "k_norm" : ABSENT,
            form.rope() ? "rope" : ABSENT));
    holes.put("heads", Integer.toString(form.heads()));
    holes.put("head_dim", Integer.toString(form.headDim()));
    holes.put("length", Integer.toString(form.length()));
    holes.put("width", Integer.toString(width));
    holes.put("norm", Boolean.toString(form.norm()));
    holes.put("rope", Boolean.toString(form.rope()));
    holes.put("epsilon", literal(form.epsilon()));
    holes.put("way", form.bytes() ? "bytes" : "floats");
    holes.put("threads", Integer.toString(KEY_THREADS));
    int items = form.bytes() ? 1 : KEY_THREADS / ROW_LANES;
    return new CudaKernel(name, "keys", Map.copyOf(holes), KEY_THREADS, 0, items, 1);
  }

  private static Map<String, String> holes(
      AttentionLayout layout, int heads, int headDim, double scale) {
    Map<String, String> holes = new HashMap<>();
    holes.put("heads", Integer.toString(heads));
    holes.put("head_dim", Integer.toString(headDim));
    holes.put("scale", literal(scale));
    holes.put("way", layout.way());
    holes.put("warps", Integer.toString(layout.warps()));
    holes.put("tiles", Integer.toString(layout.tiles()));
    holes.put("threads", Integer.toString(layout.threads()));
    return holes;
  }

  private static CudaKernel kernel(
      String name,
      List<ScalarType> activations,
      String family,
      Map<String, String> holes,
      AttentionLayout layout) {
    String function = DeviceTypes.functionName(name, activations);
    holes.put("name", function);
    return new CudaKernel(
        function,
        family,
        Map.copyOf(holes),
        layout.threads(),
        layout.sharedBytes(),
        layout.itemsPerBlock(),
        layout.blocksPerItem());
  }

  private static String declared(List<String> pointers, ScalarType type) {
    StringBuilder out = new StringBuilder();
    pointers.forEach(
        p -> out.append(", const ").append(DeviceTypes.name(type)).append("* ").append(p));
    return out.toString();
  }

  private static List<ScalarType> activations(List<ScalarType> types) {
    for (ScalarType type : types) {
      if (type != ScalarType.F32 && type != ScalarType.BF16) {
        throw new IllegalArgumentException("activations of " + type.text());
      }
    }
    return types;
  }

  private static void requireAll(List<ScalarType> types, ScalarType expected) {
    for (ScalarType type : types) {
      if (type != expected) {
        throw new IllegalArgumentException(
            "a table of " + type.text() + " instead of " + expected.text());
      }
    }
  }

  private static String literal(double value) {
    return (float) value + "f";
  }
}
