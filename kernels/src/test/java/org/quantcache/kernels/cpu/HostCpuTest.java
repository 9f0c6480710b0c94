package org.quantcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostCpuTest {
  @Test
  void flagsAreReadInTheSpellingOfBothArchitectures() {
    HostCpu x86 = HostCpu.parse(
        "x86_64", List.of("processor : 0", "flags\t\t: fpu avx2 fma", "flags : other"));
    assertThat(x86.flags()).containsExactly("avx2", "fma", "fpu");
    HostCpu arm = HostCpu.parse("aarch64", List.of("Features\t: fp asimd"));
    assertThat(arm.flags()).containsExactly("asimd", "fp");
  }

  @Test
  void whatIsUnknownIsMissing() {
    assertThat(HostCpu.parse("x86_64", List.of("no such thing")).missing(List.of("fma", "avx2")))
        .containsExactly("avx2", "fma");
    assertThat(HostCpu.parse("x86_64", List.of("flags : avx2 fma")).missing(List.of("fma", "avx2")))
        .isEmpty();
  }

  @Test
  void thisMachineHasFlags() {
    assertThat(HostCpu.detect().flags()).isNotEmpty();
  }
}
