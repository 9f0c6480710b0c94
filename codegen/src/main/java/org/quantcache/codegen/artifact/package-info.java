/** Writes artifacts: the archive aligned for mapping, weights streamed into their packed form. */
package org.quantcache.codegen.artifact;
