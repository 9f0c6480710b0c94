/**
 * What every pass shares: pipeline text, options, the manager that runs a pipeline under its instruments, rewrite rules
 * and their driver. A pass itself is a class with its {@link org.quantcache.passes.core.PassInfo} and a short {@code
 * run}; everything around it is done here.
 */
package org.quantcache.passes.core;
