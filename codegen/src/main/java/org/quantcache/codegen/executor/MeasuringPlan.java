package org.quantcache.codegen.executor;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.TreeSet;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.ops.StructureOps;

/**
 * Where, on a device with memory of its own, what was measured is waited for, and where it is brought.
 *
 * <p>The first decision of a step waits for what the steps before measured; a guard waits for its own probes, a branch for
 * those of the layer before it and of its own variation. Who waits takes all that was measured so far. What is taken together
 * travels together, as soon as nothing more is measured that would be taken with it; nothing stays behind at the end of a step.
 */
final class MeasuringPlan {
  private static final String EARLIER_STEP = "earlier step";

  private final Set<Operation> takers = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Operation> lastMeasured = Collections.newSetFromMap(new IdentityHashMap<>());

  private MeasuringPlan() {}

  static MeasuringPlan of(Function function) {
    MeasuringPlan out = new MeasuringPlan();
    function.body().walk(op -> {
      if (op.is(StructureOps.LOOP) && measures(op.regions().get(0))) {
        out.findTakers(op.regions().get(0), Set.of(EARLIER_STEP));
        out.findLast(op.regions().get(0), false);
      }
    });
    return out;
  }

  /** Whether a guard or branch waits for what was measured. */
  boolean takesBefore(Operation choice) {
    return takers.contains(choice);
  }

  /** Whether what was measured up to here is brought. */
  boolean bringsBehind(Operation operation) {
    return lastMeasured.contains(operation);
  }

  private static boolean isMeasuring(Operation operation) {
    return operation.is(CacheOps.PROBE)
        || operation.is(CacheOps.MEASURED)
        || operation.is(PruneOps.PROBE)
        || operation.is(PruneOps.MEASURED);
  }

  private static boolean isChoice(Operation operation) {
    return operation.is(CacheOps.GUARD) || operation.is(PruneOps.BRANCH);
  }

  private static boolean measures(Region region) {
    boolean[] found = new boolean[1];
    region.walk(op -> found[0] |= isMeasuring(op));
    return found[0];
  }

  /** What an operation measures. */
  private static String measured(Operation operation) {
    Attributes attributes = operation.attributes();
    return operation.is(CacheOps.PROBE) || operation.is(CacheOps.MEASURED)
        ? "guard " + attributes.string("guard")
        : ofLayer(attributes.word("measure"), attributes, attributes.integer("layer"));
  }

  /** What a guard or branch decides by. */
  private static Set<String> decidesBy(Operation choice) {
    Attributes attributes = choice.attributes();
    if (choice.is(CacheOps.GUARD)) {
      return Set.of("guard " + attributes.string("name"));
    }
    long layer = attributes.integer("layer");
    return Set.of(
        ofLayer(PruneOps.SIMILARITY, attributes, layer - 1),
        ofLayer(PruneOps.VARIATION, attributes, layer));
  }

  private static String ofLayer(String measure, Attributes attributes, long layer) {
    return measure + " " + PruneOps.layerName(attributes.string("kind"), layer);
  }

  /**
   * Goes forward through a region.
   *
   * @param before what may be measured and not taken yet
   * @return the same behind the region
   */
  private Set<String> findTakers(Region region, Set<String> before) {
    Set<String> open = new TreeSet<>(before);
    for (Operation operation : region.operations()) {
      if (isMeasuring(operation)) {
        open.add(measured(operation));
      } else if (isChoice(operation)) {
        if (open.contains(EARLIER_STEP) || !Collections.disjoint(open, decidesBy(operation))) {
          takers.add(operation);
          open.clear();
        }
        open.addAll(findTakers(operation.regions().get(0), open));
      }
    }
    return open;
  }

  /**
   * Goes backward through a region.
   *
   * @param more whether more may be measured behind it before somebody takes it
   * @return the same in front of it
   */
  private boolean findLast(Region region, boolean more) {
    boolean later = more;
    for (int i = region.operations().size() - 1; i >= 0; i--) {
      Operation operation = region.operations().get(i);
      if (isMeasuring(operation)) {
        if (!later) {
          lastMeasured.add(operation);
        }
        later = true;
      } else if (isChoice(operation)) {
        boolean inside = findLast(operation.regions().get(0), later);
        if (takers.contains(operation)) {
          later = false;
        } else if (inside && !later) {
          // Where the region is left out, nothing comes that was waited for.
          lastMeasured.add(operation);
          later = true;
        }
      }
    }
    return later;
  }
}
