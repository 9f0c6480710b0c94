package org.quantcache.passes.srap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.Loops;
import org.quantcache.passes.core.Numerics;
import org.quantcache.passes.core.Pass;
import org.quantcache.passes.core.PassFactory;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.stack.Addend.Kind;
import org.quantcache.passes.stack.Layer;
import org.quantcache.passes.stack.ResidualStream;
import org.quantcache.passes.stack.Stretch;

/**
 * Lets layers be left out of a step when the two of their kind before them did nearly the same; method section 3. A layer
 * needs two before it, so the first two of each kind always run, and so do those that are protected. Under a plan layers
 * or single branches of them are left out at visits that were chosen beforehand, any of them, and nothing is compared.
 */
public final class SrapPass implements Pass {
  private static final int LAYERS_COMPARED = 2;

  private static final PassInfo INFO = new PassInfo(
      "srap",
      "leave layers out of a step when the layers before them resemble each other",
      Numerics.APPROXIMATES,
      List.of(Stage.FUSED),
      List.of(Stage.LOWERED),
      List.of(),
      PruneOptions.specs());

  private final PruneOptions options;

  private SrapPass(PruneOptions options) {
    this.options = options;
  }

  /** For the list of all passes. */
  public static PassFactory factory(Optional<Calibration> calibration) {
    return new PassFactory(INFO, options -> new SrapPass(PruneOptions.of(options, calibration)));
  }

  @Override
  public PassInfo info() {
    return INFO;
  }

  @Override
  public void run(IrModule module, Rewriter rewriter) {
    Loops.require(module, INFO.name(), loop -> prune(loop, rewriter));
  }

  private void prune(Operation loop, Rewriter rewriter) {
    requireFirst(loop);
    List<Layer> layers = ResidualStream.require(loop).layers();
    List<Site> chosen = options.plan().isPresent()
        ? planned(options.plan().get(), Site.all(layers), loop)
        : comparable(layers, loop).stream().map(Site::whole).toList();
    PrunedLoop pruned = new PrunedLoop(loop, options, rewriter);
    chosen.forEach(site -> site.stretch().requireWhole());
    for (Site site : chosen) {
      Location at = site.stretch().last().operation().location();
      if (rewriter.mayRewrite("Prunable", at)) {
        pruned.enclose(site);
        rewriter.report("Prunable", at, Attributes.of("site", Attribute.string(site.name())));
      }
    }
    if (options.plan().isEmpty()) {
      pruned.addProbes();
    }
  }

  private static void requireFirst(Operation loop) {
    loop.regions().get(0).walk(op -> {
      if (op.is(PruneOps.BRANCH)) {
        throw UserError.of(
                "PA0506", "the loop at %s has branches already", loop.location().text())
            .withHint("run srap once");
      }
    });
  }

  /** What a plan leaves out at times. */
  private static List<Site> planned(PrunePlan plan, List<Site> sites, Operation loop) {
    List<String> names = sites.stream().map(Site::name).toList();
    for (String name : plan.visits().keySet()) {
      if (!names.contains(name)) {
        throw UserError.of(
                "PA0803",
                "the plan names '%s', which the loop at %s does not have",
                name,
                loop.location().text())
            .withHint("%s", "layers and their branches are " + names);
      }
    }
    List<Site> chosen =
        sites.stream().filter(site -> plan.visits().containsKey(site.name())).toList();
    for (Site site : chosen) {
      if (site.part().isPresent() && plan.visits().containsKey(site.layer().name())) {
        throw UserError.of(
                "PA0803",
                "the plan names layer '%s' and its branch '%s'",
                site.layer().name(),
                site.name())
            .withHint("name the layer, or all the branches of it that are left out");
      }
      Stretch stretch = site.stretch();
      if (!stretch.before().type().equals(stretch.after().type())) {
        throw UserError.of(
                "PA0803",
                "'%s' cannot be left out: both guidance halves share what it reads, and not what it gives",
                site.name())
            .withHint("take it from the plan, or say specialize{share-halves=false}");
      }
    }
    return chosen;
  }

  /** The layers that have two of their kind before them and are not protected. */
  private List<Layer> comparable(List<Layer> layers, Operation loop) {
    List<Layer> chosen = new ArrayList<>();
    for (Kind kind : List.of(Kind.SPATIAL_ATTENTION, Kind.TEMPORAL_ATTENTION)) {
      chosen.addAll(unprotected(layers.stream().filter(l -> l.kind() == kind).toList()));
    }
    if (chosen.isEmpty()) {
      throw UserError.of(
              "PA0801",
              "no layer of the loop at %s may be left out: it has %d, of which the first and last %d of each kind are"
                  + " protected and %d more are needed to compare",
              loop.location().text(),
              layers.size(),
              options.protect(),
              LAYERS_COMPARED)
          .withHint("choose a smaller 'protect'");
    }
    return chosen;
  }

  private List<Layer> unprotected(List<Layer> ofKind) {
    int first = Math.max(LAYERS_COMPARED, options.protect());
    int end = ofKind.size() - options.protect();
    return first < end ? ofKind.subList(first, end) : List.of();
  }
}
