package org.quantcache.passes.srap;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.SetMultimap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Rewriter;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.ir.policy.PrunePolicy;
import org.quantcache.passes.stack.Addend;
import org.quantcache.passes.stack.Addend.Kind;
import org.quantcache.passes.stack.Enclosure;
import org.quantcache.passes.stack.Layer;
import org.quantcache.passes.stack.ResidualStream;
import org.quantcache.passes.stack.Reuse;
import org.quantcache.passes.stack.Stretch;

/** A loop whose layers are put into branches, and the probes that these decide by. */
final class PrunedLoop {
  private final Operation loop;
  private final PruneOptions options;
  private final Rewriter rewriter;
  private final SetMultimap<Kind, Integer> branches = HashMultimap.create();

  private final Map<String, Value> held = new HashMap<>();
  private Value widest;

  PrunedLoop(Operation loop, PruneOptions options, Rewriter rewriter) {
    this.loop = loop;
    this.options = options;
    this.rewriter = rewriter;
  }

  /** Puts a layer, or part of one, into a branch. */
  void enclose(Site chosen) {
    // A branch changes what the layers behind it read, so the stream is followed anew.
    Site site = Site.all(ResidualStream.require(loop).layers()).stream()
        .filter(s -> s.name().equals(chosen.name()))
        .findFirst()
        .orElseThrow();
    Layer layer = site.layer();
    Stretch stretch = site.stretch();
    List<Value> operands =
        new ArrayList<>(List.of(loop.regions().get(0).argument(0), stretch.before()));
    int history = options.reuse().map(Reuse::history).orElse(0);
    for (int i = 0; i < history; i++) {
      operands.add(Enclosure.slot(
          loop,
          site.name().replace('.', '_').replace('-', '_') + "_cache_" + i,
          stretch.after(),
          rewriter));
    }
    OpBuilder.OpSpec branch = rewriter
        .after(stretch.last().operation())
        .create(PruneOps.BRANCH)
        .operands(operands)
        .attribute("kind", Attribute.string(layer.kindText()))
        .attribute("layer", Attribute.of(layer.index()))
        .attribute("policy", policy(site).attribute())
        .attribute("reach", Attribute.of(options.reuse().map(Reuse::reach).orElse(1.0)));
    site.part().ifPresent(part -> branch.attribute("part", Attribute.word(part.replace('-', '_'))));
    Enclosure.around(stretch.after(), branch, rewriter);
    widest = stretch.after();
    branches.put(layer.kind(), layer.index());
  }

  private PrunePolicy policy(Site site) {
    return options.plan().isPresent()
        ? options.plan().get().visits().get(site.name())
        : options.rule();
  }

  /** Puts probes behind the layers that others are judged by, and into the branches. */
  void addProbes() {
    // Branches stand between the layers now: what a layer reads has changed.
    for (Layer layer : ResidualStream.require(loop).layers()) {
      if (has(layer, 0) && options.rule().variationCounts()) {
        Stretch stretch = layer.stretch();
        String name = layer.kindText() + "_" + layer.index() + "_probed";
        Value before = Enclosure.slot(loop, name, stretch.after(), rewriter);
        probe(layer, PruneOps.VARIATION, stretch.last(), List.of(stretch.before(), before));
      }
      if (has(layer, 1) || has(layer, 2)) {
        compare(layer);
      }
    }
  }

  /** Whether the layer so many places behind stands in a branch. */
  private boolean has(Layer layer, int behind) {
    return branches.containsEntry(layer.kind(), layer.index() + behind);
  }

  private void compare(Layer layer) {
    if (options.comparesStreams()) {
      Value held = held(layer, "stream");
      probe(layer, PruneOps.SIMILARITY, layer.stretch().last(), List.of(held));
      return;
    }
    for (Addend addend : layer.addends()) {
      Value held = held(layer, addend.kind().name());
      probe(layer, PruneOps.SIMILARITY, addend, List.of(addend.before(), held));
    }
  }

  /** What the layers of a kind are compared by; the first ones may be smaller, where both guidance halves share them. */
  private Value held(Layer layer, String part) {
    String name = layer.kindText() + "_" + part.toLowerCase(Locale.ROOT) + "_held";
    return held.computeIfAbsent(name, n -> Enclosure.slot(loop, n, widest, rewriter));
  }

  /** Compares what the stream is behind {@code behind}, less a base if there is one, with what is held. */
  private void probe(Layer layer, String measure, Addend behind, List<Value> baseAndHeld) {
    rewriter
        .after(behind.operation())
        .create(PruneOps.PROBE)
        .operands(behind.after())
        .operands(baseAndHeld)
        .attribute("kind", Attribute.string(layer.kindText()))
        .attribute("layer", Attribute.of(layer.index()))
        .attribute("measure", Attribute.word(measure))
        .at(behind.operation().location())
        .build();
  }
}
