package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.CudaFootprint;
import org.quantcache.kernels.cuda.CudaProgram;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** What cannot run says why and what to do, and leaves the device usable. */
class CudaProgramErrorsTest {
  private static final int DRIVER = 12060;
  private static final int CAPABILITY = 80;

  @TempDir
  private static Path folder;

  private static Path emulated;

  @BeforeAll
  static void compile() {
    EmulatedDriver.load();
    emulated = TinyArtifact.write(folder.resolve("emulated.qca"), CudaTarget.EMULATED);
  }

  @AfterEach
  void restore() {
    EmulatedDriver.setVersions(DRIVER, CAPABILITY);
    EmulatedDriver.setCapacity(4L << 30);
    try (ArtifactReader artifact = ArtifactReader.open(emulated);
        CudaProgram program = CudaProgram.load(artifact, "rest")) {
      assertThat(program.signature().parameters()).isNotEmpty();
    }
  }

  private static void assertRefused(Path path, String code, String hint) {
    try (ArtifactReader artifact = ArtifactReader.open(path)) {
      assertThatThrownBy(() -> CudaProgram.load(artifact, "sample"))
          .isInstanceOfSatisfying(UserError.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.hint()).contains(hint);
          });
    }
  }

  @Test
  void aDriverThatIsTooOld() {
    EmulatedDriver.setVersions(11080, CAPABILITY);
    assertRefused(emulated, "RT0503", "CUDA 12.0");
  }

  @Test
  void aDeviceThatIsTooOld() {
    EmulatedDriver.setVersions(DRIVER, 75);
    assertRefused(emulated, "RT0505", "Ampere");
  }

  @Test
  void aDeviceWithoutRoomForTheWeightsOrTheArena() {
    EmulatedDriver.setCapacity(4 << 10);
    assertRefused(emulated, "RT0506", "round more weights");
  }

  @Test
  void memoryIsStatedBeforeItIsTaken() {
    try (ArtifactReader artifact = ArtifactReader.open(emulated);
        CudaDevice device = CudaDevice.open()) {
      CudaFootprint footprint = CudaFootprint.of(artifact, "sample");
      long free = device.freeBytes();
      try (CudaProgram program = CudaProgram.load(artifact, "sample")) {
        assertThat(program.signature().parameters()).isNotEmpty();
        assertThat(free - device.freeBytes()).isEqualTo(footprint.weights() + footprint.arena());
      }
    }
  }

  @Test
  void anArtifactForOtherDevices() {
    assumeTrue(CudaCompilers.find().isPresent(), "code for cards needs a compiler");
    assertRefused(
        TinyArtifact.write(folder.resolve("other.qca"), "sm_90a"),
        "RT0514",
        "--target cuda:emulated");
  }

  @Test
  void anArtifactWithOneByteChanged() throws IOException {
    byte[] bytes = Files.readAllBytes(emulated);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\177ELF");
    bytes[at + 1000] ^= 1;
    Path damaged = Files.write(folder.resolve("damaged.qca"), bytes);
    assertThatThrownBy(() -> ArtifactReader.open(damaged))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.code()).isIn("RT0202", "RT0206"));
  }
}
