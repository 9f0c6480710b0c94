/**
 * Two builds side by side, value by value: what stands at the same place of the model in both is compared while both
 * run, and forgotten. {@code Points} says which values of a program can be compared, {@code Pairing} which belong
 * together, {@code SideBySide} lets two {@code Side}s run in turns.
 */
package org.quantcache.tools.layers;
