package org.quantcache.kernels.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cuda.CudaDevice;
import org.quantcache.kernels.cuda.emulation.EmulatedDriver;

/** What can be seen only in a process that has loaded nothing yet. */
class CudaNativesTest {
  @TempDir
  Path folder;

  /** Asks for the device of the machine, then for the emulated one. */
  static final class Probe {
    public static void main(String[] arguments) {
      String before = System.getProperty("java.io.tmpdir");
      say(() -> CudaDevice.open().isEmulated());
      say(() -> {
        EmulatedDriver.load();
        return CudaDevice.open().isEmulated();
      });
      System.out.println(before.equals(System.getProperty("java.io.tmpdir")));
    }

    private static void say(Supplier<Object> what) {
      try {
        System.out.println(what.get());
      } catch (UserError e) {
        System.out.println(e.code());
      }
    }
  }

  @Test
  void processesThatStartTogetherGetOneDriverEach() throws IOException, InterruptedException {
    Path cache = folder.resolve("cache");
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx128m",
              "-Dquantcache.cache=" + cache,
              "-Djava.io.tmpdir=" + temporary,
              "-cp",
              System.getProperty("java.class.path"),
              Probe.class.getName())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start());
    }
    for (Process process : processes) {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      // With NVIDIA's driver, whatever device it has, the emulation cannot come in its place.
      if (said.startsWith("RT0501")) {
        assertThat(said.lines()).containsExactly("RT0501", "true", "true");
      } else {
        assertThat(said.lines().skip(1)).containsExactly("RT0502", "true");
      }
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left.filter(file -> file.toString().contains("JCuda"))).isEmpty();
    }
    try (Stream<Path> left = Files.list(cache)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".part"));
    }
  }
}
