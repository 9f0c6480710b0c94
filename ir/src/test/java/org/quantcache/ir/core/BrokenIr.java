package org.quantcache.ir.core;

/** Breaks what no public method can, for tests of the verifier. */
public final class BrokenIr {
  private BrokenIr() {}

  /** The value forgets one of its readers, which still reads it. */
  public static void forgetUse(Value value, Operation reader) {
    value.removeUse(reader);
  }

  /** The value claims a reader that does not read it. */
  public static void inventUse(Value value, Operation reader) {
    value.addUse(reader);
  }

  /** Attributes without any check. */
  public static void setAttribute(
      Operation operation, String name, org.quantcache.ir.attributes.Attribute value) {
    operation.setAttributes(operation.attributes().with(name, value));
  }

  public static void removeAttribute(Operation operation, String name) {
    operation.setAttributes(operation.attributes().without(name));
  }
}
