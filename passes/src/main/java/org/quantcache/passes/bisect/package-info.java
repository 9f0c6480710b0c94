/** Finds the pass, and in it the rewrite, with which a check of the module begins to fail. */
package org.quantcache.passes.bisect;
