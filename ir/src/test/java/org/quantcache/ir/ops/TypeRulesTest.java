package org.quantcache.ir.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpDef;
import org.quantcache.ir.core.OpRegistry;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.types.TensorType;

/** Every type rule takes what fits and refuses what does not; the cases stand in {@code rules.txt}. */
class TypeRulesTest {
  private static final OpRegistry REGISTRY = StandardOps.registry();
  private static final Pattern CASE =
      Pattern.compile("(ok|bad) +([a-z_.]+) \\((.*?)\\)( <.*>)?( : .*)?");

  /** Operations whose valid form needs more than one line. */
  private static final String WHOLE = """
      module @m <dims = [#dim<bound = 9, name = N>]> {
        weight.def @w <key = "k", rows = [1, 0], type = f16[2, 2]>
        func @f(%g: f32[N, 1], %z: f32[2], %s: f32[3]) -> (f32[2], f32[3]) {
          %a, %b = step.loop(%g, %z, %s) : f32[2], f32[3] {|%i: i32[], %p: f32[2], %q: f32[3]|
            step.yield(%p, %q)
          }
          func.return(%a, %b)
        }
      }
      """;

  /** Regions of operations that need one. */
  private static final Map<String, String> REGIONS =
      Map.of(CacheOps.GUARD, " { step.yield(%x2) }", PruneOps.BRANCH, " { step.yield(%x1) }");

  record Rule(
      boolean valid, String name, List<String> operands, String attributes, String results) {
    String text() {
      List<String> parameters = new ArrayList<>();
      List<String> names = new ArrayList<>();
      for (int i = 0; i < operands.size(); i++) {
        names.add("%x" + i);
        parameters.add("%x" + i + ": " + operands.get(i));
      }
      int count = results.isEmpty() ? 0 : TypeLists.split(results).size();
      List<String> defined = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        defined.add("%r" + i);
      }
      return "module @m { func @f(" + String.join(", ", parameters) + ") { "
          + (count > 0 ? String.join(", ", defined) + " = " : "") + name
          + (names.isEmpty() ? "" : "(" + String.join(", ", names) + ")") + attributes
          + (count > 0 ? " : " + results : "") + REGIONS.getOrDefault(name, "")
          + " } }";
    }
  }

  static List<Rule> rules() {
    String resource = "rules.txt";
    try (InputStream in = TypeRulesTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(TypeRulesTest::rule)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Rule rule(String line) {
    Matcher matcher = CASE.matcher(line);
    assertThat(matcher.matches()).as(line).isTrue();
    return new Rule(
        matcher.group(1).equals("ok"),
        matcher.group(2),
        TypeLists.split(matcher.group(3)),
        matcher.group(4) == null ? "" : matcher.group(4),
        matcher.group(5) == null ? "" : matcher.group(5).substring(3));
  }

  static Stream<Rule> valid() {
    return rules().stream().filter(Rule::valid);
  }

  static Stream<Rule> invalid() {
    return rules().stream().filter(rule -> !rule.valid());
  }

  @ParameterizedTest
  @MethodSource("valid")
  void whatFitsIsTaken(Rule rule) {
    IrModule module = IrParser.parse(rule.text(), "rule", REGISTRY);
    Operation operation = module.functions().get(0).body().operations().get(0);
    assertThat(operation.results().stream().map(r -> r.type().text()).toList())
        .isEqualTo(TypeLists.split(rule.results()));
  }

  @ParameterizedTest
  @MethodSource("valid")
  void resultTypesThatTheRuleInfersNeedNotBeStated(Rule rule) {
    Operation operation = IrParser.parse(rule.text(), "rule", REGISTRY)
        .functions()
        .get(0)
        .body()
        .operations()
        .get(0);
    List<TensorType> inferred;
    try {
      inferred = operation
          .definition()
          .typeRule()
          .infer(new org.quantcache.ir.core.Signature(
              operation.name(),
              operation.operands().stream().map(v -> v.type()).toList(),
              operation.attributes(),
              List.of()));
    } catch (IllegalArgumentException needsTypes) {
      assertThat(needsTypes).hasMessageContaining("needs its result type stated");
      return;
    }
    assertThat(inferred)
        .isEqualTo(operation.results().stream().map(v -> v.type()).toList());
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void whatDoesNotFitIsRefused(Rule rule) {
    assertThatThrownBy(() -> IrParser.parse(rule.text(), "rule", REGISTRY))
        .isInstanceOfSatisfying(UserError.class, error -> {
          assertThat(error.code()).as(error.getMessage()).isIn("IR0110", "IR0111");
          assertThat(error.getMessage()).contains("'" + rule.name() + "'");
        });
  }

  @Test
  void operationsWithMorePartsAreTaken() {
    IrModule module = IrParser.parse(WHOLE, "whole", REGISTRY);
    assertThat(module.globals()).hasSize(1);
    assertThat(module.function("f").body().operations().get(0).results()).hasSize(2);
  }

  @Test
  void everyOperationHasACaseOfBothKinds() {
    Set<String> valid = new TreeSet<>(Set.of("weight.def", "step.loop"));
    Set<String> invalid = new TreeSet<>();
    for (Rule rule : rules()) {
      (rule.valid() ? valid : invalid).add(rule.name());
    }
    List<String> registered = REGISTRY.all().stream().map(OpDef::name).toList();
    assertThat(valid).containsExactlyElementsOf(registered);
    assertThat(invalid).containsExactlyElementsOf(registered);
  }
}
