package org.quantcache.codegen.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.codegen.cuda.CompilerProcess.Told;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.natives.NativeCache;
import org.quantcache.kernels.natives.NativeFile;

/**
 * LLVM's clang, then {@link PtxAssembler}: both come in jars that this module needs anyway, so that nothing of CUDA has to
 * be on the machine. For cards up to Hopper.
 */
final class Clang implements CudaCompiler {
  private static final List<String> OPTIONS = List.of(
      "-x",
      "cuda",
      "--cuda-gpu-arch=sm_80",
      "--cuda-device-only",
      "-nocudainc",
      "-nocudalib",
      // The newest version of PTX that the assembler reads.
      "--cuda-feature=+ptx80",
      "-std=c++17",
      "-O3",
      "-S");
  private static final Pattern VERSION = Pattern.compile("clang version (\\d+(\\.\\d+)+)");

  private final String words = words();
  private String version = "";
  private final Map<String, byte[]> translated = new HashMap<>();

  private Clang() {}

  /** The one of the class path; empty where it has none for this platform. */
  static Optional<Clang> find() {
    return files().stream().allMatch(NativeFile::isThere)
        ? Optional.of(new Clang())
        : Optional.empty();
  }

  private static List<NativeFile> files() {
    String folder = "/org/bytedeco/llvm/" + NativeFile.platform() + "/";
    return List.of(
        new NativeFile("clang", folder + "clang", true),
        NativeFile.library("libclang-cpp.so.19.1", folder + "libclang-cpp.so.19.1"),
        NativeFile.library("libLLVM.so.19.1", folder + "libLLVM.so.19.1"));
  }

  private static String words() {
    try (InputStream in = Clang.class.getResourceAsStream("clang.cuh")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it is. */
  @Override
  public String toString() {
    return "clang and ptxas of this program, for " + String.join(", ", PtxAssembler.CARDS);
  }

  @Override
  public synchronized String version() {
    if (version.isEmpty()) {
      Told told = CompilerProcess.inFolder(folder -> run(folder, List.of("--version")));
      Matcher number = VERSION.matcher(told.messages());
      if (told.status() != 0 || !number.find()) {
        throw UserError.of("CG0402", "clang does not run on this machine: %s", told.messages())
            .withHint("%s", CudaCompilers.hint());
      }
      version = "clang " + number.group(1) + ", " + PtxAssembler.version();
    }
    return version;
  }

  @Override
  public String identity() {
    return version() + " " + String.join(" ", OPTIONS) + "\n" + words;
  }

  /** All cards get what it makes for the oldest. */
  @Override
  public boolean knowsWarpgroups() {
    return false;
  }

  @Override
  public Compiled cubin(String text, String architecture) {
    if (!PtxAssembler.CARDS.contains(architecture)) {
      throw UserError.of(
              "CG0402", "no compiler for %s on this machine, only %s", architecture, this)
          .withHint(
              "%s; or compile with --target cuda:%s",
              CudaCompilers.hint(), String.join(",", PtxAssembler.CARDS));
    }
    return PtxAssembler.cubin(ptx(text), architecture);
  }

  /** Remembers what it made, which cards share. */
  @Override
  public synchronized byte[] ptx(String text) {
    return translated.computeIfAbsent(text, this::translate);
  }

  private byte[] translate(String text) {
    return CompilerProcess.inFolder(folder -> {
      Path input = folder.resolve("kernels.cu");
      Path output = folder.resolve("kernels.ptx");
      Files.writeString(input, words + "#line 1 \"kernels.cu\"\n" + text);
      List<String> arguments = new ArrayList<>(OPTIONS);
      arguments.addAll(List.of("-o", output.toString(), input.toString()));
      Told told = run(folder, arguments);
      if (told.status() != 0) {
        throw CompilerMessages.refused(version(), VIRTUAL, told.messages());
      }
      return Files.readAllBytes(output);
    });
  }

  private static Told run(Path folder, List<String> arguments) throws IOException {
    Path natives = NativeCache.ofUser(System.getenv())
        .provide("clang", files(), "this build of clang runs on linux-x86_64");
    List<String> command = new ArrayList<>(List.of(natives.resolve("clang").toString()));
    command.addAll(arguments);
    return CompilerProcess.run(folder, command, Map.of("LD_LIBRARY_PATH", natives.toString()));
  }
}
