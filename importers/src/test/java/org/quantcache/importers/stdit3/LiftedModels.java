package org.quantcache.importers.stdit3;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.quantcache.importers.checkpoint.CheckpointLayout;
import org.quantcache.importers.checkpoint.ConfigReader;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.SafeTensorsFile;

/** Models without weights: what the importer needs to know of a checkpoint is its keys and element kinds. */
final class LiftedModels {
  static final List<String> FORWARD_CASES =
      List.of("tiny", "nomask", "pad", "xmask", "head72", "plain", "skipy");
  static final List<String> SAMPLE_CASES = List.of("sample-rflow", "sample-plain", "sample-cond");

  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

  private LiftedModels() {}

  static StditConfig golden(String name) {
    return ConfigReader.read(GOLDEN.resolve(name).resolve("config.json"));
  }

  static SamplerSettings sampler(String name) {
    return SamplerSettings.read(GOLDEN.resolve(name).resolve("sampler.json"));
  }

  /** Sizes of the tensors in {@code inputs.safetensors} or {@code outputs.safetensors} of a case. */
  static Map<String, List<Long>> sizes(String name, String file) {
    Map<String, List<Long>> out = new LinkedHashMap<>();
    try (SafeTensorsFile tensors =
        SafeTensorsFile.open(GOLDEN.resolve(name).resolve(file + ".safetensors"))) {
      tensors.tensors().forEach((key, info) -> out.put(key, info.shape()));
    }
    return out;
  }

  static ForwardRequest forwardRequest(String name, String... taps) {
    return RequestOfInputs.forward(golden(name), sizes(name, "inputs"), List.of(taps));
  }

  static IrModule forward(String name, String... taps) {
    return forward(golden(name), forwardRequest(name, taps), ScalarType.F32);
  }

  static IrModule forward(StditConfig config, ForwardRequest request, ScalarType stored) {
    return importer(config, stored).forward(request).finish();
  }

  static IrModule sample(String name) {
    SampleRequest request =
        RequestOfInputs.sample(golden(name), sizes(name, "inputs"), sampler(name));
    return importer(golden(name), ScalarType.F32).sample(request).finish();
  }

  static StditImporter importer(StditConfig config, ScalarType stored) {
    Map<String, List<Long>> layout = CheckpointLayout.of(config).shapes();
    return new StditImporter(
        "model", config, key -> layout.containsKey(key) ? Optional.of(stored) : Optional.empty());
  }

  /** Number of operations of each kind. */
  static Map<String, Integer> counts(IrModule module) {
    Map<String, Integer> out = new TreeMap<>();
    module.walk(operation -> out.merge(operation.name(), 1, Integer::sum));
    return out;
  }

  static List<Operation> operations(IrModule module) {
    List<Operation> out = new ArrayList<>();
    module.walk(out::add);
    return out;
  }
}
