package org.quantcache.tools.export;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.quantcache.tools.layers.LayersFile;
import org.quantcache.tools.video.RunProfile;

/**
 * What was measured of operations.
 *
 * @param errors relative L2 of what an operation gives, the largest of all steps
 * @param micros that an operation took, all steps together
 */
record Measured(Map<GraphNode.Key, Double> errors, Map<GraphNode.Key, Double> micros) {
  /** The largest error of each operation, under the names that it has in both builds. */
  static Map<GraphNode.Key, Double> errors(List<LayersFile.Row> rows) {
    Map<GraphNode.Key, Double> out = new LinkedHashMap<>();
    for (LayersFile.Row row : rows) {
      // What is no number, as where nothing was compared, has no colour.
      if (Double.isFinite(row.relativeL2())) {
        out.merge(new GraphNode.Key(row.at(), row.opA()), row.relativeL2(), Math::max);
        out.merge(new GraphNode.Key(row.at(), row.opB()), row.relativeL2(), Math::max);
      }
    }
    return out;
  }

  /** Times of a profile. */
  static Map<GraphNode.Key, Double> micros(RunProfile profile) {
    Map<GraphNode.Key, Double> out = new LinkedHashMap<>();
    profile
        .launches()
        .forEach(
            one -> out.merge(new GraphNode.Key(one.at(), one.op()), one.micros(), Double::sum));
    return out;
  }

  OptionalDouble error(GraphNode node) {
    return find(errors, node);
  }

  OptionalDouble time(GraphNode node) {
    return find(micros, node);
  }

  private static OptionalDouble find(Map<GraphNode.Key, Double> all, GraphNode node) {
    Double value = all.get(node.key());
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
