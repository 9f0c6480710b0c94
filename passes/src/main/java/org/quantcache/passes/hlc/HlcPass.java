package org.quantcache.passes.hlc;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.CacheOps;
import org.quantcache.ir.policy.AlwaysComputed;
import org.quantcache.ir.policy.DivergenceMetric;
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
import org.quantcache.passes.stack.Stretch;

/**
 * Puts guards into each denoising loop. Where one schedule drives all layers, one cached tensor serves as well as one
 * for every branch (method section 1): what the whole stack adds to the residual stream. Guards further in keep
 * schedules of their own, and are asked only where those around them let their region run.
 */
public final class HlcPass implements Pass {
  private static final String HALF = "half";
  private static final String TEMPORAL = "temporal";
  private static final String SHARED =
      "both guidance halves share what it reads, so its change cannot be measured";

  private static final PassInfo INFO = new PassInfo(
      "hlc",
      "reuse what the block stack adds at steps where it hardly changes",
      Numerics.APPROXIMATES,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      options());

  private final Scope scope;
  private final Metric metric;
  private final Function<DivergenceMetric, GuardPolicy> policies;
  private final GuardPolicy plain;
  private final Reuse reuse;
  private final String probe;
  private final Kind probed;

  private HlcPass(Options options, Optional<Calibration> calibration) {
    this.scope = Scope.of(options);
    this.reuse = Reuse.of(options);
    boolean calibrated = scope == Scope.STACK
        && options.word("probe").equals(HALF)
        && options.word("probe-branch").equals(TEMPORAL);
    this.metric = Metric.of(options, calibration.filter(c -> calibrated));
    this.policies = how -> policy(options, reuse, how, calibration);
    this.plain = policies.apply(metric.fixed());
    this.probe = options.word("probe");
    this.probed = options.word("probe-branch").equals("spatial")
        ? Kind.SPATIAL_ATTENTION
        : Kind.TEMPORAL_ATTENTION;
  }

  private static GuardPolicy policy(
      Options options, Reuse reuse, DivergenceMetric metric, Optional<Calibration> calibration) {
    AlwaysComputed always = AlwaysSteps.of(options);
    if (Accumulation.isAsked(options)) {
      return Accumulation.parse(options, always, metric);
    }
    return options.word("plan").equals(Plan.NONE)
        ? Codebook.parse(options.word("codebook"), always, metric)
        : Plan.parse(options.word("plan"), reuse.history() > 1, calibration);
  }

  private static List<OptionSpec> options() {
    return ImmutableList.<OptionSpec>builder()
        .add(Scope.option(), Codebook.option("0.05:8/0.1:4/2"))
        .addAll(Accumulation.options())
        .addAll(AlwaysSteps.options())
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
                TEMPORAL,
                List.of(TEMPORAL, "spatial"),
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
    Loops.require(module, INFO.name(), loop -> guard(loop, rewriter));
  }

  private void guard(Operation loop, Rewriter rewriter) {
    Set<String> names = new HashSet<>();
    loop.regions().get(0).walk(op -> {
      if (op.is(CacheOps.GUARD)) {
        names.add(op.attributes().string("name"));
      }
    });
    int stretches = scope.stretches(ResidualStream.require(loop)).size();
    if (stretches == 0) {
      throw UserError.of(
              "PA0507", "the loop at %s has no %s to guard", loop.location().text(), scope.text())
          .withHint("choose another 'at'");
    }
    GuardPolicy policy = plain.measures() ? policies.apply(metric.of(loop, rewriter)) : plain;
    int unmeasurable = 0;
    for (int i = 0; i < stretches; i++) {
      // A guard changes what the stretches behind it read, so the stream is followed anew.
      ResidualStream stream = ResidualStream.require(loop);
      Stretch stretch = scope.stretches(stream).get(i).requireWhole();
      if (!names.add(stretch.name())) {
        throw UserError.of(
                "PA0506",
                "'%s' of the loop at %s has a guard already",
                stretch.name(),
                loop.location().text())
            .withHint("give each hlc of a pipeline another 'at'");
      }
      Location place = stretch.last().operation().location();
      List<Stretch> probes = added(stretch, stream, policy, loop);
      if (!probes.stream().allMatch(p -> p.before().type().equals(p.after().type()))) {
        rewriter.reportMissed("Guarded", place, SHARED);
        unmeasurable++;
      } else if (rewriter.mayRewrite("Guarded", place)) {
        guard(loop, stretch, probes, policy, rewriter);
        rewriter.report("Guarded", place, facts(stretch, policy));
      }
    }
    if (unmeasurable == stretches) {
      throw UserError.of(
              "PA0508",
              "no change of any %s of the loop at %s can be measured: %s",
              scope.text(),
              loop.location().text(),
              SHARED)
          .withHint("choose another 'at', a plan, or a codebook of one interval");
    }
  }

  private void guard(
      Operation loop,
      Stretch stretch,
      List<Stretch> probes,
      GuardPolicy policy,
      Rewriter rewriter) {
    if (policy.measuresInput()) {
      ReadInput.probe(loop, stretch, rewriter);
    }
    GuardedRegion region = GuardedRegion.around(loop, stretch, policy, reuse, rewriter);
    probes.forEach(p -> region.probe(p, rewriter));
  }

  private static Attributes facts(Stretch stretch, GuardPolicy policy) {
    Attributes facts = Attributes.of("name", Attribute.string(stretch.name()));
    return policy.measures() ? facts.with("metric", policy.metric().attribute()) : facts;
  }

  /** What is measured within a guard around a stretch. */
  private List<Stretch> added(
      Stretch stretch, ResidualStream stream, GuardPolicy policy, Operation loop) {
    if (!policy.measures() || policy.measuresInput()) {
      return List.of();
    }
    return scope == Scope.STACK ? probes(stream, loop) : List.of(stretch);
  }

  private List<Stretch> probes(ResidualStream stream, Operation loop) {
    List<Addend> candidates = stream.of(probed);
    List<Stretch> out = new ArrayList<>();
    for (String text : probe.split("/")) {
      int index = text.equals(HALF) ? stream.half(probed) : Integer.parseInt(text);
      if (index >= candidates.size()) {
        throw UserError.of(
                "PA0502",
                "the probe is block %d, the loop at %s has %d such blocks",
                index,
                loop.location().text(),
                candidates.size())
            .withHint("blocks are counted from 0; %s is the one at half depth", HALF);
      }
      out.add(new Stretch(text, List.of(candidates.get(index))));
    }
    return out;
  }
}
