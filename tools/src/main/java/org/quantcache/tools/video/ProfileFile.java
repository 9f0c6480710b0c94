package org.quantcache.tools.video;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.tools.files.JsonInput;

/**
 * A profile as JSON:
 *
 * <pre>{@code
 * {"device": "cpu", "steps": [{"step": 0, "microseconds": 41000.0}],
 *  "launches": [{"step": 0, "kernel": "gemm_...", "at": "spatial_blocks.0.attn.qkv", "op": "fused.linear",
 *                "start_us": 120.5, "duration_us": 310.0}]}
 * }</pre>
 */
public final class ProfileFile {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final JsonInput.Kind KIND =
      new JsonInput.Kind("CL0763", "profile of a run", "qcc run X.qca --profile FILE");

  private static final int MOST_STEPS = 100_000;

  private ProfileFile() {}

  /** Writes a profile, or leaves the file as it was. */
  public static void write(Path file, RunProfile profile) {
    ObjectNode root = JSON.createObjectNode().put("device", profile.device());
    ArrayNode steps = root.putArray("steps");
    for (int step = 0; step < profile.stepMicros().size(); step++) {
      steps
          .addObject()
          .put("step", step)
          .put("microseconds", profile.stepMicros().get(step));
    }
    ArrayNode launches = root.putArray("launches");
    for (RunProfile.Launch one : profile.launches()) {
      launches
          .addObject()
          .put("step", one.step())
          .put("kernel", one.kernel())
          .put("at", one.at())
          .put("op", one.op())
          .put("start_us", one.startMicros())
          .put("duration_us", one.micros());
    }
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(root));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("trees are writable as JSON", e);
    }
  }

  /** Reads a profile. @throws org.quantcache.ir.diagnostics.UserError CL0107, CL0763 that names the place */
  public static RunProfile read(Path file) {
    JsonInput input = new JsonInput(file, KIND);
    JsonNode root = input.read();
    List<Double> steps = new ArrayList<>();
    for (JsonNode step : input.array(root, "steps", "")) {
      steps.add(input.number(step, "microseconds", "/steps/" + steps.size()));
    }
    List<RunProfile.Launch> launches = new ArrayList<>();
    for (JsonNode one : input.array(root, "launches", "")) {
      String at = "/launches/" + launches.size();
      launches.add(new RunProfile.Launch(
          input.whole(one, "step", at, MOST_STEPS),
          input.text(one, "kernel", at),
          input.text(one, "at", at),
          input.text(one, "op", at),
          input.number(one, "start_us", at),
          input.number(one, "duration_us", at)));
    }
    return new RunProfile(input.text(root, "device", ""), steps, launches);
  }
}
