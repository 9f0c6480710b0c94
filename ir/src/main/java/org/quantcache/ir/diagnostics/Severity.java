package org.quantcache.ir.diagnostics;

/** How bad a finding is. */
public enum Severity {
  /** The input cannot be used. */
  ERROR,
  /** The input can be used, probably not as meant. */
  WARNING
}
