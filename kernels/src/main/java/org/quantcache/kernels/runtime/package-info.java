/**
 * What a caller of any device sees: a {@link org.quantcache.kernels.runtime.Program} with its signature, an observer of
 * its steps and a profile of its launches.
 */
package org.quantcache.kernels.runtime;
