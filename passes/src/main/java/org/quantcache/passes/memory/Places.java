package org.quantcache.passes.memory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;

/** States the offsets of values: {@code at} on operations, {@code args_at} on loops, {@code params_at} on a function. */
final class Places {
  private static final long NONE = -1;

  private final Function function;
  private final Rewriter rewriter;

  Places(Function function, Rewriter rewriter) {
    this.function = function;
    this.rewriter = rewriter;
  }

  /** States where the values of a slot lie. */
  void state(Slot slot) {
    for (Value value : slot.values) {
      Optional<Operation> source = value.definingOperation();
      Optional<Operation> loop = value.argumentOf().flatMap(Region::owner);
      if (source.isPresent()) {
        int count = source.get().results().size();
        rewriter.setAttributes(
            source.get(), with(source.get().attributes(), "at", value.index(), count, slot.offset));
      } else if (loop.isPresent()) {
        int count = value.region().arguments().size();
        rewriter.setAttributes(
            loop.get(),
            with(loop.get().attributes(), "args_at", value.index(), count, slot.offset));
      } else {
        int count = function.parameters().size();
        rewriter.setAttributes(
            function, with(function.attributes(), "params_at", value.index(), count, slot.offset));
      }
    }
  }

  private static Attributes with(Attributes old, String name, int index, int count, long offset) {
    List<Long> places = new ArrayList<>(old.has(name) ? old.longs(name) : List.of());
    places.addAll(Collections.nCopies(count - places.size(), NONE));
    places.set(index, offset);
    return old.with(name, Attribute.longs(places));
  }
}
