package org.quantcache.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.SamplerSettings;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.kernels.tensor.TensorFile;

/** A reference case of the original code: model, inputs and outputs. */
record GoldenCase(String name, Path folder) {
  static final List<String> FORWARD =
      List.of("tiny", "nomask", "pad", "xmask", "head72", "plain", "skipy");
  static final List<String> SAMPLE = List.of("sample-rflow", "sample-plain", "sample-cond");

  static GoldenCase of(String name) {
    return new GoldenCase(
        name, Path.of("../importers/src/test/resources/golden").resolve(name));
  }

  Checkpoint checkpoint() {
    return Checkpoint.open(folder);
  }

  Map<String, Tensor> inputs() {
    return TensorFile.read(folder.resolve("inputs.safetensors"));
  }

  Map<String, Tensor> outputs() {
    return TensorFile.read(folder.resolve("outputs.safetensors"));
  }

  boolean isSample() {
    return Files.exists(folder.resolve("sampler.json"));
  }

  /** The scheduler's settings. */
  SamplerSettings sampler() {
    return SamplerSettings.read(folder.resolve("sampler.json"));
  }

  /** Inputs with what the sampler reads from its settings. */
  Map<String, Tensor> sampleInputs() {
    Map<String, Tensor> inputs = new LinkedHashMap<>(inputs());
    inputs.put("guidance", Tensor.of(List.of(1L), (float) sampler().guidance()));
    return inputs;
  }

  /** The lifted module with every tap. */
  IrModule lift(Checkpoint checkpoint) {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    inputs().forEach((key, tensor) -> sizes.put(key, tensor.sizes()));
    StditImporter importer = StditImporter.of(checkpoint);
    return isSample()
        ? importer
            .sample(RequestOfInputs.sample(checkpoint.config(), sizes, sampler()))
            .finish()
        : importer
            .forward(RequestOfInputs.forward(checkpoint.config(), sizes, List.of("all")))
            .finish();
  }

  String function() {
    return isSample() ? "sample" : "forward";
  }

  static JsonNode json(Path path) {
    try {
      return new ObjectMapper().readTree(path.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
