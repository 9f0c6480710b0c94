package org.quantcache.ir.attributes;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.quantcache.ir.types.TensorType;

/** A compile-time value on an operation, function or module. Values are immutable and compare by content. */
public sealed interface Attribute {
  /** The spelling in the text form. */
  String text();

  /** Whole number. */
  record IntAttr(long value) implements Attribute {
    @Override
    public String text() {
      return Long.toString(value);
    }
  }

  /** Double; printed so that it reads back to the same bits. */
  record FloatAttr(double value) implements Attribute {
    @Override
    public String text() {
      return FloatText.of(value);
    }
  }

  /** A bare word: {@code true}, {@code tanh}, {@code f32}. */
  record WordAttr(String word) implements Attribute {
    public WordAttr {
      if (!word.matches("[A-Za-z_][A-Za-z0-9_]*") || word.equals("nan") || word.equals("inf")) {
        throw new IllegalArgumentException("'" + word + "' is no bare word");
      }
    }

    @Override
    public String text() {
      return word;
    }
  }

  /** Quoted text. */
  record StringAttr(String value) implements Attribute {
    public StringAttr {
      Objects.requireNonNull(value);
    }

    @Override
    public String text() {
      return QuotedText.quote(value);
    }
  }

  /** Reference to a symbol of the module, without its {@code @}. */
  record SymbolAttr(String symbol) implements Attribute {
    public SymbolAttr {
      if (!symbol.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
        throw new IllegalArgumentException("'" + symbol + "' is no symbol name");
      }
    }

    @Override
    public String text() {
      return "@" + symbol;
    }
  }

  /** Ordered values. */
  record ListAttr(List<Attribute> values) implements Attribute {
    public ListAttr {
      values = ImmutableList.copyOf(values);
    }

    @Override
    public String text() {
      return values.stream().map(Attribute::text).collect(Collectors.joining(", ", "[", "]"));
    }

    /** The list as whole numbers. @throws IllegalArgumentException when it holds anything else */
    public List<Long> longs() {
      return values.stream()
          .map(v -> {
            if (v instanceof IntAttr whole) {
              return whole.value();
            }
            throw new IllegalArgumentException(
                "a list of whole numbers is expected, found " + text());
          })
          .toList();
    }

    /** The list as numbers. @throws IllegalArgumentException when it holds anything else */
    public List<Double> reals() {
      return values.stream()
          .map(v -> {
            if (v instanceof FloatAttr real) {
              return real.value();
            }
            if (v instanceof IntAttr whole) {
              return (double) whole.value();
            }
            throw new IllegalArgumentException("a list of numbers is expected, found " + text());
          })
          .toList();
    }

    /** The list as strings (quoted values or bare words). @throws IllegalArgumentException for others */
    public List<String> strings() {
      return values.stream()
          .map(v -> {
            if (v instanceof StringAttr quoted) {
              return quoted.value();
            }
            if (v instanceof WordAttr bare) {
              return bare.word();
            }
            throw new IllegalArgumentException("a list of texts is expected, found " + text());
          })
          .toList();
    }
  }

  /** A tensor type. */
  record TypeAttr(TensorType type) implements Attribute {
    @Override
    public String text() {
      return type.text();
    }
  }

  /** A named group of values: {@code #dim<bound = 300, name = L>}. */
  record StructAttr(String name, Attributes fields) implements Attribute {
    public StructAttr {
      if (!name.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
        throw new IllegalArgumentException("'" + name + "' is no name of an attribute group");
      }
    }

    @Override
    public String text() {
      return "#" + name + fields.text();
    }
  }

  static Attribute of(long value) {
    return new IntAttr(value);
  }

  static Attribute of(double value) {
    return new FloatAttr(value);
  }

  static Attribute of(boolean value) {
    return new WordAttr(Boolean.toString(value));
  }

  static Attribute word(String word) {
    return new WordAttr(word);
  }

  static Attribute string(String value) {
    return new StringAttr(value);
  }

  static Attribute symbol(String symbol) {
    return new SymbolAttr(symbol);
  }

  static Attribute longs(long... values) {
    return new ListAttr(Arrays.stream(values).mapToObj(Attribute::of).toList());
  }

  static Attribute longs(List<Long> values) {
    return new ListAttr(values.stream().map(v -> of(v.longValue())).toList());
  }

  static Attribute reals(List<Double> values) {
    return new ListAttr(values.stream().map(v -> of(v.doubleValue())).toList());
  }

  static Attribute strings(List<String> values) {
    return new ListAttr(values.stream().map(Attribute::string).toList());
  }

  static Attribute type(TensorType type) {
    return new TypeAttr(type);
  }
}
