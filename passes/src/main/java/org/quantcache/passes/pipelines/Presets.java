package org.quantcache.passes.pipelines;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.calibration.Target;

/** Named pipelines: our own, and the methods of others as options of the same passes. */
final class Presets {
  /** Lossless graph passes. */
  private static final String LOSSLESS = "fold,specialize,hoist,fuse,fold";

  /** A plan of so many computed steps, between which the line through the last two is continued. */
  private static final String PLANNED = ",hlc{plan=%d,reuse=linear,reach=1000}";

  /** Branches of layers that those steps can do without, each adding what it did before. */
  private static final String PRUNED = ",srap{plan=%d,reuse=hold}";

  /** Widths of 4 and 8 bits; what the video loses decides better who gets them than the error of a product. */
  private static final String MIXED =
      ",aigq{weights=auto,widths=4/8,budget=5.44,numeric=0,rotate=auto,clip=auto,cross-kv=true}";

  /** The metric and the rules of AdaCache (Kahatapitiya et al. 2024) with a codebook of its own. */
  private static final String ADACACHE =
      ",hlc{codebook=%s,probe=half,norm=l1_rel,gap=planned,motion=off,reuse=hold,warmup=2,tail=2}";

  /**
   * TeaCache (Liu et al. 2024): the stack is computed when the relative changes of its modulated input add up. The original
   * rescales changes by a polynomial that is fitted to a model. Polynomials of degree 1, 2 and 4, fitted to the sample model,
   * stay within 1 dB of the plain sum at as many computed steps, on both sides of it; so the sum is plain. The threshold, in
   * hundredths, is the one that computes as many of 100 steps as preset {@code balanced}, 14, in the mean of the prompts that
   * the calibration of the sample model was made with: 0.15 computes 14.4 there, 0.16 computes 14.0, 0.17 computes 13.0.
   * Published for Open-Sora: {@code accumulate=0.1} (slow) or {@code 0.2} (fast) with
   * {@code rescale=217.546007/-118.329252/26.8662585/-0.0459364272/0.048442624}.
   */
  private static final String TEACACHE =
      ",hlc{accumulate=0.16,rescale=1/0,norm=l1_rel,motion=off,reuse=hold,warmup=1,tail=1}";

  private static final Map<String, String> TEXTS = ImmutableMap.<String, String>builder()
      .put("none", LOSSLESS)
      .put("quality", LOSSLESS + PLANNED.formatted(24))
      .put("balanced", LOSSLESS + ",aigq{cross-kv=true}" + PLANNED.formatted(14))
      .put("fast", LOSSLESS + MIXED + PLANNED.formatted(8) + PRUNED.formatted(8))
      .put("paper", LOSSLESS + paper())
      .putAll(caching())
      .putAll(quantization())
      .buildOrThrow();

  private static final Pattern NAME = Pattern.compile("@([A-Za-z0-9.-]+)");

  private Presets() {}

  /**
   * QuantCache as printed: absolute change times the change of the motion, three intervals (equations 5 and 6), one range
   * of activations a tensor and bits that fall with the divergence (equation 8), layers left out without a substitute
   * (equations 9 to 11). The paper states no thresholds; these make three levels of about equal length on the sample
   * model.
   */
  private static String paper() {
    return ",hlc{codebook=0.000002:8/0.000008:6/4,norm=l1_abs,motion=literal}"
        + ",aigq{weights=auto,widths=4/8,budget=5.44,balance=0.5,granularity=tensor,"
        + "activations=0.000002:8/0.000008:6/4},srap{bypass=zero}";
  }

  /** Caching methods of others. */
  private static Map<String, String> caching() {
    return ImmutableMap.<String, String>builder()
        .put("adacache", LOSSLESS + ADACACHE.formatted("0.03:12/0.05:10/0.07:8/0.09:6/0.11:4/3"))
        .put("adacache-fast", LOSSLESS + ADACACHE.formatted("0.08:6/0.16:5/0.24:4/0.32:3/0.40:2/1"))
        .put("teacache", LOSSLESS + TEACACHE)
        .put("static-interval", LOSSLESS + ",hlc{codebook=7,warmup=1,tail=1}")
        // Pyramid Attention Broadcast (Zhao et al. 2024): ranges 2, 4, 6 for times 930 to 450 of
        // 1000.
        .put(
            "pab",
            LOSSLESS + broadcast("spatial", 2) + broadcast("temporal", 4) + broadcast("cross", 6))
        // T-GATE (Zhang et al. 2024): cross-attention stays as it was at the gate step.
        .put("t-gate", LOSSLESS + ",hlc{at=cross,codebook=1000,warmup=1,tail=0,from=0.4}")
        // Delta-DiT (Chen et al. 2024): rear blocks while outlines form, front blocks while details
        // do.
        .put(
            "delta-dit",
            LOSSLESS + ",hlc{at=rear,codebook=2,warmup=1,tail=0,until=0.5}"
                + ",hlc{at=front,codebook=2,warmup=1,tail=0,from=0.5}")
        .buildOrThrow();
  }

  private static String broadcast(String branch, int range) {
    return ",hlc{at=%s,codebook=%d,warmup=1,tail=0,from=0.07,until=0.55}".formatted(branch, range);
  }

  /** Quantization methods of others. */
  private static Map<String, String> quantization() {
    return ImmutableMap.<String, String>builder()
        // SmoothQuant (Xiao et al. 2022): channels are scaled, alpha 0.5.
        .put("smoothquant", LOSSLESS + ",aigq{rotate=false,balance=0.5}")
        // QuaRot (Ashkboos et al. 2024): channels are rotated.
        .put("quarot", LOSSLESS + ",aigq")
        // Q-DiT (Chen et al. 2024): groups, their size chosen for each layer.
        .put("q-dit", LOSSLESS + ",aigq{weights=4,rotate=false,group=auto}")
        // ViDiT-Q (Zhao et al. 2024): channels are scaled, then rotated.
        .put("vidit-q", LOSSLESS + ",aigq{balance=auto}")
        .put("vidit-q-w4a8", LOSSLESS + ",aigq{weights=4,balance=auto}")
        .buildOrThrow();
  }

  /** All names. */
  static List<String> names() {
    return List.copyOf(TEXTS.keySet());
  }

  /** The pipeline of a preset. @throws UserError PA0106 when there is none of this name */
  static String text(String name) {
    String text = TEXTS.get(name);
    if (text == null) {
      throw UserError.of("PA0106", "no preset '%s'", name)
          .withHint(
              "%s",
              NearestName.of(name, TEXTS.keySet())
                      .map(n -> "did you mean '" + n + "'? ")
                      .orElse("")
                  + "known: " + TEXTS.keySet());
    }
    return text;
  }

  /**
   * Pipeline text with every {@code @name} replaced, by a preset or by what a calibration holds for a target, whose own
   * names are those of presets.
   *
   * @throws UserError PA0106, PA0109, PA0603 for a name that stands for nothing
   */
  static String expand(String text, Optional<Calibration> calibration) {
    return replaced(
        text,
        name -> Target.named(name)
            .map(target -> replaced(Targets.text(target, calibration), Presets::text))
            .orElseGet(() -> text(name)));
  }

  private static String replaced(String text, UnaryOperator<String> meaning) {
    return NAME.matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(meaning.apply(found.group(1))));
  }
}
