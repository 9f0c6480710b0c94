package org.quantcache.passes.core;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A list of passes with options, as text {@code fold,fuse,lower{panel-width=32}}. {@code fixpoint(fold,fuse)} repeats
 * its passes until none of them changes anything. Prints itself back with all options.
 */
public final class Pipeline {
  /** A part of a pipeline. */
  sealed interface Element permits Step, Fixpoint {
    /** The text with every option. */
    String text();

    /** The passes in the order in which they may run; what is repeated stands twice. */
    Stream<Step> order();
  }

  /** One pass with the values of its options. */
  public record Step(Pass pass, Options options) implements Element {
    @Override
    public String text() {
      return pass.info().name() + options.text();
    }

    @Override
    public Stream<Step> order() {
      return Stream.of(this);
    }
  }

  /** Passes that run again until a round changes nothing. */
  record Fixpoint(List<Element> elements, Options options) implements Element {
    static final String NAME = "fixpoint";

    private static final PassInfo INFO = new PassInfo(
        NAME,
        "repeat passes until nothing changes",
        Numerics.EXACT,
        List.of(),
        List.of(),
        List.of(),
        List.of(OptionSpec.integer("limit", 100, 1, 1000, "largest number of rounds")));

    static Fixpoint of(List<Element> elements, Map<String, String> options) {
      return new Fixpoint(ImmutableList.copyOf(elements), Options.of(INFO, options));
    }

    long limit() {
      return options.integer("limit");
    }

    @Override
    public String text() {
      return NAME + "(" + Pipeline.text(elements) + ")" + options.text();
    }

    @Override
    public Stream<Step> order() {
      return Stream.of(elements, elements).flatMap(List::stream).flatMap(Element::order);
    }
  }

  private final List<Element> elements;

  Pipeline(List<Element> elements) {
    this.elements = ImmutableList.copyOf(elements);
  }

  /** Parses pipeline text. @throws UserError PA0101..PA0104 with the place of the problem */
  public static Pipeline parse(String text, Map<String, PassFactory> known) {
    return new PipelineParser(text, known).pipeline();
  }

  List<Element> elements() {
    return elements;
  }

  /** The passes in the order in which they may run; what a fixpoint repeats stands twice. */
  public List<Step> steps() {
    return elements.stream().flatMap(Element::order).toList();
  }

  /** The text with every option. */
  public String text() {
    return text(elements);
  }

  private static String text(List<Element> elements) {
    return elements.stream().map(Element::text).collect(Collectors.joining(","));
  }
}
