/** The forms in which compiled products read a weight: panels of a few outputs, one behind the other, or tiles of them. */
package org.quantcache.kernels.pack;
