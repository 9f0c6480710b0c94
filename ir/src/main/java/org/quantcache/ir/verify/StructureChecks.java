package org.quantcache.ir.verify;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Structure of one function: visibility, use lists, terminators, results, weights and loops. */
final class StructureChecks {
  private final IrModule module;
  private final Function function;
  private final Diagnostics diagnostics;
  private final Set<Value> visible = new HashSet<>();
  private final Map<Value, Multiset<Operation>> readers = new IdentityHashMap<>();
  private final List<Value> defined = new ArrayList<>();
  private final Map<String, Operation> guards = new HashMap<>();
  private final Set<String> branches = new HashSet<>();
  private final List<Operation> probes = new ArrayList<>();

  StructureChecks(IrModule module, Function function, Diagnostics diagnostics) {
    this.module = module;
    this.function = function;
    this.diagnostics = diagnostics;
  }

  void check() {
    region(function.body(), StructureOps.RETURN, function.location());
    for (Value value : defined) {
      useList(value);
    }
    probes.forEach(this::probe);
  }

  private void error(IrCode code, Location location, String format, Object... arguments) {
    diagnostics.error(code, location, "in @" + function.name() + ": " + format, arguments);
  }

  private void region(Region region, String terminator, Location location) {
    List<Value> here = new ArrayList<>(region.arguments());
    visible.addAll(here);
    List<Operation> operations = region.operations();
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      operation(operation, region);
      boolean last = i == operations.size() - 1;
      if (operation.definition().has(Trait.TERMINATOR) && !(last && operation.is(terminator))) {
        error(
            IrCode.TERMINATOR,
            operation.location(),
            "'%s' may only end a %s",
            operation.name(),
            operation.is(StructureOps.RETURN) ? "function" : "region of an operation");
      }
      here.addAll(operation.results());
      visible.addAll(operation.results());
    }
    if (operations.isEmpty() || !operations.get(operations.size() - 1).is(terminator)) {
      error(IrCode.TERMINATOR, location, "a region must end with '%s'", terminator);
    }
    defined.addAll(here);
    here.forEach(visible::remove);
  }

  private void operation(Operation operation, Region region) {
    if (operation.parent() != region) {
      error(IrCode.USE_LIST, operation.location(), "'%s' names another region", operation.name());
    }
    for (int i = 0; i < operation.operandCount(); i++) {
      Value operand = operation.operand(i);
      readers.computeIfAbsent(operand, v -> HashMultiset.create()).add(operation);
      if (!visible.contains(operand)) {
        error(
            IrCode.NOT_VISIBLE,
            operation.location(),
            "operand %d of '%s', %s, is not defined before it in an enclosing region",
            i,
            operation.name(),
            operand);
      }
    }
    if (operation.is(StructureOps.RETURN)) {
      results(operation);
    } else if (operation.is(StructureOps.WEIGHT_GET)) {
      weight(operation);
    }
    for (Region inner : operation.regions()) {
      region(inner, StructureOps.YIELD, operation.location());
    }
    if (operation.is(StructureOps.LOOP)) {
      loop(operation);
    } else if (operation.is(CacheOps.GUARD) || operation.is(PruneOps.BRANCH)) {
      guard(operation);
    } else if (operation.is(CacheOps.PROBE) || operation.is(CacheOps.BITS)) {
      probes.add(operation);
    } else if (ProbedOps.isProbed(operation)) {
      probed(operation);
    } else if (isMeasured(operation)) {
      measured(operation);
      if (operation.is(CacheOps.MEASURED)) {
        probes.add(operation);
      }
    }
  }

  private void useList(Value value) {
    Multiset<Operation> recorded = HashMultiset.create(value.uses());
    Multiset<Operation> found = readers.getOrDefault(value, HashMultiset.create());
    if (!recorded.equals(found)) {
      Location location =
          value.definingOperation().map(Operation::location).orElse(function.location());
      error(
          IrCode.USE_LIST,
          location,
          "%s lists %d uses, operations of the function read it %d times",
          value,
          recorded.size(),
          found.size());
    }
  }

  private void results(Operation operation) {
    List<TensorType> given = types(operation.operands());
    if (!given.equals(function.resultTypes())) {
      error(
          IrCode.RETURN_TYPES,
          operation.location(),
          "returns %s, declared are %s",
          given,
          function.resultTypes());
    }
  }

  private static List<TensorType> types(List<Value> values) {
    return values.stream().map(Value::type).toList();
  }

  private void weight(Operation operation) {
    if (!(operation.attributes().find("weight").orElse(null) instanceof Attribute.SymbolAttr ref)) {
      return;
    }
    Operation definition = module.findGlobal(ref.symbol()).orElse(null);
    if (definition == null || !definition.is(StructureOps.WEIGHT_DEF)) {
      error(
          IrCode.WEIGHT_REFERENCE,
          operation.location(),
          "@%s is no weight.def of module @%s",
          ref.symbol(),
          module.name());
      return;
    }
    Attribute type = definition.attributes().find("type").orElse(null);
    List<TensorType> found = types(operation.results());
    if (type instanceof Attribute.TypeAttr declared && !found.equals(List.of(declared.type()))) {
      error(
          IrCode.WEIGHT_REFERENCE,
          operation.location(),
          "@%s is %s, read as %s",
          ref.symbol(),
          declared.text(),
          found);
    }
  }

  private void loop(Operation loop) {
    if (loop.operandCount() < 2 || loop.regions().size() != 1) {
      return;
    }
    List<TensorType> carried = types(loop.operands().subList(1, loop.operandCount()));
    Region body = loop.regions().get(0);
    List<TensorType> expected = new ArrayList<>();
    expected.add(TensorType.of(ScalarType.I32));
    expected.addAll(carried);
    List<TensorType> arguments = types(body.arguments());
    if (!arguments.equals(expected)) {
      error(
          IrCode.LOOP_TYPES,
          loop.location(),
          "the loop body takes %s, expected %s",
          arguments,
          expected);
    }
    boolean ends = body.size() > 0 && body.terminator().is(StructureOps.YIELD);
    if (ends && !types(body.terminator().operands()).equals(carried)) {
      error(
          IrCode.LOOP_TYPES,
          body.terminator().location(),
          "the loop body yields %s, expected %s",
          types(body.terminator().operands()),
          carried);
    }
  }

  /** A guard or a branch: work that may be left out of a turn of the loop. */
  private void guard(Operation guard) {
    if (guard.regions().size() != 1 || guard.results().size() != 1) {
      return;
    }
    Region body = guard.regions().get(0);
    boolean yields = body.size() > 0 && body.terminator().is(StructureOps.YIELD);
    List<TensorType> expected = types(guard.results());
    if (!body.arguments().isEmpty()
        || (yields && !types(body.terminator().operands()).equals(expected))) {
      error(
          IrCode.GUARD_FORM,
          guard.location(),
          "the region of '%s' takes %s and yields %s, expected no argument and %s",
          guard.name(),
          types(body.arguments()),
          yields ? types(body.terminator().operands()) : List.of(),
          expected);
    }
    if (guard.parent().owner().isEmpty()) {
      error(
          IrCode.GUARD_FORM,
          guard.location(),
          "'%s' stands in a loop, found it outside",
          guard.name());
    }
    String name = guard.is(CacheOps.GUARD)
        ? attribute(guard, "name")
        : attribute(guard, "kind") + " " + attribute(guard, "layer") + attribute(guard, "part");
    boolean known =
        guard.is(CacheOps.GUARD) ? guards.putIfAbsent(name, guard) != null : !branches.add(name);
    if (known) {
      error(IrCode.GUARD_FORM, guard.location(), "'%s' %s is there twice", guard.name(), name);
    }
  }

  /** Who reads the sums is asked whether the product has to measure: there is one such reader, in its region. */
  private void probed(Operation product) {
    if (product.results().size() != 2) {
      return;
    }
    List<Operation> readers = product.results().get(1).uses();
    boolean one = readers.size() == 1
        && readers.get(0).parent() == product.parent()
        && isMeasured(readers.get(0));
    if (!one) {
      error(
          IrCode.GUARD_FORM,
          product.location(),
          "the sums of '%s' are read once in its region, by '%s' or '%s', found %s",
          product.name(),
          CacheOps.MEASURED,
          PruneOps.MEASURED,
          readers.stream().map(Operation::name).toList());
    }
  }

  private static boolean isMeasured(Operation operation) {
    return operation.is(CacheOps.MEASURED) || operation.is(PruneOps.MEASURED);
  }

  private void measured(Operation reader) {
    Value sums = reader.operand(0);
    if (sums.index() != 1
        || sums.definingOperation().filter(ProbedOps::isProbed).isEmpty()) {
      error(
          IrCode.GUARD_FORM,
          reader.location(),
          "'%s' reads the sums of a product with a probe, found a value of %s",
          reader.name(),
          sums.definingOperation().map(op -> "'" + op.name() + "'").orElse("no operation"));
    }
  }

  private void probe(Operation probe) {
    String name = attribute(probe, "guard");
    Operation guard = guards.get(name);
    if (guard == null) {
      error(IrCode.GUARD_FORM, probe.location(), "a probe measures for %s, no such guard", name);
    } else if (!probe.is(CacheOps.BITS)) {
      place(probe, guard);
    }
  }

  /** A guard that adds changes up has to know them before it decides; others measure what they compute. */
  private void place(Operation probe, Operation guard) {
    boolean within = probe.parent().isInside(guard.regions().get(0));
    List<Operation> around = guard.parent().operations();
    boolean inFront =
        probe.parent() == guard.parent() && around.indexOf(probe) < around.indexOf(guard);
    boolean ofInput =
        guard.attributes().find("policy").filter(StructureChecks::measuresInput).isPresent();
    if (ofInput ? !inFront : !within) {
      error(
          IrCode.GUARD_FORM,
          probe.location(),
          "a probe for %s stands %s, expected %s",
          attribute(probe, "guard"),
          within ? "within its region" : inFront ? "in front of it" : "elsewhere",
          ofInput ? "in front of it" : "within its region");
    }
  }

  private static boolean measuresInput(Attribute policy) {
    try {
      return GuardPolicy.of(policy).measuresInput();
    } catch (IllegalArgumentException e) {
      // The type rule of the guard says what is wrong with it.
      return false;
    }
  }

  private static String attribute(Operation operation, String name) {
    return operation.attributes().find(name).map(Attribute::text).orElse("");
  }
}
