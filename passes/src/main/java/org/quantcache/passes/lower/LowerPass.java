package org.quantcache.passes.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.ops.FusedOps;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.ops.NnOps;
import org.quantcache.ir.ops.ProbedOps;
import org.quantcache.ir.ops.QuantOps;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.ElementType;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.kernels.pack.TilePacker;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.RewriteDriver;
import org.quantcache.passes.core.RewriteRule;
import org.quantcache.passes.core.WeightDefinitions;

/**
 * Leaves only what a device runs: products as {@code fused.linear} or of bytes, with weights as its kernels read them,
 * and rows of one range rounded in steps. The cpu device reads panels and quads. The cuda device reads tiles where tensor cores
 * multiply, cells of 4 bits two in a byte or widened to 8, floats of the kind that they are multiplied with; weights with
 * groups of channels, and floats that are multiplied in f32, it reads row by row. There rounded activations of 4 bits share
 * bytes, too.
 */
public final class LowerPass implements Pass {
  private static final String PACKED = "packed";

  private static final PassInfo INFO = new PassInfo(
      "lower",
      "turn products into kernels with packed weights and, where one follows, a probe; one range of many rows into steps that run in parallel; check that the device has every operation",
      Numerics.EXACT,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(Stage.LOWERED),
      List.of(
          OptionSpec.word(
              "device",
              Device.CPU.text(),
              Arrays.stream(Device.values()).map(Device::text).toList(),
              "what the program will run on"),
          OptionSpec.integer(
              "panel-width", 32, 4, 128, "cpu: columns of one panel of a packed weight"),
          OptionSpec.word(
              "halves",
              PACKED,
              List.of(PACKED, "bytes"),
              "cuda: how weights of 4 bits lie in memory: two in a byte, or in a byte each, which takes twice the memory and"
                  + " is not taken apart at every use")));

  /** Bits of values that share a byte. */
  private static final int PAIR_BITS = 4;

  private final Device device;
  private final int width;
  private final boolean packed;

