/** Generates videos with compiled models, takes the time and says what the programs take. */
package org.quantcache.tools.video;
