package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.executor.TinyModel;
import org.quantcache.ir.diagnostics.UserError;

/**
 * NVRTC through JCuda. A library that stands in for it shows what is asked of it, in a process of its own, since a
 * process has one NVRTC for its whole life. Where a real one is, it compiles the kernels.
 */
class NvrtcCallsTest {
  private static final String VERSION_SCRIPT = "libnvrtc.so.12 { global: nvrtc*; };";

  @TempDir
  private Path folder;

  /** Says what comes back from the NVRTC of a folder. */
  static final class Probe {
    public static void main(String[] arguments) {
      Nvrtc nvrtc = Nvrtc.in(Path.of(arguments[0]));
      say(nvrtc::version);
      say(() -> text(nvrtc.cubin("add", "sm_80").code()));
      say(() -> nvrtc.cubin("add", "sm_80").usage());
      say(() -> text(nvrtc.ptx("add")));
      say(() -> text(nvrtc.ptx("broken")));
    }

    private static String text(byte[] code) {
      return new String(code, StandardCharsets.UTF_8).replace("\0", "");
    }

    private static void say(Supplier<Object> what) {
      try {
        System.out.println(what.get());
      } catch (UserError e) {
        System.out.println(e.code() + " " + e.getMessage());
      }
    }
  }

  private void build(String library, String source, String... options)
      throws IOException, InterruptedException {
    Path text = Files.writeString(folder.resolve("source.cpp"), source);
    List<String> command = new ArrayList<>(List.of("g++", "-shared", "-fPIC", "-std=c++17"));
    command.addAll(List.of("-o", folder.resolve(library).toString(), text.toString(), "-ldl"));
    command.addAll(List.of(options));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private List<String> probe() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            Probe.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }

  private void standIn(String... options) throws IOException, InterruptedException {
    build("libnvrtc-builtins.so.12.6.77", "", "-Wl,-soname,libnvrtc-builtins.so.12.6");
    try (InputStream in = NvrtcCallsTest.class.getResourceAsStream("nvrtc_stand_in.cpp")) {
      build("libnvrtc.so.12", new String(in.readAllBytes(), StandardCharsets.UTF_8), options);
    }
  }

  @Test
  void sourceAndOptionsArriveAndCodeUsageAndMessagesComeBack()
      throws IOException, InterruptedException {
    Path script = Files.writeString(folder.resolve("versions"), VERSION_SCRIPT);
    standIn("-Wl,-soname,libnvrtc.so.12", "-Wl,--version-script=" + script);
    String options = "kernels.cu --std=c++17 --ptxas-options=-v --gpu-architecture=";
    assertThat(probe())
        .containsExactly(
            "NVRTC 12.6",
            options + "sm_80 add",
            "[ResourceUsage[kernel=add, registers=12, sharedBytes=0, spillBytes=4]]",
            options + "compute_80 add",
            "CG0403 NVRTC 12.6 refuses the kernels for compute_80: kernels.cu(2): error: that");
  }

  @Test
  void theLibraryOfAnotherMajorVersionIsACodedError() throws IOException, InterruptedException {
    standIn("-Wl,-soname,libnvrtc.so.13");
    assertThat(probe())
        .hasSize(5)
        .allSatisfy(line -> assertThat(line)
            .startsWith("RT0403 cannot load NVRTC of " + folder + "/libnvrtc.so.12: "));
  }

  @Test
  void theRealOneCompilesEveryKernelForTheCardsThatItKnows() {
    String named = System.getProperty(CudaCompilers.NVRTC, "");
    Optional<Nvrtc> nvrtc = named.isEmpty()
        ? Nvrtc.find(System.getenv(), Path.of("/usr/local"))
        : Optional.of(Nvrtc.in(Path.of(named)));
    assumeTrue(nvrtc.isPresent(), "no NVRTC of CUDA 12 on this machine");
    CudaBackend.Output output = new CudaBackend(
            CudaTarget.of(List.of("sm_80", "sm_86", "sm_89", "sm_90a")),
            () -> new CachedCompiler(nvrtc.get(), CodeCache.ofUser()))
        .compile(TinyModel.narrowed(), (done, total) -> {});
    assertThat(output.compiler()).hasValueSatisfying(name -> assertThat(name).startsWith("NVRTC"));
    for (Map.Entry<String, List<ResourceUsage>> card : output.usage().entrySet()) {
      assertThat(card.getValue()).as(card.getKey()).hasSize(output.geometry().size());
    }
  }
}
