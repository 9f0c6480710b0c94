package org.quantcache.tools.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.quantcache.importers.checkpoint.ConfigReader;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.importers.checkpoint.SynthModel;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.StoredType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code qcc synth-model}. */
@Command(
    name = "synth-model",
    mixinStandardHelpOptions = true,
    description = "Write a seeded random checkpoint in the real layout and naming.")
final class SynthModelCommand extends Verb {
  @Parameters(paramLabel = "MODEL_DIR", description = "Folder to write to; made when missing.")
  private Path folder;

  @Option(
      names = "--size",
      defaultValue = "tiny",
      description = "tiny, XL/2 or 3B/2 (default ${DEFAULT-VALUE}).")
  private String size;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Another value of config.json.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  @Option(
      names = "--dtype",
      defaultValue = "f16",
      description = "f32, f16 or bf16 (default ${DEFAULT-VALUE}).")
  private String type;

  @Option(names = "--seed", defaultValue = "42", description = "Seed (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--max-shard-bytes",
      description = "Write shards of at most this size with an index.")
  private Long shardBytes;

  @Override
  void execute() {
    StoredType stored = StoredType.named(type.toUpperCase(Locale.ROOT))
        .orElseThrow(
            () -> UserError.of("CL0108", "--dtype is '%s', expected f32, f16 or bf16", type));
    StditConfig config = ConfigReader.override(StditConfig.preset(size), overrides);
    SynthModel model = new SynthModel(config, stored, seed);
    Progress progress = progress("writing");
    if (shardBytes == null) {
      model.write(folder, done -> progress.show(done, model.dataBytes()));
    } else {
      model.writeSharded(folder, shardBytes, done -> progress.show(done, model.dataBytes()));
    }
    say("wrote %s, %.1f MB of weights", folder, model.dataBytes() / 1e6);
  }
}
