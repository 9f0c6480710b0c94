/** What is learnt of a model before it is compiled, and what is chosen from that; method sections 1 and 2. */
package org.quantcache.passes.calibration;
