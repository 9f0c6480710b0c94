package org.quantcache.passes.hlc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Region;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.DivergenceMetric;
import org.quantcache.ir.ops.DivergenceMetric.Gap;
import org.quantcache.ir.ops.DivergenceMetric.Motion;
import org.quantcache.ir.ops.DivergenceMetric.Norm;
import org.quantcache.ir.ops.GuardPolicy;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.Addend.Kind;
import org.quantcache.passes.stack.ResidualStream;

/**
 * Puts a guard around the block stack of each denoising loop. One schedule drives all layers, so one cached tensor
 * serves as well as one for every branch (method section 1): what the whole stack adds to the residual stream.
 */
public final class HlcPass implements Pass {
  private static final String HALF = "half";

  /** In the order of the tensors that they keep. */
  private static final List<String> REUSES = List.of("hold", "linear", "quadratic");

  private static final PassInfo INFO = new PassInfo(
      "hlc",
      "reuse what the block stack adds at steps where it hardly changes",
      Numerics.APPROXIMATES,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      List.of(
          Codebook.option("0.05:8/0.1:4/2"),
          OptionSpec.text(
              "probe",
              HALF,
              HALF + "|[0-9]{1,3}(/[0-9]{1,3}){0,31}",
              "half, or numbers of blocks such as 0/13/27",
              "blocks whose attention is measured; half is the one at half depth"),
          OptionSpec.word(
              "probe-branch",
              "temporal",
              List.of("temporal", "spatial"),
              "which attention is measured, that over frames or that within them"),
          OptionSpec.word(
              "norm",
              Norm.L1_REL.text(),
              words(Norm.values(), Norm::text),
              "what a change is measured against: the value before, or nothing as in the paper"),
          OptionSpec.word(
              "gap",
              Gap.ACTUAL.text(),
              words(Gap.values(), Gap::text),
              "what a change is spread over: the steps since, or the interval that was planned"),
          OptionSpec.word(
              "motion",
              Motion.OFF.text(),
              words(Motion.values(), Motion::text),
              "factor of the divergence from the change between frames"),
          OptionSpec.real(
              "motion-mean", 1, 1e-6, 1e6, "inter-frame gradient at which the motion factor is 1"),
          OptionSpec.real(
              "noise-floor", 0, 0, 0.99, "relative change that quantization alone causes"),
          OptionSpec.word(
              "reuse",
              "hold",
              REUSES,
              "what a hit adds: the cached value, or where the last two or three are heading"),
          OptionSpec.real(
              "reach",
              1,
              0,
              1000,
              "how far a line or parabola is followed, in gaps between the last two computed steps"),
          OptionSpec.integer("warmup", 2, 1, 1000, "first steps that are always computed"),
          OptionSpec.integer("tail", 2, 0, 1000, "last steps that are always computed")));

  private final GuardPolicy policy;
  private final int history;
  private final String probe;
  private final Kind probed;

  private HlcPass(Options options) {
    DivergenceMetric metric = new DivergenceMetric(
        Norm.valueOf(options.word("norm").toUpperCase(Locale.ROOT)),
        Gap.valueOf(options.word("gap").toUpperCase(Locale.ROOT)),
        Motion.valueOf(options.word("motion").toUpperCase(Locale.ROOT)),
        options.real("motion-mean"),
        options.real("noise-floor"));
    this.policy = Codebook.parse(options.word("codebook"))
        .policy(options.integer("warmup"), options.integer("tail"), options.real("reach"), metric);
    this.history = 1 + REUSES.indexOf(options.word("reuse"));
    this.probe = options.word("probe");
    this.probed = options.word("probe-branch").equals("spatial")
        ? Kind.SPATIAL_ATTENTION
        : Kind.TEMPORAL_ATTENTION;
  }

  private static <E> List<String> words(E[] values, Function<E, String> text) {
    return Arrays.stream(values).map(text).toList();
  }

  /** For the list of all passes. */
  public static PassFactory factory() {
    return new PassFactory(INFO, HlcPass::new);
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    module
        .functions()
        .forEach(f -> f.body().operations().stream()
            .filter(op -> op.is(StructureOps.LOOP))
            .forEach(loop -> guard(loop, rewriter)));
  }

  private void guard(Operation loop, Rewriter rewriter) {
    Region body = loop.regions().get(0);
    ResidualStream stream = ResidualStream.of(body);
    if (stream.addends().isEmpty()) {
      throw UserError.of(
              "PA0501",
              "the loop at %s has no block stack: no fused.linear adds to the value that it reads",
              loop.location().text())
          .withHint("run 'fuse' before 'hlc'");
    }
    List<Addend> probes = probes(stream.of(probed), loop);
    Addend last = stream.addends().get(stream.addends().size() - 1);
    if (!rewriter.mayRewrite("Guarded", last.operation().location())) {
      return;
    }
    GuardedRegion region = GuardedRegion.around(
        loop,
        "stack",
        policy,
        history,
        stream.addends().get(0).before(),
        last.operation(),
        rewriter);
    probes.forEach(p -> region.probe(p, rewriter));
    rewriter.report("Guarded", last.operation().location(), Attributes.NONE);
  }

  private List<Addend> probes(List<Addend> candidates, Operation loop) {
    List<Addend> out = new ArrayList<>();
    for (String text : probe.split("/")) {
      int index = text.equals(HALF) ? candidates.size() / 2 : Integer.parseInt(text);
      if (index >= candidates.size()) {
        throw UserError.of(
                "PA0502",
                "the probe is block %d, the loop at %s has %d such blocks",
                index,
                loop.location().text(),
                candidates.size())
            .withHint("blocks are counted from 0; %s is the one at half depth", HALF);
      }
      out.add(candidates.get(index));
    }
    return out;
  }
}
