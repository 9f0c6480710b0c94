/** What programs that were compiled to executors have in common, whatever device they launch kernels on. */
package org.quantcache.kernels.executor;
