package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResourceUsageTest {
  @Test
  void readsWhatPtxasOfCuda13Prints() {
    String text = """
        kernels.cu:3:9: warning: #pragma once in main file
        ptxas info    : 0 bytes gmem
        ptxas info    : Compiling entry function 'silu' for 'sm_80'
        ptxas info    : Function properties for silu
            0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
        ptxas info    : Used 20 registers, used 0 barriers, 372 bytes cmem[0], 8 bytes cmem[2]
        ptxas info    : Compile time = 2.000 ms
        ptxas info    : Compiling entry function 'probe' for 'sm_80'
        ptxas info    : Function properties for probe
            104 bytes stack frame, 96 bytes spill stores, 100 bytes spill loads
        ptxas info    : Used 32 registers, used 1 barriers, 104 bytes cumulative stack size, 256 bytes smem, 384 bytes cmem[0]
        """;
    assertThat(ResourceUsage.parse(text))
        .containsExactly(
            new ResourceUsage("probe", 32, 256, 196), new ResourceUsage("silu", 20, 0, 0));
  }

  @Test
  void readsWhatPtxasInsideOfJCudaPrints() {
    String text = """
        ptxas warning : Pragma 'used_bytes_mask 4095' unsupported
        ptxas info    : 0 bytes gmem
        ptxas info    : Compiling entry function 'sub' for 'sm_90a'
        ptxas info    : Function properties for sub
        ptxas         .     0 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads
        ptxas info    : Used 12 registers, 380 bytes cmem[0]
        """;
    assertThat(ResourceUsage.parse(text)).containsExactly(new ResourceUsage("sub", 12, 0, 12));
  }

  @Test
  void aKernelDoesNotTakeOverSpillsOfTheOneBefore() {
    String text = """
        ptxas info    : Compiling entry function 'first' for 'sm_80'
            8 bytes stack frame, 4 bytes spill stores, 4 bytes spill loads
        ptxas info    : Used 32 registers
        ptxas info    : Compiling entry function 'second' for 'sm_80'
        ptxas info    : Used 16 registers
        """;
    assertThat(ResourceUsage.parse(text))
        .containsExactly(
            new ResourceUsage("first", 32, 0, 8), new ResourceUsage("second", 16, 0, 0));
  }

  @Test
  void findsNothingInOtherText() {
    assertThat(ResourceUsage.parse("")).isEmpty();
  }
}
