package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.codegen.tir.CrossAttentionSpec;
import org.quantcache.codegen.tir.SelfAttentionSpec;
import org.quantcache.ir.types.ScalarType;

/**
 * Attention. Tensor cores compute it where all that is multiplied is bf16 and heads have whole units of 8 channels, at
 * most 128; anything else is computed in f32. Work items are those of the specs: samples * sequences * heads, and samples
 * * heads * chunks of 128 queries.
 */
public final class AttentionKernels {
  private static final String ABSENT = "nullptr";

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
    List<ScalarType> activations = activations(types.subList(0, 2));
    requireAll(types.subList(2, types.size()), ScalarType.F32);
    boolean halves =
        AttentionLayout.suitsTensorCores(activations.get(0), spec.headDim(), spec.scale());
    AttentionLayout layout = AttentionLayout.self(spec.headDim(), spec.length(), halves);
    List<String> pointers = new ArrayList<>();
    if (spec.norm()) {
      pointers.addAll(List.of("q_norm", "k_norm"));
    }
    if (spec.rope()) {
      pointers.add("rope");
    }
    Map<String, String> holes = holes(layout, spec.heads(), spec.headDim(), spec.scale());
    holes.put("qkv", DeviceTypes.name(activations.get(0)));
    holes.put("result", DeviceTypes.name(activations.get(1)));
    holes.put("length", Integer.toString(spec.length()));
    holes.put("norm", Boolean.toString(spec.norm()));
    holes.put("rope", Boolean.toString(spec.rope()));
    holes.put("epsilon", literal(spec.epsilon()));
    holes.put("pointers", declared(pointers, ScalarType.F32));
    holes.put(
        "tables",
        String.join(
            ", ",
            spec.norm() ? "q_norm" : ABSENT,
            spec.norm() ? "k_norm" : ABSENT,
            spec.rope() ? "rope" : ABSENT));
    return kernel(spec.functionName(), activations, "self_attention", holes, layout);
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
