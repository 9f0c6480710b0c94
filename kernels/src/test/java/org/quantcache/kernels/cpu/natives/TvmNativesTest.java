package org.quantcache.kernels.cpu.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.natives.NativeCache;

class TvmNativesTest {
  private static final String LINUX = "linux-x86_64";

  @TempDir
  Path folder;

  @Test
  void theFirstUseExtractsAndLaterOnesFindTheSameFiles() throws IOException {
    NativeCache cache = new NativeCache(folder);
    Path first = TvmNatives.provide(cache, NativeMode.RUNTIME, LINUX);
    assertThat(first.resolve("libtvm_runtime.so")).isRegularFile();
    Object key =
        Files.readAttributes(first.resolve("libtvm_runtime.so"), "unix:ino").get("ino");
    assertThat(TvmNatives.provide(cache, NativeMode.RUNTIME, LINUX)).isEqualTo(first);
    assertThat(
            Files.readAttributes(first.resolve("libtvm_runtime.so"), "unix:ino").get("ino"))
        .isEqualTo(key);
  }

  @Test
  void aDamagedFolderIsMadeAgain() throws IOException {
    NativeCache cache = new NativeCache(folder);
    Path first = TvmNatives.provide(cache, NativeMode.RUNTIME, LINUX);
    Files.write(first.resolve("libtvm_runtime.so"), new byte[10]);
    Files.delete(first.resolve("libdnnl.so.2"));
    Files.createDirectories(folder.resolve(first.getFileName() + ".part"));
    Path again = TvmNatives.provide(cache, NativeMode.RUNTIME, LINUX);
    assertThat(Files.size(again.resolve("libtvm_runtime.so"))).isGreaterThan(1_000_000);
    assertThat(again.resolve("libdnnl.so.2")).isRegularFile();
    assertThat(folder.resolve(first.getFileName() + ".part")).doesNotExist();
  }

  @Test
  void aPlatformWithoutNativesIsACodedErrorAndLeavesNothing() {
    NativeCache cache = new NativeCache(folder.resolve("cache"));
    assertThatThrownBy(() -> TvmNatives.provide(cache, NativeMode.RUNTIME, "plan9-mips"))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0401"));
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @Test
  void aCacheThatCannotBeWrittenIsACodedError() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    assertThatThrownBy(() ->
            TvmNatives.provide(new NativeCache(file.resolve("cache")), NativeMode.RUNTIME, LINUX))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo("RT0402"));
  }

  @Test
  void theCacheFollowsTheEnvironment() {
    assertThat(NativeCache.ofUser(Map.of("XDG_CACHE_HOME", "/c")).root())
        .isEqualTo(Path.of("/c/quantcache"));
    assertThat(NativeCache.ofUser(Map.of()).root().toString()).endsWith(".cache/quantcache");
  }

  @Test
  void theCompilerCoversRunningButNotTheOtherWayRound() {
    assertThat(List.of(
            NativeMode.COMPILER.covers(NativeMode.RUNTIME),
            NativeMode.RUNTIME.covers(NativeMode.COMPILER)))
        .containsExactly(true, false);
  }

  @Test
  void theRunTimeLibraryLoadsAndReportsThatItCannotCompile() {
    TvmNatives.load(NativeMode.RUNTIME);
    assertThat(TvmNatives.availability(NativeMode.RUNTIME).usable()).isTrue();
    assertThatThrownBy(() -> TvmNatives.load(NativeMode.COMPILER))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.code()).isIn("RT0404", "RT0401"));
  }
}
