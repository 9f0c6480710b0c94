package org.quantcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quantcache.kernels.artifact.ArtifactLayout;

class KernelSetTest {
  private static final KernelGeometry GENERAL =
      new KernelGeometry("product", "", 256, 48 << 10, 128, 9, false);
  private static final KernelGeometry OF_WARPGROUPS =
      new KernelGeometry("product", "sm_90a", 384, 200 << 10, 128, 6, true);
  private static final KernelGeometry OTHER = new KernelGeometry("other", "", 32, 0, 1, 1, false);

  @Test
  void theMachineCodeThatIsLoadedSaysHowItIsLaunched() {
    List<KernelGeometry> kernels = List.of(GENERAL, OF_WARPGROUPS, OTHER);
    assertThat(KernelSet.geometry(kernels, ArtifactLayout.cubin("sm_90a")))
        .containsEntry("product", OF_WARPGROUPS)
        .containsEntry("other", OTHER);
    for (String entry :
        List.of(ArtifactLayout.cubin("sm_80"), ArtifactLayout.PTX, ArtifactLayout.EMULATED)) {
      assertThat(KernelSet.geometry(kernels, entry))
          .containsEntry("product", GENERAL)
          .containsEntry("other", OTHER);
    }
  }

  @Test
  void persistentBlocksAreNoMoreThanMultiprocessors() {
    assertThat(GENERAL.blocks(1000, 132)).isEqualTo(8 * 9);
    assertThat(GENERAL.blocks(10_000, 132)).isEqualTo(79 * 9);
    assertThat(OF_WARPGROUPS.blocks(1000, 132)).isEqualTo(8 * 6);
    assertThat(OF_WARPGROUPS.blocks(10_000, 132)).isEqualTo(132);
    assertThat(OF_WARPGROUPS.blocks(0, 132)).isZero();
  }
}
