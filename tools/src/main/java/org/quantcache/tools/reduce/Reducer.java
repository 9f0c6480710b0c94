package org.quantcache.tools.reduce;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.hash.TextHash;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.ir.verify.Verifier;

/**
 * Makes a module smaller while a check holds. Every kind of edit is tried at all places at once, then at halves of them,
 * down to single ones, and all of that again until nothing changes any more: then no single edit is left that the check
 * allows, and reducing the result again changes nothing. The order is fixed, so that the result is.
 */
public final class Reducer {
  /** Told of every module that is smaller than the one before. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Something went.
     *
     * @param text of the smallest module so far
     * @param operations in it
     * @param tests that were made
     */
    void smaller(String text, int operations, int tests);
  }

  /**
   * What came out.
   *
   * @param text of the smallest module
   * @param operations in it
   * @param tests that were made
   * @param isDone whether nothing more can go; else the tests ran out
   */
  public record Result(String text, int operations, int tests, boolean isDone) {}

  private static final OpRegistry REGISTRY = StandardOps.registry();

  private static final List<Edit> EDITS = ImmutableList.of(
      new RemoveFunctions(),
      new RemoveResults(),
      new UnwrapRegions(),
      new RemoveOperations(),
      new ReplaceByConstants(),
      new RemoveUnread(),
      new ShrinkAttributes(ShrinkAttributes.How.REMOVE),
      new ShrinkAttributes(ShrinkAttributes.How.LEAST),
      new ShrinkAttributes(ShrinkAttributes.How.HALF));

  /** The tests have run out. */
  private static final class OutOfTests extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutOfTests() {
      super("out of tests", null, false, false);
    }
  }

  private final Interest interest;
  private final int mostTests;
  private final Listener listener;
  private final Set<String> seen = new HashSet<>();
  private boolean mustVerify;
  private String text = "";
  private int tests;

  private Reducer(Interest interest, int mostTests, Listener listener) {
    this.interest = interest;
    this.mostTests = mostTests;
    this.listener = listener;
  }

  /**
   * Reduces a module.
   *
   * @param module stays as it is
   * @param interest holds for the module and for all that is kept of it
   * @param mostTests after which the smallest module so far is the result
   * @throws UserError CL0741 when the check does not hold for the module itself
   */
  public static Result reduce(
      IrModule module, Interest interest, int mostTests, Listener listener) {
    return new Reducer(interest, mostTests, listener).run(module);
  }

  private Result run(IrModule module) {
    mustVerify = Verifier.standard().withoutLocations().verify(module).errors().isEmpty();
    text = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
    if (!interest.holds(parse(text), text)) {
      throw UserError.of("CL0741", "the check does not hold for the module as it is given")
          .withHint("it must fail, or print what --expect says, before anything is taken out");
    }
    boolean done = false;
    try {
      tryText(IrPrinter.print(parse(text)));
      for (boolean changed = true; changed; ) {
        changed = false;
        for (Edit edit : EDITS) {
          changed |= sweep(edit);
        }
      }
      done = true;
    } catch (OutOfTests e) {
      // What was found so far is the result.
    }
    return new Result(text, size(parse(text)), tests, done);
  }

  /** All places, then halves, down to single ones, from the last to the first so that numbers of others stay. */
  private boolean sweep(Edit edit) {
    boolean changed = false;
    int count = edit.places(parse(text));
    for (int chunk = count; chunk >= 1; chunk /= 2) {
      for (int end = edit.places(parse(text)); end > 0; end -= chunk) {
        changed |= attempt(edit, Math.max(0, end - chunk), end);
      }
    }
    return changed;
  }

  private boolean attempt(Edit edit, int from, int to) {
    IrModule module = parse(text);
    if (to > edit.places(module)) {
      return false;
    }
    String candidate;
    try {
      edit.apply(
          new Rewriter(module, REGISTRY, new Rewriter.Listener() {}),
          IntStream.range(from, to).boxed().toList());
      candidate = print(module);
      parse(candidate);
    } catch (RuntimeException e) {
      // The edit does not fit this module, which the builder or the parser said.
      return false;
    }
    return tryText(candidate);
  }

  /** Locations went at first where the check allowed it, and do not come back. */
  private String print(IrModule module) {
    return IrPrinter.print(
        module,
        text.contains(" loc(") ? IrPrinter.Options.WITH_LOCATIONS : IrPrinter.Options.PLAIN);
  }

  private boolean tryText(String candidate) {
    if (candidate.equals(text) || !seen.add(TextHash.sha256(candidate))) {
      return false;
    }
    IrModule module = parse(candidate);
    if (mustVerify
        && !Verifier.standard().withoutLocations().verify(module).errors().isEmpty()) {
      return false;
    }
    if (tests >= mostTests) {
      throw new OutOfTests();
    }
    tests++;
    int operations = size(module);
    if (!interest.holds(module, candidate)) {
      return false;
    }
    text = candidate;
    listener.smaller(text, operations, tests);
    return true;
  }

  private static IrModule parse(String moduleText) {
    return IrParser.parse(moduleText, "module.qir", REGISTRY);
  }

  /** Operations of a module, terminators and definitions of weights left out. */
  public static int size(IrModule module) {
    return Substitutes.operations(module).size();
  }
}
