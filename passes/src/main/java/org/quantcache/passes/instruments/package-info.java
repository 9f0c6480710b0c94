/** What can be watched while passes run: the IR, remarks, time, counts. Each class is one instrument. */
package org.quantcache.passes.instruments;
