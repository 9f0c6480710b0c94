package org.quantcache.tools.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.tools.sample.Samples;

/**
 * The same loop in PyTorch, in a process of its own, so that memory which it keeps and failures of it are its own.
 * {@code tools/gpu/torch_baseline.py} holds the network.
 */
final class TorchSampling {
  static final String EAGER = "pytorch-eager";
  static final String COMPILED = "pytorch-compiled";

  /** Both of them. */
  static final List<String> BUILDS = List.of(EAGER, COMPILED);

  private static final String SCRIPT = "tools/gpu/torch_baseline.py";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long PATIENCE_SECONDS = 120;

  private final String python;
  private final boolean emulated;

  /**
   * PyTorch of an interpreter.
   *
   * @param python name or path of the interpreter
   * @param emulated whether a processor stands in for the card, here as well
   */
  TorchSampling(String python, boolean emulated) {
    this.python = python;
    this.emulated = emulated;
  }

  /** Why it cannot run, in words; empty when it can. */
  Optional<String> missing() {
    try {
      Process process = new ProcessBuilder(python, "-c", "import torch")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.of(python + " does not answer");
      }
      if (process.exitValue() != 0) {
        return Optional.of(python + " has no PyTorch");
      }
      return Files.exists(script()) ? Optional.empty() : Optional.of("no " + script());
    } catch (IOException e) {
      return Optional.of("no " + python);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  private static Path script() {
    return Path.of(System.getProperty(Samples.HOME, ".")).resolve(SCRIPT);
  }

  /**
   * Times a loop.
   *
   * @param build one of {@link #BUILDS}
   * @param model folder of the checkpoint
   * @param inputs file of the inputs
   * @param latents file that the latents are written to
   * @throws UserError CL0615 when it fails
   */
  SamplingRow run(String build, int steps, int rounds, Path model, Path inputs, Path latents) {
    List<String> command = new ArrayList<>(List.of(
        python,
        script().toString(),
        "sample",
        "--variant",
        build.substring("pytorch-".length()),
        "--model",
        model.toString(),
        "--inputs",
        inputs.toString(),
        "--out",
        latents.toString(),
        "--rounds",
        Integer.toString(rounds),
        "--device",
        emulated ? "cpu" : "cuda"));
    JsonNode found = answer(command);
    String version = found.path("torch").asText();
    String cuda = found.path("cuda").asText("");
    return new SamplingRow(
        build,
        steps,
        "none: every step is computed (PyTorch %s%s)"
            .formatted(version, cuda.isEmpty() ? "" : ", CUDA " + cuda),
        new SamplingRow.Measured(
            OptionalDouble.of(steps),
            OptionalDouble.of(0),
            OptionalDouble.of(Short.SIZE),
            time(found, "loop_s"),
            time(found, "end_to_end_s"),
            number(found, "memory_mib"),
            OptionalDouble.empty(),
            Map.of()),
        "");
  }

  private OptionalDouble time(JsonNode found, String name) {
    return emulated ? OptionalDouble.empty() : number(found, name);
  }

  private static OptionalDouble number(JsonNode found, String name) {
    return found.path(name).isNumber()
        ? OptionalDouble.of(found.get(name).asDouble())
        : OptionalDouble.empty();
  }

  private static JsonNode answer(List<String> command) {
    try {
      Path errors = Files.createTempFile("qcc", ".txt");
      try {
        Process process =
            new ProcessBuilder(command).redirectError(errors.toFile()).start();
        byte[] out = process.getInputStream().readAllBytes();
        int status = process.waitFor();
        if (status != 0) {
          throw failed(status, Files.readString(errors));
        }
        return JSON.readTree(out);
      } finally {
        Files.deleteIfExists(errors);
      }
    } catch (IOException e) {
      throw UserError.of("CL0615", "PyTorch gave no numbers: %s", e.getMessage())
          .withHint("call it by hand: %s", String.join(" ", command))
          .causedBy(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UserError.of("CL0615", "waiting for PyTorch was interrupted").causedBy(e);
    }
  }

  /** The last line of what Python says of a failure names it. */
  private static UserError failed(int status, String errors) {
    List<String> lines = errors.lines().filter(line -> !line.isBlank()).toList();
    String last = lines.isEmpty() ? "nothing more is known" : lines.get(lines.size() - 1);
    return UserError.of("CL0615", "PyTorch failed with status %d: %s", status, last.strip());
  }
}
