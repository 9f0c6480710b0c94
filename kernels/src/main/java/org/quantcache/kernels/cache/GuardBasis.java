package org.quantcache.kernels.cache;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.policy.BitsPolicy;
import org.quantcache.ir.policy.GuardPolicy;

/**
 * What the decisions of one guard rest on.
 *
 * @param policy that decides
 * @param reach how far its history is followed, in gaps between the last two computed steps
 * @param bits policy of activations that follow the guard; empty where none do
 * @param probes what probes saw, by the step at which they did, in the order in which they ran
 * @param notReached steps at which the guard was not asked, for it stands in a region that was reused
 */
public record GuardBasis(
    GuardPolicy policy,
    double reach,
    Optional<BitsPolicy> bits,
    Map<Integer, List<Change>> probes,
    Set<Integer> notReached) {
  public GuardBasis {
    ImmutableMap.Builder<Integer, List<Change>> copy = ImmutableMap.builder();
    probes.forEach((step, seen) -> copy.put(step, ImmutableList.copyOf(seen)));
    probes = copy.buildOrThrow();
    notReached = ImmutableSet.copyOf(notReached);
  }
}
