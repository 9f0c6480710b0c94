package org.quantcache.passes.stack;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.passes.stack.Addend.Kind;

/**
 * One block of the model: an attention over places or frames and the branches that follow it up to the next one; model
 * section 3.
 *
 * @param kind of the attention that it begins with
 * @param index number among the layers of its kind
 * @param addends its branches
 */
public record Layer(Kind kind, int index, List<Addend> addends) {
  public Layer {
    addends = List.copyOf(addends);
  }

  /** The layers of a stream, in order. What stands before the first attention belongs to none. */
  static List<Layer> of(List<Addend> addends) {
    List<Layer> out = new ArrayList<>();
    for (Addend addend : addends) {
      boolean begins =
          addend.kind() == Kind.SPATIAL_ATTENTION || addend.kind() == Kind.TEMPORAL_ATTENTION;
      if (begins) {
        int index = (int) out.stream().filter(l -> l.kind() == addend.kind()).count();
        out.add(new Layer(addend.kind(), index, List.of(addend)));
      } else if (!out.isEmpty()) {
        Layer last = out.remove(out.size() - 1);
        List<Addend> all = new ArrayList<>(last.addends());
        all.add(addend);
        out.add(new Layer(last.kind(), last.index(), all));
      }
    }
    return out;
  }

  /** Kind of the layer in names: {@code spatial} or {@code temporal}. */
  public String kindText() {
    return kind == Kind.SPATIAL_ATTENTION ? "spatial" : "temporal";
  }

  /** Name in plans, decisions and traces: {@code spatial.2}. */
  public String name() {
    return kindText() + "." + index;
  }

  /** Its branches as things that are left out one by one: {@code spatial.2.cross}. */
  public List<Stretch> parts() {
    return addends.stream()
        .map(addend -> new Stretch(name() + "." + addend.kind().part(), List.of(addend)))
        .toList();
  }

  /** The layer as something that is left out; it knows where the stream comes in and where it leaves. */
  public Stretch stretch() {
    return new Stretch(name(), addends);
  }
}
