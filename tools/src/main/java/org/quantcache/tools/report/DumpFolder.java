package org.quantcache.tools.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;

/** What {@code --dump-dir} wrote: the program before the passes and after each one. */
final class DumpFolder {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_PASSES = 10_000;

  private final Path folder;
  private final List<Stage> stages = new ArrayList<>();

  private DumpFolder(Path folder) {
    this.folder = folder;
  }

  /** Reads a folder. @throws UserError CL0751 when it is no dump */
  static DumpFolder read(Path folder) {
    DumpFolder out = new DumpFolder(folder);
    out.read();
    return out;
  }

  /** The input first. */
  List<Stage> stages() {
    return List.copyOf(stages);
  }

  private void read() {
    if (!Files.isDirectory(folder)) {
      throw noDump("it is no folder");
    }
    JsonNode manifest;
    try {
      manifest = JSON.readTree(text("manifest.json"));
    } catch (JsonProcessingException e) {
      throw noDump("manifest.json is no JSON: " + e.getOriginalMessage());
    }
    stages.add(new Stage(0, "input", true, module("000-input.qir"), List.of()));
    for (JsonNode pass : manifest.path("passes")) {
      String name = pass.path("pass").asText();
      int number = pass.path("number").asInt(-1);
      if (number < 1 || number > MOST_PASSES || !name.matches("[a-z0-9-]+")) {
        throw noDump("manifest.json names the pass " + pass);
      }
      if (pass.has("failed")) {
        return;
      }
      String stem = String.format(Locale.ROOT, "%03d-%s", number, name);
      boolean changed = pass.path("changed").asBoolean();
      IrModule module =
          changed ? module(stem + ".qir") : stages.get(stages.size() - 1).module();
      stages.add(new Stage(number, name, changed, module, remarks(stem + ".remarks.jsonl")));
    }
  }

  private IrModule module(String name) {
    return IrParser.parse(text(name), folder.resolve(name).toString(), StandardOps.registry());
  }

  private List<JsonNode> remarks(String name) {
    if (!Files.exists(folder.resolve(name))) {
      return List.of();
    }
    List<JsonNode> out = new ArrayList<>();
    for (String line : text(name).lines().toList()) {
      try {
        out.add(JSON.readTree(line));
      } catch (JsonProcessingException e) {
        throw noDump("line " + (out.size() + 1) + " of " + name + " is no JSON");
      }
    }
    return out;
  }

  private String text(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw noDump("it has no readable " + name).causedBy(e);
    }
  }

  private UserError noDump(String why) {
    return UserError.of("CL0751", "'%s' is no dump of passes: %s", folder, why)
        .withHint("make one with: qcc compile MODEL_DIR -o X.qca --dump-dir %s", folder);
  }
}
