/**
 * What an operation decides at run time by, as attributes: immutable, checked when made, the same in text and code.
 */
package org.quantcache.ir.policy;
