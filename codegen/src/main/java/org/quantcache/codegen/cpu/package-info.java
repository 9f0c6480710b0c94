/**
 * From a planned module to machine code and executors: each operation becomes launches, copies or host calls, and the
 * Java source that makes them in order.
 */
package org.quantcache.codegen.cpu;
