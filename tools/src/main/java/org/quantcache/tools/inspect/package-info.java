/** What an artifact holds, layer by layer, and what its kernels are expected to take. */
package org.quantcache.tools.inspect;
