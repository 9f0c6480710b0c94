package org.quantcache.passes.stack;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.passes.core.WeightDefinitions;

/**
 * A product of the block stack whose weight is constant.
 *
 * @param operation the product
 * @param key of its weight in the checkpoint, which names the layer wherever layers are told apart
 * @param ofText whether it makes keys and values of the text, once for a whole video
 */
public record BlockLinear(Operation operation, String key, boolean ofText) {
  /** Those of a stream in program order, keys and values of cross-attention included; others have computed weights. */
  public static List<BlockLinear> of(IrModule module, ResidualStream stream) {
    Map<Operation, Boolean> found = new LinkedHashMap<>();
    for (Addend addend : stream.addends()) {
      addend.keyValues().ifPresent(op -> found.put(op, true));
      addend.linears().forEach(op -> found.putIfAbsent(op, false));
    }
    List<BlockLinear> out = new ArrayList<>();
    found.forEach((operation, ofText) -> {
      WeightDefinitions.of(module, operation.operand(1))
          .filter(definition -> operation.operand(1).type().isConstant())
          .ifPresent(definition ->
              out.add(new BlockLinear(operation, definition.attributes().string("key"), ofText)));
    });
    return out;
  }
}
