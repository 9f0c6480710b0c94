package org.quantcache.ir.ops;

import java.util.ArrayList;
import java.util.List;

/** Splits a list of types at the commas outside of brackets. */
final class TypeLists {
  private TypeLists() {}

  static List<String> split(String types) {
    List<String> out = new ArrayList<>();
    int depth = 0;
    StringBuilder current = new StringBuilder();
    for (char c : types.toCharArray()) {
      depth += "[<".indexOf(c) >= 0 ? 1 : "]>".indexOf(c) >= 0 ? -1 : 0;
      if (c == ',' && depth == 0) {
        out.add(current.toString().trim());
        current.setLength(0);
      } else {
        current.append(c);
      }
    }
    if (!current.toString().isBlank()) {
      out.add(current.toString().trim());
    }
    return out;
  }
}
