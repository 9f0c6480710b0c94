package org.quantcache.importers.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The form of a configuration in {@code config.json}: the keys that change the graph. */
final class ConfigJson {
  private ConfigJson() {}

  static ObjectNode of(StditConfig config) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("model_type", "STDiT3");
    root.putArray("architectures").add("STDiT3");
    root.put("input_sq_size", config.inputSqSize());
    root.put("in_channels", config.inChannels());
    ArrayNode patch = root.putArray("patch_size");
    config.patch().forEach(patch::add);
    root.put("hidden_size", config.hiddenSize());
    root.put("depth", config.depth());
    root.put("num_heads", config.heads());
    root.put("mlp_ratio", config.mlpRatio());
    root.put("pred_sigma", config.predSigma());
    root.put("caption_channels", config.captionChannels());
    root.put("model_max_length", config.modelMaxLength());
    root.put("qk_norm", config.qkNorm());
    root.put("skip_y_embedder", config.skipYEmbedder());
    return root;
  }
}
