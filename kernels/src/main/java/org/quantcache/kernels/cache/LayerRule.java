package org.quantcache.kernels.cache;

import org.quantcache.ir.policy.PrunePolicy;

/**
 * What a layer that may be left out decides by.
 *
 * @param kind of the layer; layers of one kind are compared with each other
 * @param layer number within its kind
 * @param policy that decides
 * @param kept tensors of its history, from which it foretells what it adds when it is left out; 0 when it adds nothing
 */
public record LayerRule(String kind, int layer, PrunePolicy policy, int kept) {}
