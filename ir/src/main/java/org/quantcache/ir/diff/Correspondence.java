package org.quantcache.ir.diff;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Value;

/** Which value of one function stands for which of the other. */
final class Correspondence {
  private final Map<Value, Value> counterpart = new IdentityHashMap<>();

  /** Parameters correspond by name. */
  void parameters(Function before, Function after) {
    for (Value left : before.parameters()) {
      for (Value right : after.parameters()) {
        if (left.nameHint().equals(right.nameHint())) {
          counterpart.putIfAbsent(left, right);
        }
      }
    }
  }

  /**
   * Whether two operations with equal keys read corresponding values. Their results correspond from now on either way,
   * so that one change is not reported again at every reader.
   */
  boolean match(Operation left, Operation right) {
    boolean same = true;
    for (int i = 0; i < left.operandCount(); i++) {
      same &= counterpart.get(left.operand(i)) == right.operand(i);
    }
    pair(left.results(), right.results());
    for (int i = 0; i < left.regions().size(); i++) {
      pair(left.regions().get(i).arguments(), right.regions().get(i).arguments());
    }
    return same;
  }

  private void pair(List<Value> left, List<Value> right) {
    for (int i = 0; i < left.size(); i++) {
      counterpart.put(left.get(i), right.get(i));
    }
  }
}
