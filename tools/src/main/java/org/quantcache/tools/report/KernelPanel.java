package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.tools.video.RunProfile;

/**
 * Times of kernels and steps, summed up: {@code {"device", "steps": [us], "kernels": [{"name", "us", "launches",
 * "places": [[place, operation, us, launches]]}]}}; the kernel that takes longest stands first.
 */
final class KernelPanel {
  private final Map<String, Sum> kernels = new LinkedHashMap<>();

  private KernelPanel() {}

  private static final class Sum {
    private double micros;
    private long launches;
    private final Map<List<String>, Sum> places = new LinkedHashMap<>();

    void add(double more, long count) {
      micros += more;
      launches += count;
    }
  }

  /** The profile of a run. */
  static ObjectNode of(RunProfile run) {
    KernelPanel panel = new KernelPanel();
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("device", run.device());
    ArrayNode steps = out.putArray("steps");
    run.stepMicros().forEach(steps::add);
    for (RunProfile.Launch launch : run.launches()) {
      Sum kernel = panel.kernels.computeIfAbsent(launch.kernel(), name -> new Sum());
      kernel.add(launch.micros(), 1);
      kernel
          .places
          .computeIfAbsent(List.of(launch.at(), launch.op()), place -> new Sum())
          .add(launch.micros(), 1);
    }
    panel.write(out);
    return out;
  }

  /** What a program measured of itself, with the time of each step in milliseconds. */
  static ObjectNode of(
      String device, List<Double> stepMillis, Map<String, LaunchProfile.Entry> entries) {
    KernelPanel panel = new KernelPanel();
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("device", device);
    ArrayNode steps = out.putArray("steps");
    stepMillis.forEach(millis -> steps.add(1e3 * millis));
    entries.forEach((name, entry) -> panel
        .kernels
        .computeIfAbsent(name, kernel -> new Sum())
        .add(entry.nanos() / 1e3, entry.launches()));
    panel.write(out);
    return out;
  }

  private void write(ObjectNode out) {
    List<Map.Entry<String, Sum>> sorted = new ArrayList<>(kernels.entrySet());
    sorted.sort((a, b) -> Double.compare(b.getValue().micros, a.getValue().micros));
    ArrayNode list = out.putArray("kernels");
    for (Map.Entry<String, Sum> kernel : sorted) {
      ObjectNode one = list.addObject();
      one.put("name", kernel.getKey());
      one.put("us", kernel.getValue().micros);
      one.put("launches", kernel.getValue().launches);
      ArrayNode places = one.putArray("places");
      kernel
          .getValue()
          .places
          .forEach((place, sum) -> places
              .addArray()
              .add(place.get(0))
              .add(place.get(1))
              .add(sum.micros)
              .add(sum.launches));
    }
  }
}
