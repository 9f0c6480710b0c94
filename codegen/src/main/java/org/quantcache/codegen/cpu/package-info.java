/** From a planned module to machine code of this or another processor, and executors that launch it. */
package org.quantcache.codegen.cpu;
