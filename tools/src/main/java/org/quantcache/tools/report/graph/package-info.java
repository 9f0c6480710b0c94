/**
 * The graph of a program as a drawing: operations in groups that open, each group laid out once for all groups that are
 * built alike.
 */
package org.quantcache.tools.report.graph;
