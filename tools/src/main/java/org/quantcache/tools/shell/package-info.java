/** Commands of the shell that check a module: what {@code bisect} and {@code reduce} look for. */
package org.quantcache.tools.shell;
