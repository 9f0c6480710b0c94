package org.quantcache.ir.ops;

import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** What the recipe of a {@code weight.def} must fulfil. What depends on the stored tensor is checked when it is read. */
final class WeightRules {
  private WeightRules() {}

  static List<TensorType> check(Signature op) {
    Attributes a = op.attributes();
    TensorType type = a.type("type");
    String part = a.word("part", "values");
    op.require(
        List.of("values", "scale", "sum").contains(part),
        "part is values, scale or sum, found %s",
        part);
    op.require(
        a.has("bits") || (part.equals("values") && !a.has("clip") && !a.has("group")),
        "part, clip and group describe a quantized weight, bits is missing");
    if (a.has("bits")) {
      quantized(op, type, part);
    } else {
      op.require(
          type.element() instanceof ScalarType,
          "of type %s needs bits, the grid that it is rounded to",
          type.text());
      op.require(
          !List.of("quad", "pair").contains(type.layout().name()),
          "%s is a layout of quantized weights",
          type.text());
    }
    if (a.has("columns") || a.has("outputs") || a.has("hadamard")) {
      boolean isFloat = type.element() instanceof ScalarType s && s.isFloat();
      op.require(
          isFloat || a.has("bits"), "balances and rotates floats only, found %s", type.text());
    }
    op.require(
        !(a.has("outputs") && type.rank() == 0), "outputs needs an axis, found %s", type.text());
    if (part.equals("values") && (a.has("columns") || a.has("hadamard"))) {
      op.require(
          type.rank() == 2, "columns and hadamard need a matrix [N, K], found %s", type.text());
    }
    if (a.has("hadamard")) {
      long block = a.integer("hadamard");
      requireBlock(op, block);
      if (part.equals("values")) {
        requireDivides(op, "hadamard", block, type.size(1));
      }
    }
    return List.of();
  }

  private static void quantized(Signature op, TensorType type, String part) {
    Attributes a = op.attributes();
    long bits = a.integer("bits");
    op.require(bits >= 2 && bits <= 8, "a weight has 2..8 bits, found %d", bits);
    double clip = a.has("clip") ? a.real("clip") : 1;
    op.require(clip > 0 && clip <= 1, "clip is above 0 and at most 1, found %s", clip);
    long group = a.integer("group", 0);
    op.require(!a.has("group") || group > 0, "a group has at least 1 channel, found %d", group);
    if (part.equals("values")) {
      values(op, type, bits, group);
      return;
    }
    ScalarType element = part.equals("scale") ? ScalarType.F32 : ScalarType.I32;
    op.require(
        type.element() == element
            && type.layout().equals(Layout.ROW)
            && type.rank() == (group > 0 ? 2 : 1),
        "part %s is %s[N%s], found %s",
        part,
        element.text(),
        group > 0 ? ", K / group" : "",
        type.text());
  }

  private static void values(Signature op, TensorType type, long bits, long group) {
    boolean fits = type.element() instanceof QuantType q
        && q.isSigned()
        && q.rangeBits() == bits
        && q.groupSize() == group
        && type.rank() == 2;
    op.require(
        fits,
        "rounded to %d bits has an element q<range = %d, per = %s, ...>[N, K], found %s",
        bits,
        bits,
        group > 0 ? "group, group = " + group : "channel",
        type.text());
    op.require(
        !type.layout().name().equals("panel"), "%s is a layout of float weights", type.text());
    op.require(
        !type.layout().equals(Layout.PAIR) || ((QuantType) type.element()).cellBits() == 4,
        "%s is a layout of cells of 4 bits",
        type.text());
    if (group > 0) {
      requireDivides(op, "group", group, type.size(1));
    }
  }

  static void requireBlock(Signature op, long block) {
    op.require(
        block > 1 && Long.bitCount(block) == 1,
        "hadamard is a power of two above 1, found %d",
        block);
  }

  static void requireDivides(Signature op, String what, long part, long channels) {
    op.require(channels % part == 0, "%s %d does not divide %d channels", what, part, channels);
  }
}
