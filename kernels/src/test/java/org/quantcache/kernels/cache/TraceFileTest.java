package org.quantcache.kernels.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cache.LayerDecision.Outcome;

/** Traces survive the file; what is no trace is refused with its place. */
class TraceFileTest {
  @TempDir
  private Path folder;

  @Test
  void everyTraceComesBackAsItWas() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      int steps = random.nextInt(40);
      Map<String, List<Decision>> guards = new LinkedHashMap<>();
      for (int guard = 0; guard < random.nextInt(4); guard++) {
        List<Decision> decisions = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
          decisions.add(new Decision(
              step,
              random.nextBoolean(),
              random.nextBoolean()
                  ? OptionalDouble.of(random.nextDouble())
                  : OptionalDouble.empty(),
              random.nextBoolean(),
              random.nextBoolean() ? 0 : 4 + random.nextInt(5),
              random.nextBoolean() ? List.of(random.nextFloat(), -0.1f) : List.of()));
        }
        guards.put("guard \"" + guard + "\" ü", decisions);
      }
      Map<String, List<LayerDecision>> layers = new LinkedHashMap<>();
      for (int layer = 0; layer < random.nextInt(4); layer++) {
        List<LayerDecision> decisions = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
          decisions.add(new LayerDecision(
              step,
              Outcome.values()[random.nextInt(Outcome.values().length)],
              random.nextBoolean()
                  ? OptionalDouble.of(random.nextDouble())
                  : OptionalDouble.empty(),
              random.nextBoolean()
                  ? OptionalDouble.of(random.nextDouble())
                  : OptionalDouble.empty()));
        }
        layers.put("spatial." + layer, decisions);
      }
      DecisionTrace trace = new DecisionTrace(steps, guards, layers);
      Path file = folder.resolve("trace.json");
      TraceFile.write(file, trace);
      assertThat(TraceFile.read(file)).isEqualTo(trace);
    }
  }

  @Test
  void onlyTheComputedStepsMustBeThere() throws IOException {
    DecisionTrace trace = read("{'steps': 4, 'guards': {'stack': {'computed': [0, 2]}}}");
    assertThat(trace.guards().get("stack"))
        .extracting(Decision::computed)
        .containsExactly(true, false, true, false);
  }

  private DecisionTrace read(String json) throws IOException {
    Path file = folder.resolve("given.json");
    Files.writeString(file, json.replace('\'', '"'));
    return TraceFile.read(file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{} {}",
        "null",
        "{'steps': 4}",
        "{'steps': -1, 'guards': {}}",
        "{'steps': 1e9, 'guards': {}}",
        "{'steps': 2000000000, 'guards': {}}",
        "{'steps': 4, 'guards': []}",
        "{'steps': 4, 'guards': {'a': 3}}",
        "{'steps': 4, 'guards': {'a': {}}}",
        "{'steps': 4, 'guards': {'a': {'computed': 0}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [4]}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [-1]}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [0.5]}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [0], 'bit': 3}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [0], 'bits': 3}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [0], 'bits': {'0': 9}}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [0], 'bits': {'0': 'x'}}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [0], 'weights': {'1': ['x']}}}}",
        "{'steps': 4, 'guards': {'a': {'computed': [0], 'noise_dominated': [9]}}}",
        "{'format': 'x', 'steps': 4, 'guards': {}}",
        "{'format': 2, 'decisions': 'sometimes', 'steps': 4, 'guards': {}}",
        "{'format': 2, 'decisions': 'adaptive', 'steps': 4, 'guards': {'a': {'computed': [0]}}}",
        "{'decisions': 'adaptive', 'steps': 4, 'guards': {'a': {'policy': '#plan<', 'reach': 1, 'computed': [0]}}}",
        "{'decisions': 'adaptive', 'steps': 4, 'guards': {'a': {'policy': '#plan<steps = 0, computed = [0]>', 'reach': 1, 'computed': [0]}}}",
        "{'decisions': 'adaptive', 'steps': 4, 'guards': {'a': {'policy': '#plan<steps = 4, computed = [0]>', 'computed': [0]}}}",
        "{'decisions': 'adaptive', 'steps': 4, 'guards': {'a': {'policy': '#plan<steps = 4, computed = [0]>', 'reach': 1, 'computed': [0], 'probes': {'4': []}}}}",
        "{'decisions': 'adaptive', 'steps': 4, 'guards': {'a': {'policy': '#plan<steps = 4, computed = [0]>', 'reach': 1, 'computed': [0], 'probes': {'0': [[1, 2]]}}}}",
        "{'decisions': 'adaptive', 'steps': 4, 'guards': {}, 'layers': {'s.1': {'kind': 's', 'layer': -1, 'policy': '#visits<pruned = [0]>', 'kept': 1, 'pruned': []}}}",
      })
  void whatIsNoTraceIsRefused(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("RT0111"));
  }

  @Test
  void aFileOfALaterFormIsRefused() {
    assertThatThrownBy(() -> read("{'format': 3, 'steps': 4, 'guards': {}}"))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("RT0303"));
  }

  @Test
  void numbersThatJsonHasNoFormForComeBack() throws IOException {
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      Decision decision = Decision.unmeasured(0, true).measured(value, false);
      DecisionTrace trace = new DecisionTrace(1, Map.of("g", List.of(decision)), Map.of());
      Path file = folder.resolve("not-finite.json");
      TraceFile.write(file, trace);
      assertThat(TraceFile.read(file)).isEqualTo(trace);
    }
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> TraceFile.read(folder.resolve("none.json")))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.code()).isEqualTo("RT0111"));
  }
}
