package org.quantcache.passes.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.TensorType;

/** Derived weights: other rows, element kind, sizes or layout of the same checkpoint tensor. */
public final class WeightDefinitions {
  private WeightDefinitions() {}

  /** The definition that a value is read from, when it is a weight. */
  public static Optional<Operation> of(IrModule module, Value value) {
    return value
        .definingOperation()
        .filter(op -> op.is(StructureOps.WEIGHT_GET))
        .flatMap(op -> module.findGlobal(op.attributes().symbol("weight")));
  }

  /** Reads the weight of {@code get} with another type; equal variants share one definition. */
  public static Value retyped(Operation get, TensorType type, Rewriter rewriter) {
    return with(get, Attributes.of("type", Attribute.type(type)), rewriter);
  }

  /** Reads only some rows of axis 0, in the given order. */
  public static Value rows(Operation get, List<Long> rows, TensorType type, Rewriter rewriter) {
    return with(
        get,
        Attributes.of("type", Attribute.type(type)).with("rows", Attribute.longs(rows)),
        rewriter);
  }

  /** Reads the weight of {@code get} with other attributes of its definition, the type among them. */
  public static Value with(Operation get, Attributes changes, Rewriter rewriter) {
    Operation base = of(rewriter.module(), get.result()).orElseThrow();
    Attributes attributes = base.attributes();
    for (Map.Entry<String, Attribute> change : changes.values().entrySet()) {
      attributes = attributes.with(change.getKey(), change.getValue());
    }
    return define(base.symbol().orElseThrow(), attributes, get, rewriter);
  }

  /** Reads another tensor of the checkpoint where {@code get} reads its own. */
  public static Value another(Operation get, String key, TensorType type, Rewriter rewriter) {
    Operation base = of(rewriter.module(), get.result()).orElseThrow();
    Attributes attributes =
        Attributes.of("key", Attribute.string(key)).with("type", Attribute.type(type));
    return define(base.symbol().orElseThrow(), attributes, get, rewriter);
  }

  /** Defines a weight before {@code get} reads it. */
  private static Value define(
      String base, Attributes attributes, Operation get, Rewriter rewriter) {
    TensorType type = attributes.type("type");
    String symbol = symbol(rewriter.module(), base, attributes);
    if (rewriter.module().findGlobal(symbol).isEmpty()) {
      rewriter
          .create(StructureOps.WEIGHT_DEF)
          .symbol(symbol)
          .attributes(attributes)
          .at(get.location())
          .build();
    }
    return rewriter
        .before(get)
        .create(StructureOps.WEIGHT_GET)
        .attribute("weight", Attribute.symbol(symbol))
        .types(type)
        .at(get.location())
        .names(get.result().nameHint())
        .result();
  }

  /** The symbol that has these attributes already, or the next free one. */
  private static String symbol(IrModule module, String base, Attributes attributes) {
    String stem = base.replaceAll("\\.v[0-9]+$", "");
    for (int variant = 1; ; variant++) {
      String candidate = stem + ".v" + variant;
      Optional<Operation> found = module.findGlobal(candidate);
      if (found.isEmpty() || found.get().attributes().equals(attributes)) {
        return candidate;
      }
    }
  }
}
