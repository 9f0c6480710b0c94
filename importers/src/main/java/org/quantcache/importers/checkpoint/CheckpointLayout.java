package org.quantcache.importers.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/** The tensors that a checkpoint of a configuration holds, with their sizes; model section 4. */
public final class CheckpointLayout {
  /** May be there or not: it can be computed. */
  public static final String ROPE_FREQUENCIES = "rope.freqs";

  private static final Set<String> IGNORED = ImmutableSet.of(
      "pos_embed",
      "pos_embed_temporal",
      "pos_embed.inv_freq",
      "rope.cached_freqs",
      "rope.cached_scales",
      "rope.scale",
      "rope.dummy");
  private static final int MAX_LISTED = 40;

  private final Map<String, List<Long>> shapes;

  private CheckpointLayout(Map<String, List<Long>> shapes) {
    this.shapes = ImmutableMap.copyOf(shapes);
  }

  /** The layout of a configuration. */
  public static CheckpointLayout of(StditConfig config) {
    Shapes out = new Shapes();
    long c = config.hiddenSize();
    out.put(ROPE_FREQUENCIES, config.headDim() / 2);
    out.put(
        "x_embedder.proj.weight",
        c,
        config.inChannels(),
        config.patch().get(0),
        config.patch().get(1),
        config.patch().get(2));
    out.put("x_embedder.proj.bias", c);
    for (String embedder : List.of("t_embedder", "fps_embedder")) {
      out.linear(embedder + ".mlp.0", c, 256);
      out.linear(embedder + ".mlp.2", c, c);
    }
    out.linear("t_block.1", 6 * c, c);
    // The original builds its caption embedder also when the text comes projected.
    out.put("y_embedder.y_embedding", config.modelMaxLength(), config.captionChannels());
    out.linear("y_embedder.y_proj.fc1", c, config.captionChannels());
    out.linear("y_embedder.y_proj.fc2", c, c);
    for (String stack : List.of("spatial_blocks", "temporal_blocks")) {
      for (int k = 0; k < config.depth(); k++) {
        out.block(stack + "." + k, config);
      }
    }
    out.put("final_layer.scale_shift_table", 2, c);
    out.linear("final_layer.linear", (long) config.patchVolume() * config.outChannels(), c);
    return new CheckpointLayout(out.shapes);
  }

  /** Sizes by key, in the order of the original. */
  public Map<String, List<Long>> shapes() {
    return shapes;
  }

  /** @throws UserError IM0302 that lists every missing, extra and misshapen tensor */
  public void check(Path model, WeightStore weights) {
    List<String> problems = new ArrayList<>();
    for (Map.Entry<String, List<Long>> expected : shapes.entrySet()) {
      String key = expected.getKey();
      if (weights.find(key).isEmpty()) {
        if (!key.equals(ROPE_FREQUENCIES)) {
          problems.add("missing '" + key + "' " + expected.getValue() + nearest(key, weights));
        }
        continue;
      }
      TensorInfo found = weights.find(key).orElseThrow().info();
      if (!found.shape().equals(expected.getValue())) {
        problems.add("'" + key + "' has sizes " + found.shape() + ", expected " + expected.getValue());
      } else if (!found.type().scalar().isFloat()) {
        problems.add("'" + key + "' is of kind " + found.type() + ", expected a float kind");
      }
    }
    for (String key : weights.keys()) {
      if (!shapes.containsKey(key) && !IGNORED.contains(key)) {
        problems.add("'" + key + "' is no tensor of this model");
      }
    }
    if (!problems.isEmpty()) {
      int shown = Math.min(problems.size(), MAX_LISTED);
      String more = problems.size() > shown ? System.lineSeparator() + "  ... and " + (problems.size() - shown) : "";
      throw UserError.of("IM0302", "%s", "the tensors of " + model + " do not fit its config.json ("
              + problems.size() + "):" + System.lineSeparator() + "  "
              + String.join(System.lineSeparator() + "  ", problems.subList(0, shown)) + more)
          .withHint("check that config.json belongs to this checkpoint");
    }
  }

  private static String nearest(String key, WeightStore weights) {
    return NearestName.of(key, weights.keys()).map(n -> ", nearest is '" + n + "'").orElse("");
  }

  private static final class Shapes {
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    void put(String key, long... sizes) {
      shapes.put(key, java.util.Arrays.stream(sizes).boxed().toList());
    }

    void linear(String name, long out, long in) {
      put(name + ".weight", out, in);
      put(name + ".bias", out);
    }

    void block(String name, StditConfig config) {
      long c = config.hiddenSize();
      put(name + ".scale_shift_table", 6, c);
      linear(name + ".attn.qkv", 3 * c, c);
      if (config.qkNorm()) {
        put(name + ".attn.q_norm.weight", config.headDim());
        put(name + ".attn.k_norm.weight", config.headDim());
      }
      linear(name + ".attn.proj", c, c);
      linear(name + ".cross_attn.q_linear", c, c);
      linear(name + ".cross_attn.kv_linear", 2 * c, c);
      linear(name + ".cross_attn.proj", c, c);
      linear(name + ".mlp.fc1", config.mlpHidden(), c);
      linear(name + ".mlp.fc2", c, config.mlpHidden());
    }
  }
}
