package org.quantcache.ir.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.types.TensorType;

/** Builds a module from the parse tree. What cannot be built is reported and left out, then reading goes on. */
final class ModuleReader {
  private final OpRegistry registry;
  private final Places places;
  private final TypeReader types;
  private final AttributeReader attributes;
  private final Scope scope = new Scope();

  ModuleReader(OpRegistry registry, Places places) {
    this.registry = registry;
    this.places = places;
    this.types = new TypeReader(places);
    this.attributes = types.attributes();
  }

  /** The module, of use only when nothing was reported. */
  IrModule read(QirParser.FileContext file) {
    for (QirParser.AliasContext alias : file.alias()) {
      attempt(() -> types.define(alias));
    }
    QirParser.ModuleContext tree = file.module();
    String name = symbol(tree.SYMBOL());
    IrModule module = new IrModule(name, Attributes.NONE);
    attempt(() -> module.setAttributes(attributes.attributes(tree.attributes())));
    for (ParseTree child : tree.children) {
      OpBuilder builder = new OpBuilder(module, registry);
      if (child instanceof QirParser.FunctionContext function) {
        attempt(() -> function(builder, function));
      } else if (child instanceof QirParser.OperationContext operation) {
        scope.enter();
        attempt(() -> operation(builder, operation, true));
        scope.leave();
      }
    }
    return module;
  }

  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (ReadProblem problem) {
      places.report(problem);
    }
  }

  private static String symbol(TerminalNode node) {
    return node.getText().substring(1);
  }

  private void function(OpBuilder builder, QirParser.FunctionContext tree) {
    builder.locate(location(tree.location(), tree.SYMBOL().getSymbol()));
    Parameters parameters = parameters(tree.parameters());
    List<TensorType> results = new ArrayList<>();
    if (tree.results() != null) {
      tree.results().type().forEach(type -> results.add(types.type(type)));
    }
    Attributes given = attributes.attributes(tree.attributes());
    if (tree.region().parameters() != null) {
      throw new ReadProblem(
          IrCode.SYNTAX,
          tree.region().parameters().getStart(),
          "the parameters of a function stand behind its name, not in its body");
    }
    Function function;
    try {
      function =
          builder.function(symbol(tree.SYMBOL()), parameters.hints(), parameters.types(), given);
    } catch (IllegalArgumentException e) {
      throw new ReadProblem(IrCode.DEFINED_TWICE, tree.SYMBOL().getSymbol(), e.getMessage());
    }
    builder.complete(function, results, given);
    body(builder, parameters, function.parameters(), tree.region());
  }

  private record Parameters(List<Token> tokens, List<String> hints, List<TensorType> types) {}

  private Parameters parameters(QirParser.ParametersContext tree) {
    Parameters out = new Parameters(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    if (tree != null) {
      for (QirParser.ParameterContext parameter : tree.parameter()) {
        Token token = parameter.VALUE().getSymbol();
        out.tokens.add(token);
        out.hints.add(hint(token));
        out.types.add(types.type(parameter.type()));
      }
    }
    return out;
  }

  /** Numbers are names that the printer made up; they are no hint. */
  private static String hint(Token token) {
    String name = token.getText().substring(1);
    return ValueNames.isNumber(name) ? "" : name;
  }

  private void body(
      OpBuilder builder,
      Parameters parameters,
      List<Value> arguments,
      QirParser.RegionContext region) {
    scope.enter();
    for (int i = 0; i < arguments.size(); i++) {
      Token token = parameters.tokens.get(i);
      Value argument = arguments.get(i);
      attempt(() -> scope.define(token, argument));
    }
    for (QirParser.OperationContext operation : region.operation()) {
      try {
        operation(builder, operation, false);
      } catch (ReadProblem problem) {
        places.report(problem);
        operation.VALUE().forEach(node -> scope.defineBroken(node.getSymbol()));
      }
    }
    scope.leave();
  }

  private void operation(OpBuilder builder, QirParser.OperationContext tree, boolean atModule) {
    Token name = tree.OP_NAME().getSymbol();
    OpDef definition = definition(name);
    if (definition.has(OpDef.Trait.GLOBAL) != atModule) {
      throw new ReadProblem(
          IrCode.OPERATION_FORM,
          name,
          Places.quoted(name) + " stands in "
              + (atModule ? "a function, found at module level" : "a module, found in a function"));
    }
    Optional<List<Value>> operands = operands(tree);
    if (operands.isEmpty()) {
      tree.VALUE().forEach(node -> scope.defineBroken(node.getSymbol()));
      return;
    }
    OpBuilder.OpSpec spec = builder
        .create(definition.name())
        .operands(operands.get())
        .attributes(attributes.attributes(tree.attributes()))
        .types(tree.type().stream().map(types::type).toList())
        .names(tree.VALUE().stream().map(v -> hint(v.getSymbol())).toList())
        .symbol(tree.SYMBOL() == null ? "" : symbol(tree.SYMBOL()))
        .at(location(tree.location(), name));
    requireRegions(definition, tree);
    build(spec, tree);
  }

  private void build(OpBuilder.OpSpec spec, QirParser.OperationContext tree) {
    Token name = tree.OP_NAME().getSymbol();
    Operation operation;
    try {
      for (QirParser.NamedRegionContext region : tree.namedRegion()) {
        Parameters parameters = parameters(region.region().parameters());
        spec.region(
            parameters.types(),
            parameters.hints(),
            (inner, arguments) -> body(inner, parameters, arguments, region.region()));
      }
      operation = spec.build();
    } catch (Signature.TypeProblem e) {
      throw new ReadProblem(IrCode.TYPE_RULE, name, e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new ReadProblem(IrCode.OPERATION_FORM, name, e.getMessage());
    }
    if (operation.results().size() != tree.VALUE().size()) {
      throw new ReadProblem(
          IrCode.OPERATION_FORM,
          name,
          Places.quoted(name) + " has " + operation.results().size() + " results, found "
              + tree.VALUE().size() + " names");
    }
    for (int i = 0; i < operation.results().size(); i++) {
      scope.define(tree.VALUE(i).getSymbol(), operation.results().get(i));
    }
  }

  private OpDef definition(Token name) {
    return registry
        .find(name.getText())
        .orElseThrow(() -> new ReadProblem(
            IrCode.UNKNOWN_OPERATION,
            name,
            "no operation " + Places.quoted(name),
            NearestName.of(
                    name.getText(), registry.all().stream().map(OpDef::name).toList())
                .map(known -> "did you mean '" + known + "'?")
                .orElse("")));
  }

  /** The values read; empty when one of them was defined in error. */
  private Optional<List<Value>> operands(QirParser.OperationContext tree) {
    List<Value> values = new ArrayList<>();
    boolean whole = true;
    if (tree.operands() != null) {
      for (TerminalNode node : tree.operands().VALUE()) {
        Optional<Value> value = scope.find(node.getSymbol());
        value.ifPresent(values::add);
        whole &= value.isPresent();
      }
    }
    return whole ? Optional.of(values) : Optional.empty();
  }

  private static void requireRegions(OpDef definition, QirParser.OperationContext tree) {
    List<String> found = tree.namedRegion().stream()
        .map(r -> r.IDENTIFIER() == null ? "" : r.IDENTIFIER().getText())
        .toList();
    if (!found.equals(definition.regionNames())) {
      throw new ReadProblem(
          IrCode.OPERATION_FORM,
          tree.OP_NAME().getSymbol(),
          "'" + definition.name() + "' has " + regions(definition.regionNames()) + ", found "
              + regions(found));
    }
  }

  private static String regions(List<String> names) {
    if (names.isEmpty()) {
      return "no region";
    }
    return names.equals(List.of("")) ? "one region without a name" : "regions " + names;
  }

  private Location location(QirParser.LocationContext tree, Token place) {
    Location here = places.of(place);
    if (tree == null) {
      return here;
    }
    return here.withPaths(
        tree.STRING().stream().map(s -> AttributeReader.unquote(s.getSymbol())).toList());
  }
}
