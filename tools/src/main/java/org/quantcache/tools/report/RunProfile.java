package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.kernels.runtime.LaunchProfile;

/**
 * Times of kernels and steps, summed up: {@code {"device", "steps": [us], "kernels": [{"name", "us", "launches",
 * "places": [[place, operation, us, launches]]}]}}; the kernel that takes longest stands first.
 */
final class RunProfile {
  private static final int MOST_STEPS = 100_000;

  private final Map<String, Sum> kernels = new LinkedHashMap<>();

  private RunProfile() {}

  private static final class Sum {
    private double micros;
    private long launches;
    private final Map<List<String>, Sum> places = new LinkedHashMap<>();

    void add(double more, long count) {
      micros += more;
      launches += count;
    }
  }

  /** What {@code qcc run --profile} wrote. */
  static ObjectNode read(Path file) {
    JsonInput input = new JsonInput(file, "qcc run X.qca --profile FILE");
    JsonNode root = input.read();
    RunProfile profile = new RunProfile();
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("device", root.path("device").asText(""));
    ArrayNode steps = out.putArray("steps");
    for (JsonNode step : input.array(root, "steps", "")) {
      input.whole(step, "step", "/steps/" + steps.size(), MOST_STEPS);
      steps.add(input.number(step, "microseconds", "/steps/" + steps.size()));
    }
    int number = 0;
    for (JsonNode launch : input.array(root, "launches", "")) {
      String at = "/launches/" + number++;
      double micros = input.number(launch, "duration_us", at);
      Sum kernel =
          profile.kernels.computeIfAbsent(input.text(launch, "kernel", at), name -> new Sum());
      kernel.add(micros, 1);
      kernel
          .places
          .computeIfAbsent(
              List.of(launch.path("at").asText(""), launch.path("op").asText("")),
              place -> new Sum())
          .add(micros, 1);
    }
    profile.write(out);
    return out;
  }

  /** What a program measured of itself, with the time of each step in milliseconds. */
  static ObjectNode of(
      String device, List<Double> stepMillis, Map<String, LaunchProfile.Entry> entries) {
    RunProfile profile = new RunProfile();
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("device", device);
    ArrayNode steps = out.putArray("steps");
    stepMillis.forEach(millis -> steps.add(1e3 * millis));
    entries.forEach((name, entry) -> profile
        .kernels
        .computeIfAbsent(name, kernel -> new Sum())
        .add(entry.nanos() / 1e3, entry.launches()));
    profile.write(out);
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
