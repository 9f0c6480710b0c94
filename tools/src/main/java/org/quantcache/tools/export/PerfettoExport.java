package org.quantcache.tools.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;
import org.quantcache.kernels.cache.LayerDecision.Outcome;
import org.quantcache.tools.video.RunProfile;

/**
 * A run as trace events of Chrome and Perfetto: a process for the device, a thread for steps and one for launches,
 * counters for what was computed.
 */
public final class PerfettoExport {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int PROCESS = 1;
  private static final int STEPS = 1;
  private static final int LAUNCHES = 2;

  private final RunProfile profile;
  private final Optional<DecisionTrace> trace;
  private final ArrayNode events = JSON.createArrayNode();

  private PerfettoExport(RunProfile profile, Optional<DecisionTrace> trace) {
    this.profile = profile;
    this.trace = trace;
  }

  /**
   * Writes the events.
   *
   * @param trace what the same run decided, where that is known
   * @throws UserError CL0765 when both are of different runs
   */
  public static void write(Path target, RunProfile profile, Optional<DecisionTrace> trace) {
    trace.filter(t -> t.steps() != profile.stepMicros().size()).ifPresent(t -> {
      throw UserError.of(
              "CL0765",
              "the trace has %d steps, the profile %d",
              t.steps(),
              profile.stepMicros().size())
          .withHint("write both in one run: qcc run X.qca --trace T --profile P ...");
    });
    ObjectNode root = JSON.createObjectNode().put("displayTimeUnit", "ms");
    root.set("traceEvents", new PerfettoExport(profile, trace).events());
    try {
      AtomicFile.write(target, JSON.writeValueAsBytes(root));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("trees are writable as JSON", e);
    }
  }

  private ArrayNode events() {
    named("process_name", 0, "quantcache on " + profile.device());
    named("thread_name", STEPS, "steps");
    named("thread_name", LAUNCHES, "kernels");
    double start = 0;
    for (int step = 0; step < profile.stepMicros().size(); step++) {
      step(step, start, profile.stepMicros().get(step));
      start += profile.stepMicros().get(step);
    }
    profile.launches().forEach(this::launch);
    return events;
  }

  private void named(String what, int thread, String name) {
    event(what, "M").put("tid", thread).putObject("args").put("name", name);
  }

  private ObjectNode event(String name, String phase) {
    return events.addObject().put("name", name).put("ph", phase).put("pid", PROCESS);
  }

  private void step(int step, double start, double micros) {
    ObjectNode args = event("step " + step, "X")
        .put("cat", "step")
        .put("tid", STEPS)
        .put("ts", start)
        .put("dur", micros)
        .putObject("args")
        .put("step", step);
    trace.ifPresent(t -> {
      t.guards().forEach((name, decisions) -> {
        args.put("guard " + name, decision(t, name, step));
        decisions.get(step).divergence().ifPresent(d -> args.put("D of " + name, d));
      });
      counters(t, step, start);
    });
  }

  private void counters(DecisionTrace t, int step, double start) {
    ObjectNode guards = counter("guards", start);
    long computed =
        t.guards().values().stream().filter(d -> d.get(step).computed()).count();
    guards.put("computed", computed).put("cached", t.guards().size() - computed);
    if (!t.layers().isEmpty()) {
      ObjectNode layers = counter("layers", start);
      for (Outcome outcome : Outcome.values()) {
        layers.put(
            words(outcome),
            t.layers().values().stream()
                .filter(d -> d.get(step).outcome() == outcome)
                .count());
      }
    }
  }

  private ObjectNode counter(String name, double start) {
    return event(name, "C").put("tid", STEPS).put("ts", start).putObject("args");
  }

  private static String decision(DecisionTrace t, String guard, int step) {
    return t.guards().get(guard).get(step).computed() ? "computed" : "reused";
  }

  private static String words(Outcome outcome) {
    return switch (outcome) {
      case COMPUTED -> "computed";
      case PRUNED -> "left out";
      case NOT_REACHED -> "not reached";
    };
  }

  private void launch(RunProfile.Launch one) {
    ObjectNode args = event(one.op(), "X")
        .put("cat", "kernel")
        .put("tid", LAUNCHES)
        .put("ts", one.startMicros())
        .put("dur", one.micros())
        .putObject("args")
        .put("at", one.at())
        .put("kernel", one.kernel())
        .put("step", one.step());
    trace.filter(t -> one.step() < t.steps()).ifPresent(t -> {
      t.guards()
          .keySet()
          .forEach(guard -> args.put("guard " + guard, decision(t, guard, one.step())));
      layer(t, one)
          .ifPresent(found ->
              args.put("layer " + found.getKey(), words(found.getValue().outcome())));
    });
  }

  /** The layer that may be left out in which a launch lies: {@code spatial.2} of {@code spatial_blocks.2.attn.qkv}. */
  private static Optional<Map.Entry<String, LayerDecision>> layer(
      DecisionTrace t, RunProfile.Launch one) {
    return t.layers().entrySet().stream()
        .filter(e -> one.at().startsWith(e.getKey().replaceFirst("\\.", "_blocks.") + "."))
        .map(e -> Map.entry(e.getKey(), e.getValue().get(one.step())))
        .findFirst();
  }
}
