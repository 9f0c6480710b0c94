/** Pages that show what a program did: one file without scripts or anything from elsewhere. */
package org.quantcache.tools.report;
