package org.quantcache.kernels.reference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.quant.WeightRecipe;
import org.quantcache.kernels.tensor.Tensor;

/** Weights as their definitions describe them; a packed layout is seen as rows. */
final class Weights {
  private final IrModule module;
  private final WeightStore store;
  private final ScalarType precision;
  private final Map<String, Tensor> known = new HashMap<>();

  /** @param precision f64 widens all floats */
  Weights(IrModule module, WeightStore store, ScalarType precision) {
    this.module = module;
    this.store = store;
    this.precision = precision;
  }

  Tensor get(String symbol) {
    return known.computeIfAbsent(symbol, key -> widened(read(key)));
  }

  private Tensor widened(Tensor weight) {
    return precision == ScalarType.F64 && weight.element().isFloat()
        ? weight.as(ScalarType.F64)
        : weight;
  }

  private Tensor read(String symbol) {
    Attributes definition = module
        .findGlobal(symbol)
        .filter(op -> op.is(StructureOps.WEIGHT_DEF))
        .orElseThrow(() -> new IllegalStateException("no weight @" + symbol))
        .attributes();
    TensorType type = definition.type("type");
    List<Long> sizes = type.dims().stream().map(Dim::coefficient).toList();
    Tensor out = Tensor.zeros(ReferenceProgram.valueKind(type.element()), sizes);
    if (WeightRecipe.isNeeded(definition)) {
      made(WeightRecipe.of(definition, store::find), definition.word("part", "values"), out);
      return out;
    }
    String key = definition.string("key");
    TensorData data = store
        .find(key)
        .orElseThrow(() -> UserError.of("RT0105", "the weights hold no tensor '%s'", key));
    int columns = Math.toIntExact(data.info().elements()
        / Math.max(1, data.info().shape().isEmpty() ? 1 : data.info().shape().get(0)));
    if (!definition.has("rows")) {
      copy(data, 0, out, 0, out.count());
      return out;
    }
    int to = 0;
    for (long row : definition.longs("rows")) {
      copy(data, row * columns, out, to, columns);
      to += columns;
    }
    return out;
  }

  private static void made(WeightRecipe recipe, String part, Tensor out) {
    float[] floats = new float[recipe.inputs()];
    byte[] values = new byte[recipe.inputs()];
    float[] scales = new float[recipe.groups()];
    int[] sums = new int[recipe.groups()];
    int per = out.count() / Math.max(1, recipe.outputs());
    for (int row = 0; row < recipe.outputs(); row++) {
      if (recipe.bits() == 0) {
        recipe.floats(row, floats);
      } else {
        recipe.quantized(row, values, scales, sums);
      }
      for (int i = 0; i < per; i++) {
        double value = recipe.bits() == 0
            ? floats[i]
            : part.equals("values") ? values[i] : part.equals("scale") ? scales[i] : sums[i];
        out.set(row * per + i, value);
      }
    }
  }

  private static void copy(TensorData data, long first, Tensor out, int to, int count) {
    float[] values = new float[count];
    data.readFloats(first, values, count);
    for (int i = 0; i < count; i++) {
      out.set(to + i, values[i]);
    }
  }
}
