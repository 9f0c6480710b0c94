package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CodeChoiceTest {
  @Test
  void codeForTheDeviceComesFirstThenThatOfItsGenerationThenWhatTheDriverTranslates() {
    assertThat(CodeChoice.candidates(false, 89))
        .startsWith("kernels/sm_89a.cubin", "kernels/sm_89.cubin")
        .contains("kernels/sm_86.cubin", "kernels/sm_80.cubin")
        .doesNotContain("kernels/sm_90.cubin", "kernels/sm_86a.cubin")
        .endsWith("kernels/kernels.ptx");
    assertThat(CodeChoice.candidates(false, 90))
        .containsExactly("kernels/sm_90a.cubin", "kernels/sm_90.cubin", "kernels/kernels.ptx");
    assertThat(CodeChoice.candidates(false, 120)).startsWith("kernels/sm_120a.cubin");
  }

  @Test
  void theEmulationRunsItsOwnCodeAlone() {
    assertThat(CodeChoice.candidates(true, 80)).containsExactly("kernels/emulated.cubin");
  }
}
