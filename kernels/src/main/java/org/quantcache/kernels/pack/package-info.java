/** The form in which compiled products read a weight: panels of a few columns, one behind the other. */
package org.quantcache.kernels.pack;
