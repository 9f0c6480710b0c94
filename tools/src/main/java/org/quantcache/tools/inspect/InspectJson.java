package org.quantcache.tools.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.quantcache.codegen.bench.Roofline;

/** Layers and peaks as JSON. */
public final class InspectJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private InspectJson() {}

  /** One object for each layer. */
  public static ArrayNode layers(List<LayerRow> rows, Optional<Roofline> roofline) {
    ArrayNode out = JSON.arrayNode();
    for (LayerRow row : rows) {
      ObjectNode node = out.addObject()
          .put("function", row.function())
          .put("at", row.at())
          .put("op", row.op())
          .put("per_step", row.perStep())
          .put("weight_bits", row.weightBits())
          .put("activation_bits", row.activationBits())
          .put("flop", row.cost().flops())
          .put("bytes", row.cost().bytes());
      ArrayNode kernels = node.putArray("kernels");
      row.kernels().forEach(kernels::add);
      roofline.ifPresent(r -> node.put("expected_us", row.micros(r)).put("bound", row.bound(r)));
    }
    return out;
  }

  /** What the expected times rest on. */
  public static ObjectNode roofline(Roofline roofline) {
    return JSON.objectNode()
        .put("threads", roofline.threads())
        .put("float_gflops", roofline.gigaflops())
        .put("byte_gops", roofline.gigaops())
        .put("memory_gigabytes_per_second", roofline.gigabytes())
        .put("cache_gigabytes_per_second", roofline.cached())
        .put("cache_bytes", roofline.cacheBytes());
  }

  /** Which parts of the method are active. */
  public static ArrayNode activity(List<Activity> parts) {
    ArrayNode out = JSON.arrayNode();
    for (Activity part : parts) {
      ArrayNode kernels = out.addObject()
          .put("part", part.what())
          .put("operations", part.operations())
          .put("launches", part.launches())
          .putArray("kernels");
      part.kernels().forEach(kernels::add);
    }
    return out;
  }
}
