/**
 * From the functions of a planned module to Java programs: launches, copies and host calls in order. What differs between
 * devices is an {@link org.quantcache.codegen.executor.ExecutorTarget}.
 */
package org.quantcache.codegen.executor;
