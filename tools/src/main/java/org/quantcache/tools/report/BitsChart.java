package org.quantcache.tools.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Bits of each weight of the blocks: a row for each kind of block and product, a column for each block. */
final class BitsChart {
  private static final Pattern KEY = Pattern.compile("(\\w+)_blocks\\.([0-9]+)\\.(.+)\\.weight");

  private BitsChart() {}

  static DomContent of(IrModule program) {
    Map<String, Map<Integer, String>> rows = new TreeMap<>();
    TreeSet<Integer> blocks = new TreeSet<>();
    for (Operation global : program.globals()) {
      Attributes definition = global.attributes();
      if (!global.is(StructureOps.WEIGHT_DEF)
          || definition.has("part")
          || definition.type("type").rank() != 2) {
        continue;
      }
      Matcher key = KEY.matcher(definition.string("key"));
      if (key.matches()) {
        int block = Integer.parseInt(key.group(2));
        blocks.add(block);
        rows.computeIfAbsent(key.group(1) + " " + key.group(3), name -> new TreeMap<>())
            .put(block, cell(definition));
      }
    }
    List<DomContent> lines = new ArrayList<>();
    rows.forEach((name, cells) ->
        lines.add(tr(td(name), each(blocks, block -> td(cells.getOrDefault(block, "-"))))));
    return div(table(
            thead(tr(th("product"), each(blocks, block -> th("block " + block)))),
            tbody(each(lines, line -> line))))
        .withClass("scroll");
  }

  /** Bits, then how the grid was prepared. */
  private static String cell(Attributes definition) {
    TensorType type = definition.type("type");
    if (type.element() instanceof QuantType quantized) {
      return quantized.rangeBits()
          + (definition.has("hadamard") ? " R" : "")
          + (definition.has("columns") ? " B" : "")
          + (definition.has("group") ? " G" + definition.integer("group") : "");
    }
    return 8 * ((ScalarType) type.element()).bytes() + " float";
  }
}
