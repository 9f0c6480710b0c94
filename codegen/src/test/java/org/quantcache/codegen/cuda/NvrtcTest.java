package org.quantcache.codegen.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;

/** Which NVRTC is taken, and what happens where it cannot be. */
class NvrtcTest {
  @TempDir
  private Path folder;

  private Path install(String name) throws IOException {
    Path libraries = Files.createDirectories(folder.resolve(name).resolve("lib64"));
    Files.writeString(libraries.resolve("libnvrtc.so.12"), "no library");
    Files.writeString(libraries.resolve("libnvrtc-builtins.so.12.6.77"), "no library");
    return libraries;
  }

  @Test
  void theNewestToolkitIsTakenUnlessTheEnvironmentNamesOne() throws IOException {
    install("cuda-12.9");
    Path newest = install("cuda-12.10");
    Files.createDirectories(folder.resolve("cuda-12.11"));
    install("cuda-13.0");
    Map<String, String> nothing = Map.of();
    assertThat(Nvrtc.find(nothing, folder)).hasToString("Optional[" + newest + "/libnvrtc.so.12]");
    Map<String, String> home = Map.of("CUDA_HOME", folder.resolve("cuda-12.9").toString());
    assertThat(Nvrtc.find(home, folder))
        .hasToString("Optional[" + folder.resolve("cuda-12.9/lib64/libnvrtc.so.12") + "]");
    assertThat(Nvrtc.find(nothing, folder.resolve("nowhere"))).isEmpty();
  }

  @Test
  void aNamedFolderGoesBeforeAllElse() throws IOException {
    Path named = install("named");
    Path nvcc = Files.createFile(folder.resolve("nvcc"));
    assertThat(nvcc.toFile().setExecutable(true)).isTrue();
    Map<String, String> environment = Map.of("PATH", folder.toString());
    assertThat(CudaCompilers.find(environment, named.toString(), folder))
        .hasToString("Optional[" + named.resolve("libnvrtc.so.12") + "]");
    assertThat(CudaCompilers.find(environment, "", folder)).hasToString("Optional[" + nvcc + "]");
    Files.delete(nvcc);
    assertThat(CudaCompilers.find(environment, "", folder)).containsInstanceOf(Clang.class);
    install("cuda-12.6");
    assertThat(CudaCompilers.find(environment, "", folder))
        .hasToString("Optional[" + folder.resolve("cuda-12.6/lib64/libnvrtc.so.12") + "]");
  }

  @Test
  void aNamedFolderWithoutLibrariesIsACodedErrorThatSaysWhichIsMissing() throws IOException {
    assertThatThrownBy(() -> CudaCompilers.find(Map.of(), folder.toString(), folder))
        .isInstanceOfSatisfying(UserError.class, e -> {
          assertThat(e.code()).isEqualTo("CG0402");
          assertThat(e.getMessage()).isEqualTo(folder + " holds no libnvrtc.so.12");
        });
    Files.createFile(folder.resolve("libnvrtc.so.12"));
    assertThatThrownBy(() -> Nvrtc.in(folder))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.getMessage()).contains("libnvrtc-builtins.so.12."));
  }
}
