package org.quantcache.ir.attributes;

import com.google.common.collect.ImmutableSortedMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.quantcache.ir.types.TensorType;

/** Named attributes in name order. Immutable. */
public record Attributes(ImmutableSortedMap<String, Attribute> values) {
  public Attributes {
    for (String name : values.keySet()) {
      if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
        throw new IllegalArgumentException("'" + name + "' is no name of an attribute");
      }
    }
  }

  /** No attributes. */
  public static final Attributes NONE = new Attributes(ImmutableSortedMap.of());

  public static Attributes of(Map<String, Attribute> values) {
    return new Attributes(ImmutableSortedMap.copyOf(values));
  }

  public static Attributes of(String name, Attribute value) {
    return new Attributes(ImmutableSortedMap.of(name, value));
  }

  public Attributes with(String name, Attribute value) {
    TreeMap<String, Attribute> copy = new TreeMap<>(values);
    copy.put(name, value);
    return of(copy);
  }

  public Attributes without(String name) {
    TreeMap<String, Attribute> copy = new TreeMap<>(values);
    copy.remove(name);
    return of(copy);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  public Optional<Attribute> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** @throws NoSuchElementException when there is none of this name */
  public Attribute get(String name) {
    return find(name)
        .orElseThrow(() -> new NoSuchElementException("no attribute '" + name + "' in " + text()));
  }

  /**
   * The attribute, when it is of the kind {@code kind}.
   *
   * @param expected the kind in words, for the message
   * @throws IllegalArgumentException when it is of another kind
   */
  private <T extends Attribute> T get(String name, Class<T> kind, String expected) {
    Attribute value = get(name);
    if (!kind.isInstance(value)) {
      throw new IllegalArgumentException(
          "attribute '" + name + "' must be " + expected + ", found " + value.text());
    }
    return kind.cast(value);
  }

  public long integer(String name) {
    return get(name, Attribute.IntAttr.class, "a whole number").value();
  }

  public long integer(String name, long otherwise) {
    return has(name) ? integer(name) : otherwise;
  }

  /** A float; whole numbers are taken as well. */
  public double real(String name, double otherwise) {
    return has(name) ? real(name) : otherwise;
  }

  public double real(String name) {
    Attribute value = get(name);
    return value instanceof Attribute.IntAttr whole
        ? whole.value()
        : get(name, Attribute.FloatAttr.class, "a number").value();
  }

  /** A bare word, or {@code otherwise}. */
  public String word(String name, String otherwise) {
    return has(name) ? word(name) : otherwise;
  }

  public String word(String name) {
    return get(name, Attribute.WordAttr.class, "a bare word").word();
  }

  /** Bare word {@code true}. Absent means false. */
  public boolean flag(String name) {
    return word(name, "false").equals("true");
  }

  public String string(String name) {
    return get(name, Attribute.StringAttr.class, "a quoted text").value();
  }

  public String symbol(String name) {
    return get(name, Attribute.SymbolAttr.class, "a symbol").symbol();
  }

  public List<Long> longs(String name) {
    return get(name, Attribute.ListAttr.class, "a list").longs();
  }

  /** A list of numbers, whole ones taken as well. */
  public List<Double> reals(String name) {
    return get(name, Attribute.ListAttr.class, "a list").reals();
  }

  public List<String> strings(String name) {
    return get(name, Attribute.ListAttr.class, "a list").strings();
  }

  public TensorType type(String name) {
    return get(name, Attribute.TypeAttr.class, "a tensor type").type();
  }

  /** {@code <a = 1, b = true>}, or nothing when empty. */
  public String text() {
    if (values.isEmpty()) {
      return "";
    }
    return values.entrySet().stream()
        .map(e -> e.getKey() + " = " + e.getValue().text())
        .collect(Collectors.joining(", ", "<", ">"));
  }
}
