/**
 * Makes a module that shows a failure as small as it can be while it still shows it: delta debugging (Zeller and
 * Hildebrandt, "Simplifying and isolating failure-inducing input", 2002) over the parts of a module, {@code Edits}, under
 * a check, {@code Interest}.
 */
package org.quantcache.tools.reduce;
