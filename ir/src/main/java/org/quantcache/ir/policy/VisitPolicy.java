package org.quantcache.ir.policy;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/**
 * A layer is left out at visits that were chosen beforehand. Visits are the steps at which the layer is reached, counted
 * from 0: where a guard stands around it they are the computed steps, and keep their numbers in a loop of another length.
 *
 * @param pruned visits at which the layer is left out, ascending
 */
public record VisitPolicy(List<Long> pruned) implements PrunePolicy {
  static final String KIND = "visits";

  /** @throws IllegalArgumentException when there are no visits, or they do not ascend */
  public VisitPolicy {
    pruned = ImmutableList.copyOf(pruned);
    GuardPolicy.require(!pruned.isEmpty(), "there is a visit at least", pruned);
    long before = -1;
    for (long visit : pruned) {
      GuardPolicy.require(visit > before, "visits ascend from 0", pruned);
      before = visit;
    }
  }

  static VisitPolicy of(Attributes fields) {
    return new VisitPolicy(fields.longs("pruned"));
  }

  @Override
  public Attribute attribute() {
    return new Attribute.StructAttr(KIND, Attributes.of("pruned", Attribute.longs(pruned)));
  }
}
