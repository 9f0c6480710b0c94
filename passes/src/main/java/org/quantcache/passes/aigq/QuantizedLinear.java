package org.quantcache.passes.aigq;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.calibration.BalancedWeights;
import org.quantcache.passes.core.WeightDefinitions;

/** Turns one product of floats, whose weight is constant, into one of whole numbers. */
final class QuantizedLinear {
  private final Operation linear;
  private final Grid grid;
  private final Optional<Value> bits;
  private final Rewriter rewriter;

  private QuantizedLinear(Operation linear, Grid grid, Optional<Value> bits, Rewriter rewriter) {
    this.linear = linear;
    this.grid = grid;
    this.bits = bits;
    this.rewriter = rewriter;
  }

  private static Optional<Operation> weight(Operation linear) {
    return linear.operand(1).definingOperation().filter(op -> op.is(StructureOps.WEIGHT_GET));
  }

  /** @param bits of activations at the step that runs; empty for those of the grid */
  static void replace(Operation linear, Grid grid, Optional<Value> bits, Rewriter rewriter) {
    new QuantizedLinear(linear, grid, bits, rewriter).replace();
  }

  private void replace() {
    Operation get = weight(linear).orElseThrow();
    TensorType type = linear.operand(1).type();
    int block = grid.block(type.size(1));
    Operation rows = rows(block);
    Attributes recipe = recipe(get, block);
    List<Dim> outputs = new ArrayList<>(List.of(type.dim(0)));
    if (grid.group() > 0) {
      outputs.add(Dim.of(type.size(1) / grid.group()));
    }
    List<Value> operands = new ArrayList<>(rows.results());
    operands.add(weight(get, recipe, type.withElement(grid.weightElement())));
    operands.add(weight(
        get, recipe.with("part", Attribute.word("scale")), TensorType.of(ScalarType.F32, outputs)));
    operands.add(weight(
        get, recipe.with("part", Attribute.word("sum")), TensorType.of(ScalarType.I32, outputs)));
    operands.addAll(linear.operands().subList(2, linear.operandCount()));
    Value product = rewriter
        .before(linear)
        .create(QuantOps.LINEAR)
        .operands(operands)
        .attribute("epilogue", epilogue())
        .at(linear.location())
        .names(linear.result().nameHint())
        .result();
    rewriter.replace(linear, product);
  }

  /** How the weight is made from the one in the checkpoint. */
  private Attributes recipe(Operation get, int block) {
    Attributes recipe = Attributes.of("bits", Attribute.of(grid.weightBits()));
    if (grid.balance() > 0) {
      recipe = recipe.with(
          "columns", Attribute.string(BalancedWeights.factors(key(get), grid.balance())));
    }
    if (block > 0) {
      recipe = recipe.with("hadamard", Attribute.of(block));
    }
    if (grid.group() > 0) {
      recipe = recipe.with("group", Attribute.of(grid.group()));
    }
    return grid.clip() < 1 ? recipe.with("clip", Attribute.of(grid.clip())) : recipe;
  }

  private String key(Operation get) {
    return WeightDefinitions.of(rewriter.module(), get.result())
        .orElseThrow()
        .attributes()
        .string("key");
  }

  private Value weight(Operation get, Attributes recipe, TensorType type) {
    return WeightDefinitions.with(get, recipe.with("type", Attribute.type(type)), rewriter);
  }

  private Attribute epilogue() {
    if (linear.is(FusedOps.LINEAR)) {
      return linear.attributes().get("epilogue");
    }
    return new Attribute.ListAttr(
        linear.operandCount() == 3 ? List.of(Attribute.word("bias")) : List.of());
  }

