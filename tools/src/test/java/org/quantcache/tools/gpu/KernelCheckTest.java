package org.quantcache.tools.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.tensor.Tensor;
import org.quantcache.tools.pipeline.CompileTarget;

/** The check of kernels, on the emulation of a driver. */
@Tag("numerics")
class KernelCheckTest {
  private static final Path SOURCES =
      Path.of("../kernels/src/main/resources/org/quantcache/kernels/cuda");

  @TempDir
  private static Path folder;

  @BeforeAll
  static void compile() {
    CheckFiles.in(folder).writeKernels(CompileTarget.parse("cuda:emulated"), BuildProgress.NONE);
  }

  @Test
  void everyKernelAgreesWithTheReferenceDevice() {
    List<CheckResult> results = new ArrayList<>();
    CheckFiles.in(folder).checkKernels(results::add);

    assertThat(results).hasSameSizeAs(KernelPrograms.all());
    assertThat(results).filteredOn(result -> !result.passed()).isEmpty();
  }

  @Test
  void programsHoldEveryFamilyOfKernels() throws IOException {
    String source;
    try (ArtifactReader artifact = ArtifactReader.open(folder.resolve("kernels.qca"))) {
      source = new String(artifact.bytes(ArtifactLayout.CUDA_SOURCE), StandardCharsets.UTF_8);
    }
    Set<String> families;
    try (Stream<Path> files = Files.list(SOURCES)) {
      families = files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cu"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
    // Measures a card; nothing that is computed depends on it.
    families.remove("ceilings.cu");

    assertThat(families).allSatisfy(family -> assertThat(source).contains("// " + family + "\n"));
  }

  @Test
  void productsMeasureWhatTheyStore() throws IOException {
    try (ArtifactReader artifact = ArtifactReader.open(folder.resolve("kernels.qca"))) {
      String source =
          new String(artifact.bytes(ArtifactLayout.CUDA_SOURCE), StandardCharsets.UTF_8);

      assertThat(source.split("Probe<true, bf16>\\{held, sums\\}", -1)).hasSize(1 + 6);
    }
  }

  @Test
  void wholeNumbersAreCheckedToTheBit() {
    assertThat(KernelPrograms.all())
        .filteredOn(program -> program.name().startsWith("product_w") && program.tolerance() == 0)
        .hasSize(11);
  }

  @Test
  void distancesAreThoseOfRows() {
    Tensor expected = Tensor.of(List.of(2L, 2L), 1e30f, 0f, 1e-30f, 2e-30f);

    assertThat(RowDistance.of(expected, expected).value()).isZero();
    RowDistance far = RowDistance.of(Tensor.of(List.of(2L, 2L), 1e30f, 0f, 0f, 2e-30f), expected);
    assertThat(far.value()).isEqualTo(0.5);
    assertThat(far.at()).isEqualTo(2);
    assertThat(
            RowDistance.of(Tensor.of(List.of(2L, 2L), 1e30f, Float.NaN, 1e-30f, 2e-30f), expected)
                .value())
        .isInfinite();
  }
}
