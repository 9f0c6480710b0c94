package org.quantcache.codegen.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.quantcache.ir.types.ScalarType;

/** Parameters of a kernel: pointers, numbers, reals, and the number of work items, which comes last everywhere. */
final class Parameters {
  private final List<String> texts = new ArrayList<>();

  /** A pointer to what is read. */
  Parameters in(String name, ScalarType type) {
    texts.add("const " + DeviceTypes.name(type) + "* " + name);
    return this;
  }

  /** A pointer to what is written, or read and written. */
  Parameters out(String name, ScalarType type) {
    texts.add(DeviceTypes.name(type) + "* " + name);
    return this;
  }

  Parameters integers(List<String> names) {
    names.forEach(name -> texts.add("int " + name));
    return this;
  }

  Parameters integers(String... names) {
    return integers(Arrays.asList(names));
  }

  Parameters reals(List<String> names) {
    names.forEach(name -> texts.add("float " + name));
    return this;
  }

  String text() {
    return String.join(", ", texts) + ", int items";
  }
}
