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

/** Gathers what works in a program, in program order. */
public final class LayerRows {
  private final IrModule module;
  private final JsonNode report;
  private final List<LayerRow> rows = new ArrayList<>();

  private LayerRows(IrModule module, JsonNode report) {
    this.module = module;
    this.report = report;
  }

  /**
   * Layers of a program, one row for each place.
   *
   * @param module the program
   * @param report {@code report.json} of its artifact
   */
  public static List<LayerRow> of(IrModule module, JsonNode report) {
    LayerRows all = new LayerRows(module, report);
    module.functions().forEach(all::function);
    return List.copyOf(all.rows);
  }

  /** Equal layers of several blocks as one row; rows of one place stand together, where the first of them does. */
  public static List<LayerRow> byKind(List<LayerRow> rows) {
    Map<String, List<LayerRow>> places = new LinkedHashMap<>();
    for (LayerRow row : rows) {
      LayerRow any = row.anyBlock();
      String place = any.function() + " " + any.perStep() + " " + any.op() + " " + any.at();
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
    LaunchList kernels = LaunchList.of(report, function.name());
    region(function, function.body(), false, kernels);
  }

  private void region(Function function, Region region, boolean perStep, LaunchList kernels) {
    for (Operation op : region.operations()) {
      Cost cost = op.definition().cost(op, module::bound);
      List<String> launched = kernels.kernels(op);
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
}
