package org.quantcache.tools.reduce;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;

/** Takes attributes out that need not be there, or makes their values smaller. */
final class ShrinkAttributes implements Edit {
  /** What is done to an attribute. */
  enum How {
    /** It goes, where the operation does not ask for it. */
    REMOVE,
    /** A whole number becomes 1, a real number 1.0, a list its first half. */
    LEAST,
    /** A whole number becomes half as large. */
    HALF
  }

  private final How how;

  ShrinkAttributes(How how) {
    this.how = how;
  }

  /** One that can be made smaller. */
  private interface Site {
    void shrink(Rewriter rewriter);
  }

  @Override
  public String name() {
    return how == How.REMOVE ? "attributes" : "values of attributes";
  }

  @Override
  public int places(IrModule module) {
    return sites(module).size();
  }

  private List<Site> sites(IrModule module) {
    List<Site> out = new ArrayList<>();
    changed(module.attributes(), name -> true)
        .forEach(
            change -> out.add(rewriter -> module.setAttributes(change.in(module.attributes()))));
    for (Function function : module.functions()) {
      changed(function.attributes(), name -> !name.equals("results"))
          .forEach(change -> out.add(
              rewriter -> rewriter.setAttributes(function, change.in(function.attributes()))));
    }
    for (Operation operation : Substitutes.operations(module)) {
      changed(operation.attributes(), name -> isOptional(operation, name))
          .forEach(change -> out.add(
              rewriter -> rewriter.setAttributes(operation, change.in(operation.attributes()))));
    }
    return out;
  }

  private static boolean isOptional(Operation operation, String name) {
    OpDef.AttributeSpec spec = operation.definition().attributes().get(name);
    return spec == null || !spec.required();
  }

  /** An attribute with its smaller value; none when it goes. */
  private record Change(String name, Optional<Attribute> value) {
    Attributes in(Attributes all) {
      return value.map(v -> all.with(name, v)).orElseGet(() -> all.without(name));
    }
  }

  private List<Change> changed(Attributes attributes, java.util.function.Predicate<String> mayGo) {
    List<Change> out = new ArrayList<>();
    for (Map.Entry<String, Attribute> entry : attributes.values().entrySet()) {
      String name = entry.getKey();
      if (how == How.REMOVE) {
        if (mayGo.test(name)) {
          out.add(new Change(name, Optional.empty()));
        }
      } else {
        smaller(entry.getValue()).ifPresent(v -> out.add(new Change(name, Optional.of(v))));
      }
    }
    return out;
  }

  private Optional<Attribute> smaller(Attribute value) {
    if (value instanceof Attribute.IntAttr whole && whole.value() > 1) {
      long least = how == How.HALF ? whole.value() / 2 : 1;
      return Optional.of(Attribute.of(least));
    }
    if (how == How.HALF) {
      return Optional.empty();
    }
    if (value instanceof Attribute.FloatAttr real && real.value() != 1) {
      return Optional.of(Attribute.of(1.0));
    }
    if (value instanceof Attribute.ListAttr list && list.values().size() > 1) {
      return Optional.of(
          new Attribute.ListAttr(list.values().subList(0, list.values().size() / 2)));
    }
    return Optional.empty();
  }

  @Override
  public void apply(Rewriter rewriter, List<Integer> places) {
    List<Site> all = sites(rewriter.module());
    places.forEach(place -> all.get(place).shrink(rewriter));
  }
}
