package org.quantcache.passes.instruments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.diff.IrDiff;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/**
 * Writes every step of a pipeline to a folder: {@code 000-input.qir}, then for pass NNN {@code NNN-pass.qir},
 * {@code NNN-pass.diff} (by structure, renames do not count) and {@code NNN-pass.remarks.jsonl}, and {@code manifest.json} with one entry for each pass. A
 * pass that changes nothing gets its entry and no files; one that fails leaves the module as {@code
 * NNN-pass.failed.qir}; {@code reproduce.qir} is the place of a {@link Reproducer}. Who generates code from the last
 * module adds its text.
 */
public final class DumpDirectory implements PassInstrument {
  private static final Pattern DUMP_FILE = Pattern.compile(
      "[0-9]{3}-[a-z0-9-]+\\.(qir|failed\\.qir|diff|remarks\\.jsonl)|manifest\\.json|reproduce\\.qir|kernels\\.(cu|txt)|[A-Za-z0-9_]+Executor\\.java");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String REPRODUCER = "reproduce.qir";

  private final Path folder;
  private final OpRegistry registry;
  private final RemarkLog remarks = new RemarkLog();
  private final ObjectNode manifest = JSON.createObjectNode();
  private final ArrayNode passes = manifest.putArray("passes");
  private String text = "";

  private DumpDirectory(Path folder, OpRegistry registry) {
    this.folder = folder;
    this.registry = registry;
  }

  /**
   * Takes a folder for dumps: makes it, or removes the files of an earlier dump.
   *
   * @throws UserError PA0401 when it holds anything else, PA0402 when it cannot be written
   */
  public static DumpDirectory open(Path folder, OpRegistry registry) {
    try {
      Files.createDirectories(folder);
      for (Path file : sortedFiles(folder)) {
        if (!DUMP_FILE.matcher(file.getFileName().toString()).matches()) {
          throw UserError.of(
                  "PA0401",
                  "the dump folder '%s' holds '%s', which is no dump",
                  folder,
                  file.getFileName())
              .withHint("name an empty or new folder");
        }
      }
      for (Path file : sortedFiles(folder)) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
    return new DumpDirectory(folder, registry);
  }

  private static List<Path> sortedFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Override
  public void start(IrModule module) {
    text = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
    write("000-input.qir", text);
    writeManifest();
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    remarks.clear();
  }

  @Override
  public void rewritten(PassInfo pass, String event, Location location, Attributes details) {
    remarks.rewritten(pass, event, location, details);
  }

  @Override
  public void missed(PassInfo pass, String event, Location location, String reason) {
    remarks.missed(pass, event, location, reason);
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    String now = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
    boolean different = !now.equals(text);
    passes
        .addObject()
        .put("number", number)
        .put("pass", pass.name())
        .put("changed", different)
        .put("remarks", remarks.remarks().size());
    String stem = stem(number, pass);
    if (different) {
      write(stem + ".qir", now);
      IrModule before = IrParser.parse(text, "before", registry);
      write(stem + ".diff", IrDiff.between(before, module).text());
    }
    if (!remarks.remarks().isEmpty()) {
      write(stem + ".remarks.jsonl", remarks.jsonLines());
    }
    text = now;
    writeManifest();
  }

  @Override
  public void failed(int number, PassInfo pass, IrModule module, RuntimeException cause) {
    entry(number, pass).put("failed", String.valueOf(cause.getMessage()));
    write(
        stem(number, pass) + ".failed.qir",
        IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS));
    writeManifest();
  }

  /** The entry of a pass, which is there already when an instrument refused what the pass left. */
  private ObjectNode entry(int number, PassInfo pass) {
    boolean known =
        !passes.isEmpty() && passes.get(passes.size() - 1).path("number").asInt() == number;
    return known
        ? (ObjectNode) passes.get(passes.size() - 1)
        : passes.addObject().put("number", number).put("pass", pass.name());
  }

  /**
   * Adds a text that was generated from the last module.
   *
   * @param name {@code kernels.cu}, {@code kernels.txt} or the source of an executor
   * @throws UserError PA0402
   */
  public void addGenerated(String name, String content) {
    if (!DUMP_FILE.matcher(name).matches()) {
      throw new IllegalArgumentException("no name of a generated text: " + name);
    }
    write(name, content);
  }

  /** Where a reproducer belongs in a dump folder. */
  public static Path reproducer(Path folder) {
    return folder.resolve(REPRODUCER);
  }

  private static String stem(int number, PassInfo pass) {
    return String.format(Locale.ROOT, "%03d-%s", number, pass.name());
  }

  private void writeManifest() {
    try {
      write(
          "manifest.json",
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(String name, String content) {
    try {
      Files.writeString(folder.resolve(name), content);
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  private static UserError cannotWrite(Path folder, IOException cause) {
    return UserError.of("PA0402", "cannot write dumps to '%s': %s", folder, cause.getMessage())
        .withHint("check that the folder is writable and the disk has room")
        .causedBy(cause);
  }
}
