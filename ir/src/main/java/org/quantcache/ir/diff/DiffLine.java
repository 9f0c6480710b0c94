package org.quantcache.ir.diff;

import java.util.Optional;
import org.quantcache.ir.core.Operation;

/**
 * A line to compare.
 *
 * @param key what two lines must share to stand side by side, free of names
 * @param text what a reader sees
 * @param operation what it shows, where operands must correspond as well
 */
record DiffLine(String key, String text, Optional<Operation> operation) {
  /** A line that is its own key. */
  static DiffLine plain(String text) {
    return new DiffLine(text, text, Optional.empty());
  }
}
