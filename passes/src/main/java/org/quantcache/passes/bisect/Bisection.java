package org.quantcache.passes.bisect;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.diff.IrDiff;
import org.quantcache.ir.text.IrParser;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.core.Pipeline;
import org.quantcache.passes.instruments.VerifyEach;

/**
 * Halves the passes of a pipeline until the one is left with which a check begins to fail, then the rewrites of that pass. A
 * pass that fails, or leaves a module that does not hold, is bad as well.
 */
public final class Bisection {
  private final OpRegistry registry;
  private final Supplier<IrModule> input;
  private final Pipeline pipeline;
  private final Judge judge;
  private final Consumer<Probe> progress;

  /**
   * A search.
   *
   * @param input makes the module anew for each try
   * @param progress told of each try
   */
  public Bisection(
      OpRegistry registry,
      Supplier<IrModule> input,
      Pipeline pipeline,
      Judge judge,
      Consumer<Probe> progress) {
    this.registry = registry;
    this.input = input;
    this.pipeline = pipeline;
    this.judge = judge;
    this.progress = progress;
  }

  /** What one try showed. */
  private record Tried(Trial trial, Probe probe) {
    boolean isGood() {
      return probe.isGood();
    }
  }

  /** The last good try and the first bad one behind it. */
  private record Edge(Tried good, Tried bad, long at) {}

  /** @throws UserError PA0609 when the check holds behind all passes, PA0610 when it fails before any; what the judge throws */
  public Culprit find() {
    judge.prepare(input.get());
    Tried all = probe(Integer.MAX_VALUE, OptionalLong.empty());
    if (all.isGood()) {
      throw UserError.of("PA0609", "the check holds behind all passes: there is nothing to find")
          .withHint("a smaller bound, other inputs or another check may show what is wrong");
    }
    Tried none = probe(0, OptionalLong.empty());
    if (!none.isGood()) {
      throw UserError.of(
              "PA0610", "the check fails before any pass: %s", none.probe().problem())
          .withHint("no pass is at fault; look at the module or at the check");
    }
    int last =
        all.trial().seen().keySet().stream().mapToInt(Integer::intValue).max().orElseThrow();
    Edge pass = edge(none, last, n -> probe((int) n, OptionalLong.empty()));
    return culprit(pass.bad(), pass.good().trial());
  }

  /** @param whole a good try, in which all passes came up */
  private Culprit culprit(Tried bad, Trial whole) {
    int number = bad.probe().passes();
    Tried bare = probe(number, OptionalLong.of(0));
    Optional<Culprit.Rewrite> rewrite = Optional.empty();
    if (bare.isGood() && !bad.trial().begun().isEmpty()) {
      Edge edge = edge(bare, bad.trial().begun().size(), k -> probe(number, OptionalLong.of(k)));
      List<Trial.Begun> begun = edge.bad().trial().begun();
      Trial.Begun one = begun.get(begun.size() - 1);
      rewrite = Optional.of(new Culprit.Rewrite(
          edge.at(), one.event(), one.at(), diff(edge.good().trial(), edge.bad().trial())));
    }
    List<Integer> required = new ArrayList<>();
    whole.seen().forEach((n, info) -> {
      if (n > number && info.required()) {
        required.add(n);
      }
    });
    return new Culprit(
        number,
        bad.trial().seen().get(number).name(),
        bad.trial().step(),
        rewrite,
        bad.probe().problem(),
        required);
  }

  /** Halves {@code 0..last}, of which 0 is good and {@code last} bad. */
  private static Edge edge(Tried none, long last, LongFunction<Tried> tries) {
    long good = 0;
    long bad = last;
    Tried lastGood = none;
    Optional<Tried> firstBad = Optional.empty();
    while (bad - good > 1) {
      long middle = good + (bad - good) / 2;
      Tried tried = tries.apply(middle);
      if (tried.isGood()) {
        good = middle;
        lastGood = tried;
      } else {
        bad = middle;
        firstBad = Optional.of(tried);
      }
    }
    long edge = bad;
    return new Edge(lastGood, firstBad.orElseGet(() -> tries.apply(edge)), edge);
  }

  private Tried probe(int passes, OptionalLong rewrites) {
    Trial trial = new Trial(passes, rewrites);
    List<PassInstrument> instruments = new ArrayList<>(judge.instruments());
    instruments.add(new VerifyEach());
    instruments.add(trial);
    IrModule module = input.get();
    String problem =
        failure(instruments, module).or(() -> judge.problem(module)).orElse("");
    int reached =
        trial.seen().keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    Probe probe = new Probe(Math.min(passes, reached), rewrites, problem);
    progress.accept(probe);
    return new Tried(trial, probe);
  }

  /** Runs the passes; what they failed with, in one line. */
  private Optional<String> failure(List<PassInstrument> instruments, IrModule module) {
    try {
      new PassManager(registry, instruments).run(pipeline, module);
      return Optional.empty();
    } catch (UserError e) {
      return Optional.of(e.code() + ": " + e.getMessage().lines().findFirst().orElse(""));
    } catch (RuntimeException e) {
      return Optional.of("internal failure: " + e);
    }
  }

  private String diff(Trial before, Trial after) {
    try {
      return IrDiff.between(
              IrParser.parse(before.text(), "before", registry),
              IrParser.parse(after.text(), "after", registry))
          .text();
    } catch (UserError e) {
      return "the module behind the rewrite cannot be read: " + e.code() + "\n";
    }
  }
}
