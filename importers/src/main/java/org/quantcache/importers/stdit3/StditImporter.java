package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.attributes.Attribute;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpBuilder;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.types.ScalarType;

/**
 * Lifts an STDiT3 into the IR: literally, every operation of the original under its module path, nothing simplified.
 * Add {@code @forward} or {@code @sample} or both.
 */
public final class StditImporter {
  /** Largest number of sampling steps. */
  public static final long MAX_STEPS = 1000;

  private final StditConfig config;
  private final IrModule module;
  private final Lift lift;
  private final Map<String, Long> bounds = new LinkedHashMap<>();

  /**
   * Starts a module.
   *
   * @param name of the module
   * @param storedTypes element kind of a checkpoint tensor; empty for one that is not there
   */
  public StditImporter(
      String name, StditConfig config, Function<String, Optional<ScalarType>> storedTypes) {
    this.config = config;
    this.module = new IrModule(
        identifier(name),
        Attributes.of("stages", new Attribute.ListAttr(List.of(Attribute.word("imported")))));
    OpRegistry registry = StandardOps.registry();
    this.lift = new Lift(config, new OpBuilder(module, registry), storedTypes);
  }

  /** Starts the module of a checkpoint. */
  public static StditImporter of(Checkpoint checkpoint) {
    return new StditImporter(
        checkpoint.name(),
        checkpoint.config(),
        key -> checkpoint.weights().find(key).map(t -> t.info().type().scalar()));
  }

  /** Adds {@code @forward}. */
  public StditImporter forward(ForwardRequest request) {
    new ForwardProgram(lift, request).build();
    bounds.put(
        config.skipYEmbedder() ? ForwardProgram.PACKED_TOKENS : ForwardProgram.TOKENS,
        config.skipYEmbedder()
            ? (long) request.batch() * config.modelMaxLength()
            : config.modelMaxLength());
    return this;
  }

  /** Adds {@code @sample}. */
  public StditImporter sample(SampleRequest request) {
    new SampleProgram(lift, request).build();
    bounds.put(ForwardProgram.TOKENS, (long) config.modelMaxLength());
    bounds.put(SampleProgram.STEPS, MAX_STEPS);
    return this;
  }

  /** The module. */
  public IrModule finish() {
    List<Attribute> dims = new ArrayList<>();
    bounds.forEach((name, bound) -> dims.add(new Attribute.StructAttr(
        "dim",
        Attributes.of("name", Attribute.word(name))
            .with("bound", Attribute.of(bound.longValue())))));
    module.setAttributes(module.attributes().with("dims", new Attribute.ListAttr(dims)));
    return module;
  }

  private static String identifier(String name) {
    String clean = name.replaceAll("[^A-Za-z0-9_]", "_");
    return clean.isEmpty() || Character.isDigit(clean.charAt(0)) ? "m_" + clean : clean;
  }
}
