package org.quantcache.tools.calibrate;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.quantcache.ir.policy.Levels;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.pipelines.AllPasses;

/**
 * Pipelines in order from the fastest one to the one of best quality.
 *
 * @param first number of the fastest
 * @param last number of the best
 * @param passes pipeline text by number
 */
public record Settings(int first, int last, IntFunction<String> passes) {
  /** Factors on the bounds of a codebook, {@code 2^(+-8)} in eighths of an octave. */
  private static final int OCTAVES = 8;

  private static final int PER_OCTAVE = 8;
  private static final MathContext DIGITS = new MathContext(4);
  private static final int MOST_DECIMALS = 10;

  /**
   * Plans by their number of computed steps, the best known one of each number.
   *
   * @param before passes in front of the guard
   * @param linear whether steps that are not computed continue a line
   */
  public static Settings plans(Calibration calibration, String before, boolean linear) {
    int steps = calibration.trajectory().steps();
    return new Settings(linear ? 2 : 1, steps, computed -> {
      String plan = calibration.computedSteps(computed, linear).stream()
          .map(String::valueOf)
          .collect(Collectors.joining("/", steps + ":", ""));
      return pipeline(before, "plan=" + plan, linear);
    });
  }

  /**
   * A codebook whose bounds are all multiplied by one factor: larger bounds let values be reused for longer.
   *
   * @param before passes in front of the guard
   * @param linear whether steps that are not computed continue a line
   * @throws org.quantcache.ir.diagnostics.UserError PA0103, PA0503 for text that is no codebook
   */
  public static Settings codebooks(String codebook, String before, boolean linear) {
    AllPasses.parse("hlc{codebook=" + codebook + "}");
    Levels levels = Levels.parse(codebook);
    int middle = OCTAVES * PER_OCTAVE;
    return new Settings(0, 2 * middle, i -> {
      double factor = Math.pow(2, (double) (middle - i) / PER_OCTAVE);
      return pipeline(before, "codebook=" + scaled(levels, factor), linear);
    });
  }

  private static String pipeline(String before, String how, boolean linear) {
    return before + ",hlc{" + how + (linear ? ",reuse=linear,reach=1000}" : "}");
  }

  private static String scaled(Levels levels, double factor) {
    StringBuilder out = new StringBuilder();
    List<Long> intervals = levels.values();
    for (int i = 0; i < levels.bounds().size(); i++) {
      BigDecimal bound = new BigDecimal(levels.bounds().get(i) * factor)
          .round(DIGITS)
          .setScale(MOST_DECIMALS, RoundingMode.CEILING)
          .stripTrailingZeros();
      out.append(bound.toPlainString()).append(':').append(intervals.get(i)).append('/');
    }
    return out.append(intervals.get(intervals.size() - 1)).toString();
  }
}
