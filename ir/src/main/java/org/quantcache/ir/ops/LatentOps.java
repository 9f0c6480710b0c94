package org.quantcache.ir.ops;

import static org.quantcache.ir.core.OpDef.AttributeKind.FLOAT;
import static org.quantcache.ir.core.OpDef.AttributeKind.LIST;

import java.util.List;
import java.util.function.ToLongFunction;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** The two ends of a step, where latents become tokens and tokens become latents: one operation for one kernel. */
public final class LatentOps {
  public static final String PATCH_EMBED = "fused.patch_embed";
  public static final String FINAL_STEP = "fused.final_step";

  /** Operand of a {@code fused.final_step} that its result may replace. */
  public static final int LATENT = 5;

  /** The most elements of a latent in a patch; larger ones are products like any other. */
  public static final long MOST_PATCH_ELEMENTS = 256;

  private LatentOps() {}

  static List<OpDef> all() {
    return List.of(
        OpDef.named(
                PATCH_EMBED,
                "fused.patch_embed(z, w, bias, position): z [b, Ci, T, H, W], zeros behind its end, cut into patches"
                    + " (ci, kt, kh, kw); patch w[C, Ci pt ph pw]^T + bias[C] + position [1, 1, S, C]; result"
                    + " [b, T', S, C], T' = ceil(T / pt), S = ceil(H / ph) ceil(W / pw), in f32 or bf16 as declared")
            .operands(4)
            .required("patch", LIST, "[pt, ph, pw]: frames, rows and columns of a patch")
            .traits(Trait.PURE)
            .types(LatentOps::patchEmbed)
            .flops(LatentOps::patchEmbedFlops)
            .build(),
        OpDef.named(
                FINAL_STEP,
                "fused.final_step(x, shift, scale, w, bias, z, guidance, dt): x [2b, T', S, C];"
                    + " fused.norm_modulate(x, shift, scale) w[pt ph pw Co, C]^T + bias, of which column ((kt ph + kh)"
                    + " pw + kw) Co + c is channel c of the velocity there; then fused.guided_step with z"
                    + " [b, Ci, T, H, W], Ci <= Co")
            .operands(8)
            .required("patch", LIST, "[pt, ph, pw]: frames, rows and columns of a patch")
            .required("epsilon", FLOAT, "added to the variance")
            .traits(Trait.PURE)
            .types(LatentOps::finalStep)
            .flops(LatentOps::finalStepFlops)
            .build());
  }

  /** Elements of one channel in a patch. */
  private static long volume(Signature op) {
    List<Long> patch = op.attributes().longs("patch");
    op.require(
        patch.size() == 3 && patch.stream().allMatch(n -> n >= 1 && n <= MOST_PATCH_ELEMENTS),
        "patch is [pt, ph, pw], found %s",
        patch);
    return patch.stream().reduce(1L, (a, b) -> a * b);
  }

  /** {@code [b, T', S]} of the tokens of a latent. */
  private static List<Dim> tokens(Signature op, int operand) {
    Shapes.requireRank(op, operand, 5);
    Shapes.requireRow(op, operand);
    TensorType latent = op.operand(operand);
    List<Long> patch = op.attributes().longs("patch");
    long elements = Math.multiplyExact(volume(op), latent.size(1));
    op.require(
        elements <= MOST_PATCH_ELEMENTS,
        "a patch has at most %d elements, found %d",
        MOST_PATCH_ELEMENTS,
        elements);
    long frames = ceilDiv(latent.size(2), patch.get(0));
    long rows = ceilDiv(latent.size(3), patch.get(1));
    long columns = ceilDiv(latent.size(4), patch.get(2));
    return List.of(latent.dim(0), Dim.of(frames), Dim.of(rows * columns));
  }

  private static long ceilDiv(long a, long b) {
    return (a + b - 1) / b;
  }

  private static List<TensorType> patchEmbed(Signature op) {
    Shapes.requireActivation(op, 0);
    List<Dim> tokens = tokens(op, 0);
    Shapes.requireFloat(op, 1);
    Shapes.requireRank(op, 1, 2);
    Shapes.requireRow(op, 1);
    Shapes.requireDim(op, 1, 1, Dim.of(volume(op) * op.operand(0).size(1)));
    Dim channels = op.operand(1).dim(0);
    NnOps.requireBias(op, 2, channels);
    Shapes.requireActivation(op, 3);
    Shapes.requireRow(op, 3);
    List<Dim> position = List.of(Dim.of(1), Dim.of(1), tokens.get(2), channels);
    op.require(
        op.operand(3).dims().equals(position),
        "operand 3 must have the sizes %s, found %s",
        position,
        op.operand(3).text());
    List<Dim> result = List.of(tokens.get(0), tokens.get(1), tokens.get(2), channels);
    return List.of(TensorType.of(QuantOps.resultElement(op), result));
  }

  private static long patchEmbedFlops(Signature op, ToLongFunction<String> symbols) {
    long elements = op.declared().get(0).elements().evaluate(symbols);
    return Math.multiplyExact(elements, 2 * op.operand(1).size(1) + 2);
  }

  private static List<TensorType> finalStep(Signature op) {
    Shapes.requireRow(op, 0);
    for (int i = 0; i < 3; i++) {
      Shapes.requireActivation(op, i);
      Shapes.requireBroadcastable(op, i, op.operand(0).dims());
    }
    for (int i = LATENT; i < 8; i++) {
      Shapes.requireElement(op, i, ScalarType.F32);
    }
    TensorType latent = op.operand(LATENT);
    List<Dim> tokens = tokens(op, LATENT);
    Shapes.requireRank(op, 0, 4);
    Dim channels = op.operand(0).dim(3);
    List<Dim> rows =
        List.of(latent.dim(0).times(Dim.of(2)), tokens.get(1), tokens.get(2), channels);
    op.require(
        op.operand(0).dims().equals(rows),
        "operand 0 holds both guidance halves %s, found %s",
        rows,
        op.operand(0).text());
    Shapes.requireFloat(op, 3);
    Shapes.requireRank(op, 3, 2);
    Shapes.requireRow(op, 3);
    Shapes.requireDim(op, 3, 1, channels);
    long columns = op.operand(3).size(0);
    op.require(
        columns % volume(op) == 0 && columns / volume(op) >= latent.size(1),
        "%d columns are not the channels of %d places, %d or more each",
        columns,
        volume(op),
        latent.size(1));
    NnOps.requireBias(op, 4, Dim.of(columns));
    Shapes.requireRank(op, 6, 1);
    Shapes.requireDim(op, 6, 0, Dim.of(1));
    Shapes.requireRank(op, 7, 1);
    Shapes.requireDim(op, 7, 0, latent.dim(0));
    return List.of(latent);
  }

  private static long finalStepFlops(Signature op, ToLongFunction<String> symbols) {
    long rows = op.operand(0).elements().evaluate(symbols);
    long latents = op.operand(LATENT).elements().evaluate(symbols);
    long perElement = 10 + 2 * volume(op) * op.operand(LATENT).size(1);
    return Math.addExact(Math.multiplyExact(rows, perElement), Math.multiplyExact(5, latents));
  }
}
