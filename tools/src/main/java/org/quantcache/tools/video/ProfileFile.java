package org.quantcache.tools.video;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;

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

  private final Path file;

  private ProfileFile(Path file) {
    this.file = file;
  }

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

  /** Reads a profile. @throws UserError CL0763 that names the place */
  public static RunProfile read(Path file) {
    return new ProfileFile(file).parse();
  }

  private RunProfile parse() {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw wrong("no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw wrong("not readable").causedBy(e);
    }
    if (!root.path("steps").isArray() || !root.path("launches").isArray()) {
      throw wrong("/steps and /launches must be lists");
    }
    List<Double> steps = new ArrayList<>();
    root.path("steps").forEach(step -> steps.add(number(step, "microseconds", "/steps")));
    List<RunProfile.Launch> launches = new ArrayList<>();
    for (JsonNode one : root.path("launches")) {
      String at = "/launches/" + launches.size();
      launches.add(new RunProfile.Launch(
          (int) number(one, "step", at),
          text(one, "kernel", at),
          text(one, "at", at),
          text(one, "op", at),
          number(one, "start_us", at),
          number(one, "duration_us", at)));
    }
    return new RunProfile(text(root, "device", ""), steps, launches);
  }

  private double number(JsonNode of, String field, String at) {
    JsonNode value = of.path(field);
    if (!value.isNumber() || !(value.asDouble() >= 0) || !Double.isFinite(value.asDouble())) {
      throw wrong(at + "/" + field + " must be a number from 0 on");
    }
    return value.asDouble();
  }

  private String text(JsonNode of, String field, String at) {
    if (!of.path(field).isTextual()) {
      throw wrong(at + "/" + field + " must be a text");
    }
    return of.path(field).asText();
  }

  private UserError wrong(String problem) {
    return UserError.of("CL0763", "%s is no profile of a run: %s", file, problem)
        .withHint("write one with 'qcc run --profile FILE'; a trace of decisions has no times");
  }
}
