package org.quantcache.tools.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.Cost;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.tools.export.ProductBits;

/** Gathers what works in a program, in program order. */
public final class LayerRows {
  private final IrModule module;
  private final JsonNode launches;
  private final List<LayerRow> rows = new ArrayList<>();

  private LayerRows(IrModule module, JsonNode launches) {
    this.module = module;
    this.launches = launches;
  }

  /**
   * Layers of a program, one row for each place.
   *
   * @param module the program
   * @param report {@code report.json} of its artifact
   */
  public static List<LayerRow> of(IrModule module, JsonNode report) {
    LayerRows all = new LayerRows(module, report.path("launches"));
    module.functions().forEach(all::function);
    return List.copyOf(all.rows);
  }

  /** Equal layers of several blocks as one row; rows of one place stand together, where the first of them does. */
  public static List<LayerRow> byKind(List<LayerRow> rows) {
    Map<String, List<LayerRow>> places = new LinkedHashMap<>();
    for (LayerRow row : rows) {
      LayerRow any = row.anyBlock();
      String place = any.function() + " " + any.perStep() + " " + key(any.at(), any.op());
      merge(places.computeIfAbsent(place, p -> new ArrayList<>()), any);
    }
    return places.values().stream().flatMap(List::stream).toList();
  }

  private static void merge(List<LayerRow> known, LayerRow row) {
    for (int i = 0; i < known.size(); i++) {
      if (known.get(i).isLike(row)) {
        known.set(i, known.get(i).plus(row));
        return;
      }
    }
    known.add(row);
  }

  private void function(Function function) {
    Map<String, List<String>> kernels = new LinkedHashMap<>();
    for (JsonNode launch : launches.path(function.name())) {
      List<String> known = kernels.computeIfAbsent(
          key(launch.path("at").asText(), launch.path("op").asText()), k -> new ArrayList<>());
      String kernel = launch.path("kernel").asText();
      if (!known.contains(kernel)) {
        known.add(kernel);
      }
    }
    region(function, function.body(), false, kernels);
  }

  private void region(
      Function function, Region region, boolean perStep, Map<String, List<String>> kernels) {
    for (Operation op : region.operations()) {
      Cost cost = op.definition().cost(op, module::bound);
      List<String> launched = kernels.getOrDefault(key(op.location().text(), op.name()), List.of());
      if (cost.flops() > 0 || !launched.isEmpty()) {
        ProductBits bits = ProductBits.of(op);
        rows.add(new LayerRow(
            function.name(),
            perStep,
            op.location().text(),
            op.name(),
            1,
            bits.weight(),
            bits.activation(),
            cost,
            launched));
      }
      for (Region inner : op.regions()) {
        region(function, inner, perStep || op.is(StructureOps.LOOP), kernels);
      }
    }
  }

  private static String key(String at, String op) {
    return op + " " + at;
  }
}
