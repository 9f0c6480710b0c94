package org.quantcache.passes.bisect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/**
 * Lets the first passes run, the last of them perhaps with its first rewrites only, and keeps what that one did. Required
 * passes behind run without a rewrite.
 */
final class Trial implements PassInstrument {
  /** A rewrite that the pass began. */
  record Begun(String event, String at) {}

  private final int passes;
  private final OptionalLong rewrites;
  private final Map<Integer, PassInfo> seen = new LinkedHashMap<>();
  private final List<Begun> begun = new ArrayList<>();
  private String step = "";
  private String text = "";

  /**
   * A try.
   *
   * @param passes number of the last pass that runs
   * @param rewrites number of the last rewrite that this pass makes; empty for all
   */
  Trial(int passes, OptionalLong rewrites) {
    this.passes = passes;
    this.rewrites = rewrites;
  }

  @Override
  public boolean mayRun(int number, PassInfo pass) {
    seen.put(number, pass);
    return number <= passes || pass.required();
  }

  @Override
  public boolean mayRewrite(
      int number, PassInfo pass, long index, String event, Location location) {
    boolean limited = number == passes && rewrites.isPresent() && index > rewrites.getAsLong();
    boolean may = number <= passes && !limited;
    if (may && number == passes) {
      begun.add(new Begun(event, location.text()));
    }
    return may;
  }

  @Override
  public void next(int number, PassInfo pass, String stepText) {
    step = number == passes ? stepText : step;
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    keep(number, module);
  }

  @Override
  public void failed(int number, PassInfo pass, IrModule module, RuntimeException cause) {
    keep(number, module);
  }

  private void keep(int number, IrModule module) {
    if (number == passes) {
      text = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
    }
  }

  /** Passes that came up, by number. */
  Map<Integer, PassInfo> seen() {
    return seen;
  }

  /** Rewrites of the last pass; the last one may have failed. */
  List<Begun> begun() {
    return begun;
  }

  /** The last pass as pipeline text. */
  String step() {
    return step;
  }

  /** The module behind the last pass. */
  String text() {
    return text;
  }
}
