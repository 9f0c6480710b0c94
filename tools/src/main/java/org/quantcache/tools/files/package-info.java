/** Files that one command writes and another one reads. */
package org.quantcache.tools.files;
