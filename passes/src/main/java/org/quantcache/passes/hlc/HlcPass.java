package org.quantcache.passes.hlc;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.policy.GuardPolicy;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.Loops;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.OptionSpec;
import org.quantcache.passes.core.Options;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.Addend.Kind;
import org.quantcache.passes.stack.ResidualStream;
import org.quantcache.passes.stack.Reuse;

/**
 * Puts a guard around the block stack of each denoising loop. One schedule drives all layers, so one cached tensor
 * serves as well as one for every branch (method section 1): what the whole stack adds to the residual stream.
 */
public final class HlcPass implements Pass {
  private static final String HALF = "half";

  private static final PassInfo INFO = new PassInfo(
      "hlc",
      "reuse what the block stack adds at steps where it hardly changes",
      Numerics.APPROXIMATES,
      List.of(Stage.FUSED),
      List.of(Stage.GUARDED, Stage.PRUNED, Stage.LOWERED),
      List.of(Stage.GUARDED),
      options());

  private final GuardPolicy policy;
  private final Reuse reuse;
  private final String probe;
  private final Kind probed;

  private HlcPass(Options options, Optional<Calibration> calibration) {
    this.reuse = Reuse.of(options);
    this.policy = options.word("plan").equals(Plan.NONE)
        ? Codebook.parse(options.word("codebook"))
            .policy(
                options.integer("warmup"),
                options.integer("tail"),
                options.real("from"),
                options.real("until"),
                Metric.of(options))
        : Plan.parse(options.word("plan"), reuse.history() > 1, calibration);
    this.probe = options.word("probe");
    this.probed = options.word("probe-branch").equals("spatial")
        ? Kind.SPATIAL_ATTENTION
        : Kind.TEMPORAL_ATTENTION;
  }

  private static List<OptionSpec> options() {
    return ImmutableList.<OptionSpec>builder()
        .add(Codebook.option("0.05:8/0.1:4/2"))
        .add(
            OptionSpec.integer("warmup", 2, 1, 1000, "first steps that are always computed"),
            OptionSpec.integer("tail", 2, 0, 1000, "last steps that are always computed"),
            OptionSpec.real(
                "from", 0, 0, 1, "part of the loop before which every step is computed"),
            OptionSpec.real(
                "until", 1, 0, 1, "part of the loop from which on every step is computed"))
        .add(Plan.option())
        .addAll(Reuse.options())
        .add(
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
                "which attention is measured, that over frames or that within them"))
        .addAll(Metric.options())
        .build();
  }

  /** For the list of all passes. */
  public static PassFactory factory(Optional<Calibration> calibration) {
    return new PassFactory(INFO, options -> new HlcPass(options, calibration));
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    Loops.forEach(module, loop -> guard(loop, rewriter));
  }

  private void guard(Operation loop, Rewriter rewriter) {
    ResidualStream stream = ResidualStream.require(loop);
    List<Addend> probes = policy.measures() ? probes(stream.of(probed), loop) : List.<Addend>of();
    Addend last = stream.addends().get(stream.addends().size() - 1);
    if (!rewriter.mayRewrite("Guarded", last.operation().location())) {
      return;
    }
    GuardedRegion region = GuardedRegion.around(
        loop, "stack", policy, reuse, stream.addends().get(0).before(), last.operation(), rewriter);
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