  /** Rounds what the product reads; a norm or an activation that serves nothing else is done on the way. */
  private Operation rows(int block) {
    Value input = linear.operand(0);
    Optional<Operation> source = input.definingOperation().filter(op -> input.hasOneUse());
    Optional<Operation> norm = source.filter(op -> op.is(FusedOps.NORM_MODULATE));
    List<Value> last = Stream.concat(balance().stream(), bits.stream()).toList();
    if (norm.isPresent()) {
      return build(List.of("norm_modulate"), block, norm.get())
          .operands(joined(norm.get().operands(), last))
          .attribute("epsilon", norm.get().attributes().get("epsilon"))
          .build();
    }
    Optional<Operation> activated = source.filter(QuantizedLinear::endsWithGelu);
    if (activated.isPresent()) {
      Location gelu = place(activated.get(), Part.ACTIVATION);
      Value plain = withoutGelu(activated.get());
      return build(List.of("gelu"), block, linear)
          .operands(joined(List.of(plain), last))
          .at(both(gelu, linear.location()))
          .build();
    }
    return build(List.of(), block, linear)
        .operands(joined(List.of(input), last))
        .build();
  }

  private static List<Value> joined(List<Value> first, List<Value> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** What the channels of the input are multiplied by, if they are balanced. */
  private List<Value> balance() {
    if (grid.balance() == 0) {
      return List.of();
    }
    Operation get = weight(linear).orElseThrow();
    TensorType factors =
        TensorType.of(ScalarType.F32, List.of(linear.operand(1).type().dim(1)));
    String key = BalancedWeights.inverse(key(get), grid.balance());
    return List.of(WeightDefinitions.another(get, key, factors, rewriter));
  }

  private OpBuilder.OpSpec build(List<String> prologue, int block, Operation from) {
    Location place = from == linear ? linear.location() : Location.fused(from, linear);
    OpBuilder.OpSpec build = rewriter
        .before(linear)
        .create(QuantOps.ROWS)
        .attribute(
            "prologue",
            new Attribute.ListAttr(prologue.stream().map(Attribute::word).toList()))
        .attribute("bits", Attribute.of(grid.activationBits()))
        .attribute("granularity", Attribute.word(grid.granularity()))
        .at(place);
    if (grid.balance() > 0) {
      build.attribute("inverse", Attribute.word("true"));
    }
    if (bits.isPresent()) {
      build.attribute("dynamic", Attribute.word("true"));
    }
    return block > 0 ? build.attribute("hadamard", Attribute.of(block)) : build;
  }

  private static boolean endsWithGelu(Operation op) {
    boolean product = op.is(FusedOps.LINEAR) || op.is(QuantOps.LINEAR);
    if (!product) {
      return false;
    }
    List<String> epilogue = op.attributes().strings("epilogue");
    return !epilogue.isEmpty() && epilogue.get(epilogue.size() - 1).equals("gelu");
  }

  /** The product of {@code op} before its activation. */
  private Value withoutGelu(Operation op) {
    List<String> epilogue = op.attributes().strings("epilogue");
    Value plain = rewriter
        .before(op)
        .create(op.name())
        .operands(op.operands())
        .attributes(op.attributes()
            .with(
                "epilogue",
                new Attribute.ListAttr(epilogue.subList(0, epilogue.size() - 1).stream()
                    .map(Attribute::word)
                    .toList())))
        .at(place(op, Part.PRODUCT))
        .names(op.result().nameHint())
        .result();
    rewriter.setOperand(linear, 0, plain);
    rewriter.erase(op);
    return plain;
  }

  /** What the places of a product with an activation are of. */
  private enum Part {
    PRODUCT,
    ACTIVATION
  }

  /** The activation stands last; where there is but one place, both have it. */
  private static Location place(Operation op, Part part) {
    List<String> paths = op.location().paths();
    if (paths.size() < 2) {
      return op.location();
    }
    int last = paths.size() - 1;
    return op.location()
        .withPaths(
            part == Part.PRODUCT ? paths.subList(0, last) : paths.subList(last, paths.size()));
  }

  private static Location both(Location first, Location second) {
    return second.withPaths(Stream.concat(first.paths().stream(), second.paths().stream())
        .distinct()
        .toList());
  }
}
