package org.quantcache.ir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.text.IrParser;

/** Policies survive as text, outside of a module too. */
class PolicyTextTest {
  private static final AlwaysComputed ALWAYS = new AlwaysComputed(2, 1, 0.1, 0.9);
  private static final DivergenceMetric METRIC = new DivergenceMetric(
      DivergenceMetric.Norm.L1_ABS,
      DivergenceMetric.Gap.PLANNED,
      DivergenceMetric.Motion.RATIO,
      0.1 + 0.2,
      1e-9);

  @Test
  void guardPoliciesComeBackAsTheyWere() {
    for (GuardPolicy policy : List.of(
        new CodebookPolicy(new Levels(List.of(1e-7, 0.1), List.of(8L, 4L, 1L)), ALWAYS, METRIC),
        new AccumulatePolicy(1 / 3.0, List.of(-1.5e9, 0.0), ALWAYS, METRIC),
        new PlanPolicy(100, List.of(0L, 7L, 99L)))) {
      assertThat(GuardPolicy.of(IrParser.parseAttribute(policy.attribute().text())))
          .isEqualTo(policy);
    }
  }

  @Test
  void otherPoliciesComeBackAsTheyWere() {
    BitsPolicy bits = new BitsPolicy(new Levels(List.of(0.05), List.of(4L, 8L)), 1, 2, 3);
    assertThat(BitsPolicy.of(IrParser.parseAttribute(bits.attribute().text()))).isEqualTo(bits);
    for (PrunePolicy policy : List.of(
        new SimilarityPolicy(
            -0.25, 0.9, 0.5, SimilarityPolicy.Evidence.LAST_COMPUTED, 0, 1e9, 0.05, 2, 3, 42),
        new VisitPolicy(List.of(1L, 4L)))) {
      assertThat(PrunePolicy.of(IrParser.parseAttribute(policy.attribute().text())))
          .isEqualTo(policy);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "#plan<", "#plan<steps = 1> #plan<steps = 1>", "#plan<a = 1, a = 2>", "%x"})
  void whatIsNoAttributeIsRefused(String text) {
    assertThatThrownBy(() -> IrParser.parseAttribute(text))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).startsWith("IR01"));
  }
}
