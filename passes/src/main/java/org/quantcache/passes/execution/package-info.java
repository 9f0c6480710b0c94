/** Runs modules on the reference device with seeded inputs and weights, and says how far their results are apart. */
package org.quantcache.passes.execution;
