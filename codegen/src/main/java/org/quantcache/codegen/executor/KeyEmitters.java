package org.quantcache.codegen.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.AttentionOps;
import org.quantcache.ir.types.ScalarType;

/** Keys that are made before attention, and attention to them. */
final class KeyEmitters {
  private KeyEmitters() {}

  static void register(Map<String, OpEmitter> table) {
    table.put(AttentionOps.KEYS, (op, out) -> keys(op, false, out));
    table.put(AttentionOps.BYTE_KEYS, (op, out) -> keys(op, true, out));
    table.put(AttentionOps.KEYED_ATTENTION, KeyEmitters::attention);
  }

  private static void keys(Operation op, boolean bytes, Emission out) {
    AttentionSizes sizes = AttentionSizes.of(op);
    boolean norm = op.attributes().flag("norm");
    KeysForm form = new KeysForm(
        sizes.heads(),
        sizes.headDim(),
        sizes.length(),
        norm,
        op.attributes().flag("rope"),
        norm ? op.attributes().real("epsilon") : 0,
        bytes);
    List<Value> pointers = new ArrayList<>(List.of(op.operand(0)));
    pointers.addAll(op.results());
    pointers.addAll(op.operands().subList(1, op.operandCount()));
    String items = bytes ? sizes.items() : Long.toString(sizes.rows() * sizes.heads());
    out.launch(op, form, pointers, sizes.numbers(), items);
  }

  private static void attention(Operation op, Emission out) {
    AttentionSizes sizes = AttentionSizes.of(op);
    boolean bytes = op.operands().stream().anyMatch(v -> v.type().element() == ScalarType.I8);
    List<Value> pointers = new ArrayList<>(List.of(op.operand(0), op.result()));
    pointers.addAll(op.operands().subList(1, op.operandCount()));
    out.launch(
        op,
        new KeyedAttentionForm(sizes.spec(op), bytes),
        pointers,
        sizes.numbers(),
        sizes.items());
  }
}
