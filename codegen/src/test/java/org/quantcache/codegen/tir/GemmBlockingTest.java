package org.quantcache.codegen.tir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quantcache.codegen.tir.GemmSpec.Activation;

/** Laws of the block sizes for every named target and any size. */
class GemmBlockingTest {
  private static final int MAX_COLUMNS = 288;
  private static final int MAX_DEPTH = 384;

  private interface Law {
    void check(GemmSpec spec, CpuTarget target, GemmBlocking blocking);
  }

  private static void forAllSizes(Law law) {
    Random random = new Random(11);
    int[] edges = {1, 2, 15, 16, 17, 31, 32, 33, 287, 288, 289, 384, 385, 768, 1152, 4608};
    for (String name : CpuTarget.names()) {
      CpuTarget target = CpuTarget.named(name);
      for (int n : edges) {
        for (int k : edges) {
          check(law, n, k, target);
        }
      }
      for (int i = 0; i < 500; i++) {
        check(law, 1 + random.nextInt(6000), 1 + random.nextInt(6000), target);
      }
    }
  }

  private static void check(Law law, int n, int k, CpuTarget target) {
    for (WeightStorage storage : WeightStorage.values()) {
      GemmSpec spec = new GemmSpec(n, k, storage, Epilogue.NONE);
      law.check(spec, target, GemmBlocking.of(spec, target));
    }
  }

  @Test
  void blocksOfColumnsCoverAllPanelsOnceAndNoneIsEmpty() {
    forAllSizes((spec, target, b) -> {
      int padded = GemmBlocking.roundUp(spec.n(), b.panel());
      assertThat(b.columns() % b.panel()).isZero();
      assertThat(b.columnBlocks() * b.columns()).isGreaterThanOrEqualTo(padded);
      assertThat((b.columnBlocks() - 1) * b.columns()).isLessThan(padded);
      assertThat(b.columns()).isLessThanOrEqualTo(Math.max(b.panel(), MAX_COLUMNS));
      assertThat(b.panelsPerBlock() * b.panel()).isEqualTo(b.columns());
    });
  }

  @Test
  void blocksAreEqualWhereAGoodSizeDividesThePanels() {
    forAllSizes((spec, target, b) -> {
      int panels = GemmBlocking.ceilDiv(spec.n(), b.panel());
      int most = Math.max(1, MAX_COLUMNS / b.panel());
      boolean divides = panels <= most;
      for (int size = most / 2 + 1; size <= most; size++) {
        divides |= panels % size == 0;
      }
      if (divides) {
        assertThat(panels % b.panelsPerBlock())
            .as("%s for %s", spec, target.cpu())
            .isZero();
      }
    });
  }

  @Test
  void passesCoverTheDepthAndNoneIsEmpty() {
    forAllSizes((spec, target, b) -> {
      assertThat(b.depth() % target.lanes()).isZero();
      assertThat(b.depth()).isLessThanOrEqualTo(GemmBlocking.roundUp(MAX_DEPTH, target.lanes()));
      assertThat((long) b.passes() * b.depth()).isGreaterThanOrEqualTo(spec.k());
      assertThat((long) (b.passes() - 1) * b.depth()).isLessThan(spec.k());
    });
  }

  @Test
  void workItemsAreBlocksOfRowsTimesBlocksOfColumns() {
    forAllSizes((spec, target, b) -> {
      for (int rows : new int[] {0, 1, b.tileRows(), b.tileRows() + 1, 1000}) {
        long blocks = b.rowBlocks(rows);
        assertThat(blocks * b.tileRows()).isGreaterThanOrEqualTo(rows);
        assertThat((blocks - 1) * b.tileRows()).isLessThan(rows);
        assertThat(spec.workItems(rows, target)).isEqualTo(blocks * b.columnBlocks());
      }
    });
  }

  @Test
  void thePartsOfTheScratchMemoryLieApartAndOnCacheLines() {
    forAllSizes((spec, target, b) -> {
      assertThat(b.sumsOffset()).isGreaterThanOrEqualTo(b.tileRows() * b.depth());
      assertThat(b.sumsOffset() % 16).isZero();
      assertThat(b.weightsOffset() - b.sumsOffset())
          .isGreaterThanOrEqualTo(b.chunkBlocks() * b.tileRows() * b.columns());
      assertThat(b.weightsOffset() % target.lanes()).isZero();
      boolean narrow = spec.storage() != WeightStorage.F32;
      assertThat(b.converts()).isEqualTo(narrow);
      assertThat(b.workspaceFloats())
          .isEqualTo(b.weightsOffset() + (narrow ? (long) b.depth() * b.columns() : 0));
      assertThat(spec.workspaceBytes(target)).isEqualTo(4 * b.workspaceFloats());
    });
  }

  @Test
  void theBlocksOfThePublishedModelAreEven() {
    CpuTarget target = CpuTarget.named("x86-64-v4");
    for (int n : List.of(1152, 3456, 4608, 2304)) {
      GemmSpec spec = new GemmSpec(
          n, 1152, WeightStorage.F16, new Epilogue(true, Activation.NONE, false, false));
      GemmBlocking b = GemmBlocking.of(spec, target);
      assertThat(n % b.columns()).isZero();
    }
  }
}
