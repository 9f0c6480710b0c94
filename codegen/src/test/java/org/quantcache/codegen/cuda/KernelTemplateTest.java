package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelTemplateTest {
  private static final KernelTemplate TEMPLATE =
      new KernelTemplate("", Set.of(), "QC_KERNEL(${threads}) ${name}() {} // ${name}");

  @Test
  void everyHoleIsFilledWhereverItIs() {
    assertThat(TEMPLATE.fill(Map.of("name", "a$1\\", "threads", "32")))
        .isEqualTo("QC_KERNEL(32) a$1\\() {} // a$1\\");
  }

  @Test
  void aHoleWithoutValueIsAFault() {
    assertThatThrownBy(() -> TEMPLATE.fill(Map.of("name", "a")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a template has the holes [name, threads], given were [name]");
  }

  @Test
  void aValueWithoutHoleIsAFault() {
    assertThatThrownBy(() -> TEMPLATE.fill(Map.of("name", "a", "threads", "32", "columns", "16")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("given were [columns, name, threads]");
  }

  @Test
  void codeAndInstanceArePartedAndWordsAreLeftToWhoeverCompiles() {
    KernelTemplate cast = KernelTemplate.of("cast");
    assertThat(cast.includes()).containsExactly("packs.cuh");
    assertThat(cast.code()).doesNotContain("#include", "${");
    assertThat(cast.instance()).contains("${name}").doesNotContain("//@instance");
  }

  @Test
  void aFamilyThatIsNotThereIsAFault() {
    assertThatThrownBy(() -> KernelTemplate.of("nothing"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nothing.cu");
    assertThatThrownBy(() -> KernelTemplate.included("device.cuh").fill(Map.of("name", "a")))
        .isInstanceOf(IllegalStateException.class);
  }
}
