package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.tools.inspect.ProductBits;
import org.quantcache.tools.report.graph.RegionName;

/**
 * The blocks of the stack in the order in which a step reaches them: {@code [{"name": "temporal.1", "guards": [...],
 * "branches": [...], "weight": bits, "activation": bits, "dynamic": whether activations follow the step}]}. Bits are means
 * over the products, weighted by the size of their matrices.
 */
final class BlockRows {
  private static final Pattern BLOCK = Pattern.compile("(\\w*?)_?blocks\\.([0-9]+)\\b.*");

  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final IrModule module;

  private BlockRows(IrModule module) {
    this.module = module;
  }

  private static final class Row {
    private final Set<String> guards = new LinkedHashSet<>();
    private final Set<String> branches = new LinkedHashSet<>();
    private double weight;
    private double activation;
    private double size;
    private boolean dynamic;
  }

  static ArrayNode of(IrModule module) {
    BlockRows out = new BlockRows(module);
    for (Function function : module.functions()) {
      function.body().walk(operation -> {
        if (operation.is(StructureOps.LOOP)) {
          operation.regions().get(0).walk(out::add);
        }
      });
      if (out.rows.isEmpty()) {
        function.body().walk(out::add);
      }
    }
    return out.json();
  }

  private void add(Operation operation) {
    Optional<Matcher> place = operation.location().paths().stream()
        .map(BLOCK::matcher)
        .filter(Matcher::matches)
        .findFirst();
    if (place.isEmpty() || !operation.regions().isEmpty()) {
      return;
    }
    String name = place.get().group(1) + "." + place.get().group(2);
    Row row = rows.computeIfAbsent(name, key -> new Row());
    for (Region at = operation.parent(); at != null; ) {
      Optional<Operation> owner = at.owner();
      owner.ifPresent(outer -> {
        String decided = RegionName.decided(outer);
        if (!decided.isEmpty()) {
          (outer.is(CacheOps.GUARD) ? row.guards : row.branches).add(decided);
        }
      });
      at = owner.map(Operation::parent).orElse(null);
    }
    ProductBits.weight(operation).ifPresent(weight -> measure(operation, weight, row));
  }

  private void measure(Operation product, Value weight, Row row) {
    double size = weight.type().elements().evaluate(module::bound);
    ProductBits bits = ProductBits.of(product);
    row.size += size;
    row.weight += size * bits.weight();
    row.activation += size * bits.activation();
    row.dynamic |= product
        .operand(0)
        .definingOperation()
        .filter(source -> source.attributes().flag("dynamic"))
        .isPresent();
  }

  private ArrayNode json() {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    rows.forEach((name, row) -> {
      ObjectNode one = out.addObject().put("name", name);
      row.guards.forEach(one.putArray("guards")::add);
      row.branches.forEach(one.putArray("branches")::add);
      one.put("weight", row.size == 0 ? 0 : row.weight / row.size);
      one.put("activation", row.size == 0 ? 0 : row.activation / row.size);
      one.put("dynamic", row.dynamic);
    });
    return out;
  }
}
