/** Keeps native libraries where the system can load them: extracted once, whole or not at all. */
package org.quantcache.kernels.natives;
