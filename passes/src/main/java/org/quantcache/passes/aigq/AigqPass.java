package org.quantcache.passes.aigq;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.DeadCode;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.stack.BlockLinear;
import org.quantcache.passes.stack.ResidualStream;

/**
 * Rounds the products of the block stack: weights beforehand, one scale an output or a group of its channels;
 * activations when the program runs, one range a token, their bits by the step where that is asked for. Embeddings, norms, softmax and the final layer stay floats, and
 * so do keys and values of the text and scores of attention unless they are asked for.
 */
public final class AigqPass implements Pass {
  private static final PassInfo INFO = new PassInfo(
      "aigq",
      "compute the products of the block stack on small whole numbers",
      Numerics.QUANTIZES,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      ImmutableList.<OptionSpec>builder()
          .addAll(GridOptions.specs())
          .addAll(StepBits.specs())
          .add(GivenWidths.spec())
          .add(OptionSpec.flag(
              "cross-kv",
              false,
              "round keys and values of the text too, which are made once a video"))
          .add(OptionSpec.word(
              "attention",
              "float",
              List.of("float", "int8"),
              "what scores of attention within frames are made of; bytes need the cuda device"))
          .build());

  private final Options options;
  private final GridChooser chooser;
  private final boolean crossKv;
  private final boolean byteScores;

  private AigqPass(Options options, Optional<Calibration> calibration) {
    this.options = options;
    this.chooser = new GridChooser(
        GridOptions.of(options, StepBits.of(options).most()),
        GivenWidths.of(options),
        calibration.flatMap(Calibration::rounding));
    this.crossKv = options.flag("cross-kv");
    this.byteScores = options.word("attention").equals("int8");
  }

  /** For the list of all passes. */
  public static PassFactory factory(Optional<Calibration> calibration) {
    return new PassFactory(INFO, options -> new AigqPass(options, calibration));
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    List<BlockLinear> layers = new ArrayList<>();
    for (ResidualStream stream : ResidualStream.all(module)) {
      List<BlockLinear> constant = BlockLinear.of(module, stream);
      constant.stream().filter(layer -> crossKv || !layer.ofText()).forEach(layers::add);
      stream.addends().stream()
          .flatMap(addend -> addend.linears().stream())
          .filter(op -> constant.stream().noneMatch(layer -> layer.operation() == op))
          .forEach(op ->
              rewriter.reportMissed("Quantized", op.location(), "its weight is not constant"));
    }
    // Where a weight is read in several places, it gets one grid for all of them.
    Map<String, BlockLinear> byKey = new LinkedHashMap<>();
    layers.forEach(layer -> {
      requireFloats(layer);
      byKey.putIfAbsent(layer.key(), layer);
    });
    Map<String, Optional<Grid>> grids = chooser.choose(List.copyOf(byKey.values()));
    StepBits bits = StepBits.of(options);
    layers.forEach(layer -> round(layer, grids.get(layer.key()), bits, rewriter));
    if (byteScores) {
      ByteScores.apply(module, rewriter);
    }
    DeadCode.remove(module, rewriter);
  }

  /** @throws UserError PA0708 when what it reads or makes has 16 bits already: then its grid would round what has rounded */
  private static void requireFloats(BlockLinear layer) {
    Operation op = layer.operation();
    for (TensorType type : List.of(op.operand(0).type(), op.result().type())) {
      if (!type.element().equals(ScalarType.F32)) {
        throw UserError.of(
                "PA0708",
                "'%s' at %s works on %s, aigq rounds products of f32",
                op.name(),
                op.location().text(),
                type.text())
            .withHint("run 'aigq' before 'narrow'");
      }
    }
  }

  private static void round(
      BlockLinear layer, Optional<Grid> grid, StepBits bits, Rewriter rewriter) {
    Location place = layer.operation().location();
    if (grid.isEmpty()) {
      rewriter.reportMissed("Quantized", place, "it stays in floats");
    } else if (rewriter.mayRewrite("Quantized", place)) {
      // What is made once a video belongs to no step.
      Optional<Value> taken =
          layer.ofText() ? Optional.empty() : bits.around(layer.operation(), rewriter);
      QuantizedLinear.replace(layer.operation(), grid.get(), taken, rewriter);
      rewriter.report("Quantized", place, facts(grid.get()));
    }
  }

  private static Attributes facts(Grid grid) {
    Attributes facts = Attributes.of("weights", Attribute.of(grid.weightBits()))
        .with("activations", Attribute.of(grid.activationBits()))
        .with("rotated", Attribute.word(Boolean.toString(grid.rotated())));
    if (grid.balance() > 0) {
      facts = facts.with("balance", Attribute.of(grid.balance()));
    }
    if (grid.group() > 0) {
      facts = facts.with("group", Attribute.of(grid.group()));
    }
    return grid.clip() < 1 ? facts.with("clip", Attribute.of(grid.clip())) : facts;
  }
}
