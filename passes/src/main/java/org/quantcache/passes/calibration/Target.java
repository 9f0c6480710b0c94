package org.quantcache.passes.calibration;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.diagnostics.UserError;

/**
 * What a pipeline is to reach on the calibration cases.
 *
 * @param measure what is to be reached
 * @param value how much of it at least
 */
public record Target(Measure measure, double value) {
  private static final Pattern NAME = Pattern.compile("(psnr|speedup)-([0-9]+(?:\\.[0-9]+)?)");

  /** What is measured of a pipeline, against the lossless build. */
  public enum Measure {
    /** Quality in dB: PSNR of decoded frames, or of the latents where the model has no decoder; mean over the cases. */
    PSNR,
    /** Time of the lossless build over that of the pipeline: medians over cases that both run in turns. */
    SPEEDUP;

    /** In names, files and options: {@code psnr} or {@code speedup}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** @throws UserError PA0603 for a value that says nothing */
  public Target {
    double least = measure == Measure.PSNR ? 0 : 1;
    if (!(value > least) || !Double.isFinite(value)) {
      throw UserError.of("PA0603", "a target is above %s, found %s", least, value)
          .withHint(
              "a PSNR is in dB, such as 40; a speed-up in times the lossless build, such as 10");
    }
  }

  /** The target of a name such as {@code psnr-40}, empty when it is no such name. @throws UserError PA0603 */
  public static Optional<Target> named(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(new Target(
            Measure.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)),
            Double.parseDouble(matcher.group(2))))
        : Optional.empty();
  }

  /** Its name in pipelines, such as {@code psnr-40} or {@code speedup-2.5}. */
  public String name() {
    return measure.text() + "-" + number();
  }

  /** The value without needless digits. */
  public String number() {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** Whether figures reach it. */
  public boolean isMet(Reached reached) {
    return measured(reached) >= value;
  }

  /** The figure that it is about, in its unit. */
  public double measured(Reached reached) {
    return measure == Measure.PSNR ? reached.psnrDb() : reached.speedup();
  }
}
