/** Measures kernels against libraries, in turns on the same machine. */
package org.quantcache.codegen.bench;
