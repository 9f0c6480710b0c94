package org.quantcache.ir.policy;

import java.util.Map;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;

/** When a layer is left out of a step; method section 3. */
public sealed interface PrunePolicy permits SimilarityPolicy, VisitPolicy {
  /** The form that {@link #of} reads. */
  Attribute attribute();

  /** Reads a policy. @throws IllegalArgumentException when it is none */
  static PrunePolicy of(Attribute attribute) {
    Map<String, Function<Attributes, PrunePolicy>> kinds =
        Map.of(SimilarityPolicy.KIND, SimilarityPolicy::of, VisitPolicy.KIND, VisitPolicy::of);
    if (!(attribute instanceof Attribute.StructAttr group) || !kinds.containsKey(group.name())) {
      throw new IllegalArgumentException("policy is #" + SimilarityPolicy.KIND + "<...> or #"
          + VisitPolicy.KIND + "<...>, found " + attribute.text());
    }
    return kinds.get(group.name()).apply(group.fields());
  }
}
