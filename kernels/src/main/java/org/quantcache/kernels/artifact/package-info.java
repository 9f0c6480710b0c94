/** The {@code .qca} archive: entry names, the manifest, and a reader that trusts nothing before it is checked. */
package org.quantcache.kernels.artifact;
