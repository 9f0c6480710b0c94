package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantcache.ir.diagnostics.UserError;

class PtxAssemblerTest {
  private static final String ADD_ONE = """
      .version 9.0
      .target sm_80
      .address_size 64
      .visible .entry add_one(.param .u64 data) {
        .reg .b64 %rd<3>;
        .reg .f32 %f<3>;
        .shared .align 4 .b8 unused[64];
        ld.param.u64 %rd1, [data];
        cvta.to.global.u64 %rd2, %rd1;
        ld.global.f32 %f1, [%rd2];
        add.f32 %f2, %f1, 0f3F800000;
        st.shared.f32 [unused], %f2;
        st.global.f32 [%rd2], %f2;
        ret;
      }
      """;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_86", "sm_89", "sm_90a"})
  void assemblesWithoutToolkitAndTellsWhatAKernelTakes(String card) {
    CudaCompiler.Compiled compiled = PtxAssembler.cubin(ascii(ADD_ONE), card);
    assertThat(Cubin.architecture(compiled.code()))
        .isEqualTo(Integer.parseInt(card.replaceAll("[^0-9]", "")));
    assertThat(compiled.usage()).hasSize(1);
    ResourceUsage usage = compiled.usage().get(0);
    assertThat(usage.kernel()).isEqualTo("add_one");
    assertThat(usage.registers()).isBetween(2, 32);
    assertThat(usage.sharedBytes()).isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource({"9.0, 8.0", "8.1, 8.0", "8.0, 8.0", "7.8, 7.8"})
  void laterVersionsCountAsTheNewestThatItReads(String written, String read) {
    String text = "//\n.version " + written + "\n.target sm_80\n// .version 9.9\n";
    assertThat(PtxAssembler.readable(text)).isEqualTo(text.replace(written, read));
  }

  @Test
  void instructionsAndCardsThatItDoesNotKnowAreCodedErrors() {
    byte[] wrong = ascii(ADD_ONE.replace("add.f32", "sum.f32"));
    assertThatThrownBy(() -> PtxAssembler.cubin(wrong, "sm_80"))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0403");
          assertThat(e.getMessage()).contains("ptxas 12.0", "sm_80", "sum");
        });
    for (String card : List.of("sm_100a", "sm_120a")) {
      assertThatThrownBy(() -> PtxAssembler.cubin(ascii(ADD_ONE), card))
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo("CG0403");
            assertThat(e.getMessage()).contains(card);
          });
    }
  }
}