  private LowerPass(Options options) {
    this.device = Device.valueOf(options.word("device").toUpperCase(Locale.ROOT));
    this.width = (int) options.integer("panel-width");
    this.packed = options.word("halves").equals(PACKED);
  }

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, LowerPass::new);
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    List<RewriteRule> rules = new ArrayList<>();
    if (device == Device.CUDA) {
      rules.add(new SeparateKeys());
    }
    rules.addAll(List.<RewriteRule>of(
        LowerPass::makeFused,
        new FuseProbe(module, device),
        SplitRows::apply,
        this::packWeight,
        this::pairActivations,
        this::widenVectors));
    RewriteDriver.run(module, rewriter, rules);
    if (rewriter.refused() == 0) {
      requireSupported(module);
    }
  }

  private void requireSupported(IrModule module) {
    Set<String> missing = new LinkedHashSet<>();
    AtomicBoolean byteKeys = new AtomicBoolean();
    module.walk(op -> {
      if (!device.supports(op.name())) {
        byteKeys.compareAndSet(false, op.is(AttentionOps.BYTE_KEYS));
        missing.add("'" + op.name() + "' at " + op.location().text());
      }
    });
    if (!missing.isEmpty()) {
      throw UserError.of(
              "PA0201",
              "the %s device does not run %s",
              device.text(),
              missing.iterator().next()
                  + (missing.size() > 1 ? " and " + (missing.size() - 1) + " more" : ""))
          .withHint(
              byteKeys.get()
                  ? "leave out attention=int8 of 'aigq', which is for the cuda device"
                  : "run 'fuse' with its rules before 'lower'");
    }
  }

  private static boolean makeFused(Operation op, Rewriter rewriter) {
    Location place = op.location();
    if (!op.is(NnOps.LINEAR) || !rewriter.mayRewrite("LinearMadeKernel", place)) {
      return false;
    }
    List<Attribute> epilogue = op.operandCount() == 3 ? List.of(Attribute.word("bias")) : List.of();
    Value fused = rewriter
        .before(op)
        .create(FusedOps.LINEAR)
        .operands(op.operands())
        .attribute("epilogue", new Attribute.ListAttr(epilogue))
        .at(place)
        .names(op.result().nameHint())
        .result();
    rewriter.replace(op, fused);
    rewriter.report("LinearMadeKernel", place, Attributes.NONE);
    return true;
  }

  private boolean packWeight(Operation op, Rewriter rewriter) {
    if (FusedOps.isLinear(op)) {
      return pack(op, 1, floats(op), rewriter);
    }
    return QuantOps.isLinear(op) && pack(op, QuantOps.WEIGHT, cells(op), rewriter);
  }

  /** A float weight as the device reads it. */
  private TensorType floats(Operation op) {
    TensorType type = op.operand(1).type();
    if (device == Device.CPU) {
      return type.withLayout(Layout.panel(width));
    }
    ElementType multiplied = op.operand(0).type().element();
    return multiplied.equals(ScalarType.F32)
        ? type
        : type.withElement(multiplied).withLayout(Layout.TILE);
  }

  /** A quantized weight as the device reads it. */
  private TensorType cells(Operation op) {
    TensorType type = op.operand(QuantOps.WEIGHT).type();
    if (device == Device.CPU) {
      return type.withLayout(Layout.quad(width));
    }
    QuantType cells = (QuantType) type.element();
    TensorType held = packed ? type : type.withElement(cells.withCellBits(Byte.SIZE));
    if (TilePacker.isFor(type)) {
      return held.withLayout(Layout.TILE);
    }
    return packed && cells.cellBits() == PAIR_BITS ? held.withLayout(Layout.PAIR) : held;
  }

  /** Rounded values of 4 bits share bytes where all products that read them have weights of 4 bits, as tensor cores do. */
  private boolean pairActivations(Operation op, Rewriter rewriter) {
    if (device == Device.CPU
        || !(op.is(QuantOps.ROWS) || op.is(QuantOps.ROUND))
        || op.attributes().integer("bits") > PAIR_BITS
        || op.attributes().has("cell")
        || op.operand(0).type().size(-1) % 2 != 0
        || !op.results().get(0).users().stream().allMatch(LowerPass::multipliesPairs)
        || !rewriter.mayRewrite("ActivationsPaired", op.location())) {
      return false;
    }
    rewriter.setAttributes(op, op.attributes().with("cell", Attribute.of(PAIR_BITS)));
    rewriter.setType(op.results().get(0), rewriter.inferred(op).get(0));
    rewriter.report("ActivationsPaired", op.location(), Attributes.NONE);
    return true;
  }

  private static boolean multipliesPairs(Operation op) {
    return QuantOps.isLinear(op)
        && op.operand(QuantOps.WEIGHT).type().element() instanceof QuantType weight
        && weight.cellBits() == PAIR_BITS;
  }

  private boolean pack(Operation op, int operand, TensorType type, Rewriter rewriter) {
    if (op.operand(operand).type().equals(type)) {
      return false;
    }
    Operation get = constant(op, operand);
    if (!rewriter.mayRewrite("WeightPacked", op.location())) {
      return false;
    }
    Value packed = WeightDefinitions.retyped(get, type, rewriter);
    rewriter.setOperand(op, operand, packed);
    rewriter.report("WeightPacked", op.location(), Attributes.NONE);
    return true;
  }

  /** Vectors that kernels add or multiply by are f32: biases, weights of norms; so are the small weights at the ends. */
  private boolean widenVectors(Operation op, Rewriter rewriter) {
    List<Integer> narrow = new ArrayList<>();
    int first = device.supports(op.name()) ? firstVector(op) : op.operandCount();
    for (int i = first; i < op.operandCount(); i++) {
      Value operand = op.operand(i);
      boolean isActivation = device == Device.CUDA
          && operand
              .definingOperation()
              .filter(get -> get.is(StructureOps.WEIGHT_GET))
              .isEmpty();
      if (!isActivation && !operand.type().element().equals(ScalarType.F32)) {
        narrow.add(i);
      }
    }
    narrow.forEach(operand -> constant(op, operand));
    if (narrow.isEmpty() || !rewriter.mayRewrite("VectorsWidened", op.location())) {
      return false;
    }
    for (int operand : narrow) {
      TensorType type = op.operand(operand).type().withElement(ScalarType.F32);
      Operation get = constant(op, operand);
      rewriter.setOperand(op, operand, WeightDefinitions.retyped(get, type, rewriter));
    }
    rewriter.report("VectorsWidened", op.location(), Attributes.NONE);
    return true;
  }

  private static int firstVector(Operation op) {
    return switch (op.name()) {
      case FusedOps.LINEAR, ProbedOps.LINEAR -> 2;
      case FusedOps.ATTENTION,
          AttentionOps.KEYS,
          AttentionOps.BYTE_KEYS,
          AttentionOps.KEYED_ATTENTION,
          LatentOps.PATCH_EMBED -> 1;
      case LatentOps.FINAL_STEP -> 3;
      case QuantOps.LINEAR, ProbedOps.QUANT_LINEAR -> QuantOps.EPILOGUE;
      default -> op.operandCount();
    };
  }

  /** The weight that operand {@code index} reads. @throws UserError PA0202 when it is computed */
  private Operation constant(Operation op, int index) {
    return op.operand(index)
        .definingOperation()
        .filter(source -> source.is(StructureOps.WEIGHT_GET))
        .orElseThrow(() -> UserError.of(
            "PA0202",
            "operand %d of '%s' at %s is %s and computed, the %s device needs a constant",
            index,
            op.name(),
            op.location().text(),
            op.operand(index).type().text(),
            device.text()));
  }
}
