package org.quantcache.kernels.artifact;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.Dim;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.ProgramSignature.Parameter;

/** What must hold of a manifest beyond its form as JSON: everything is there, sizes and types can be. */
final class ManifestChecks {
  private final Path path;

  private ManifestChecks(Path path) {
    this.path = path;
  }

  /** @throws UserError RT0205 that names the first part that is missing or cannot be */
  static void require(Manifest manifest, Path path) {
    new ManifestChecks(path).check(manifest);
  }

  private void check(Manifest manifest) {
    present("compiler", manifest.compiler());
    present("target", manifest.target());
    present("cpu", manifest.cpu());
    all("cpuFeatures", manifest.cpuFeatures());
    present("model", manifest.model());
    present("pipeline", manifest.pipeline());
    present("settings", manifest.settings());
    notNegative("workspaceBytes", manifest.workspaceBytes());
    present("dims", manifest.dims());
    for (Map.Entry<String, Long> dim : manifest.dims().entrySet()) {
      present("dims." + dim.getKey(), dim.getValue());
      if (dim.getValue() < 1) {
        throw wrong(
            "bound " + dim.getValue() + " of size " + dim.getKey() + ", expected 1 or more");
      }
    }
    for (Manifest.EntryInfo entry : all("entries", manifest.entries())) {
      present("entries.path", entry.path());
      present("entries.sha256", entry.sha256());
    }
    for (Manifest.FunctionInfo function : all("functions", manifest.functions())) {
      check(manifest, function);
    }
  }

  private void check(Manifest manifest, Manifest.FunctionInfo function) {
    present("functions.name", function.name());
    present("functions.executorClass", function.executorClass());
    notNegative("functions.arenaBytes", function.arenaBytes());
    for (Manifest.TensorInfo tensor : all("functions.parameters", function.parameters())) {
      check(tensor);
    }
    for (Manifest.TensorInfo tensor : all("functions.results", function.results())) {
      check(tensor);
    }
    ProgramSignature signature = ArtifactLayout.signature(manifest, function);
    signature.parameters().forEach(p -> requireBounds(manifest, p));
    signature.results().forEach(r -> requireBounds(manifest, r));
  }

  private void check(Manifest.TensorInfo tensor) {
    present("name of a parameter or result", tensor.name());
    present("element of '" + tensor.name() + "'", tensor.element());
    all("sizes of '" + tensor.name() + "'", tensor.sizes());
  }

  private void requireBounds(Manifest manifest, Parameter parameter) {
    for (Dim dim : parameter.type().dims()) {
      for (String symbol : dim.symbols()) {
        if (!manifest.dims().containsKey(symbol)) {
          throw wrong("no bound for size " + symbol + " of '" + parameter.name() + "'");
        }
      }
    }
  }

  private <T> List<T> all(String name, List<T> values) {
    present(name, values);
    values.forEach(value -> present("element of " + name, value));
    return values;
  }

  private void present(String name, Object value) {
    if (value == null) {
      throw wrong("no " + name);
    }
  }

  private void notNegative(String name, long value) {
    if (value < 0) {
      throw wrong(name + " " + value + ", expected 0 or more");
    }
  }

  private UserError wrong(String what) {
    return UserError.of("RT0205", "manifest of %s has %s", path, what)
        .withHint("the file was not written by this compiler; compile the model again");
  }
}
