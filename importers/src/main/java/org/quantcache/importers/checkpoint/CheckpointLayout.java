package org.quantcache.importers.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/** The tensors that a checkpoint of a configuration holds, with their sizes; model section 4. */
public final class CheckpointLayout {
  /** May be there or not: it can be computed. */
  public static final String ROPE_FREQUENCIES = "rope.freqs";

  /** Text embedding of the unconditional half of guidance; may have any number of rows. */
  static final String NULL_TEXT = "y_embedder.y_embedding";

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
    out.put(NULL_TEXT, config.modelMaxLength(), config.captionChannels());
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

  /** What {@link #check} lets pass though it is not as this layout says. */
  public List<String> notes(WeightStore weights) {
    List<String> notes = new ArrayList<>();
    List<String> ignored = weights.keys().stream().filter(IGNORED::contains).toList();
    if (!ignored.isEmpty()) {
      notes.add("tensors without a meaning here: " + String.join(", ", ignored));
    }
    long expected = shapes.get(NULL_TEXT).get(0);
    weights.find(NULL_TEXT).map(data -> data.info().shape().get(0)).ifPresent(rows -> {
      if (rows > expected) {
        notes.add(NULL_TEXT + " has " + rows + " rows: cut to model_max_length = " + expected);
      } else if (rows < expected) {
        notes.add(NULL_TEXT + " has " + rows
            + " rows: its last one repeated up to model_max_length = " + expected);
      }
    });
    return notes;
  }

  /** @throws UserError IM0302 that lists every missing, extra and misshapen tensor */
  public void check(Path model, WeightStore weights) {
    List<String> extra = weights.keys().stream()
        .filter(key -> !shapes.containsKey(key) && !IGNORED.contains(key))
        .toList();
    List<String> missing = shapes.keySet().stream()
        .filter(key -> !key.equals(ROPE_FREQUENCIES) && weights.find(key).isEmpty())
        .toList();
    List<String> problems = new ArrayList<>();
    for (String key : missing) {
      // The search for a name is quadratic, and what is not shown needs none.
      String nearest = problems.size() < MAX_LISTED ? nearest(key, extra) : "";
      problems.add("missing '" + key + "' " + shapes.get(key) + nearest);
    }
    for (Map.Entry<String, List<Long>> expected : shapes.entrySet()) {
      weights
          .find(expected.getKey())
          .flatMap(data -> misfit(data.info(), expected.getValue()))
          .ifPresent(problems::add);
    }
    extra.forEach(key -> problems.add("'" + key + "' is no tensor of this model"));
    if (!problems.isEmpty()) {
      throw failure(model, problems);
    }
  }

  private static UserError failure(Path model, List<String> problems) {
    String line = System.lineSeparator() + "  ";
    int shown = Math.min(problems.size(), MAX_LISTED);
    String more =
        problems.size() > shown ? line + "... and " + (problems.size() - shown) + " more" : "";
    return UserError.of(
            "IM0302",
            "the tensors of %s do not fit its config.json (%d):%s%s",
            model,
            problems.size(),
            line,
            String.join(line, problems.subList(0, shown)) + more)
        .withHint("check that config.json belongs to this checkpoint");
  }

  private static Optional<String> misfit(TensorInfo found, List<Long> expected) {
    List<Long> shape = found.shape();
    boolean fits = found.name().equals(NULL_TEXT)
        ? shape.size() == 2 && shape.get(0) > 0 && shape.get(1).equals(expected.get(1))
        : shape.equals(expected);
    if (!fits) {
      return Optional.of("'" + found.name() + "' has sizes " + shape + ", expected " + expected);
    }
    return found.type().scalar().isFloat()
        ? Optional.empty()
        : Optional.of(
            "'" + found.name() + "' is of kind " + found.type() + ", expected a float kind");
  }

  private static String nearest(String key, List<String> present) {
    return NearestName.of(key, present)
        .map(name -> ", nearest is '" + name + "'")
        .orElse("");
  }

  private static final class Shapes {
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    void put(String key, long... sizes) {
      shapes.put(key, Arrays.stream(sizes).boxed().toList());
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
