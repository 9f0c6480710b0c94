package org.quantcache.tools.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.quantcache.codegen.cuda.CudaCompilers;
import org.quantcache.codegen.tir.CpuTarget;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;
import org.quantcache.kernels.cuda.CudaDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code qcc doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "What this machine can run, and what to do about the rest.")
final class DoctorCommand extends Verb {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** One thing that was looked at. */
  record Finding(String subject, boolean ok, String found, String fix) {}

  @Override
  void execute() {
    List<Finding> findings = new ArrayList<>();
    findings.add(new Finding(
        "java", true, System.getProperty("java.vm.name") + " " + Runtime.version(), ""));
    findings.add(new Finding(
        "java compiler",
        ToolProvider.getSystemJavaCompiler() != null,
        ToolProvider.getSystemJavaCompiler() != null ? "in process" : "none",
        ToolProvider.getSystemJavaCompiler() != null ? "" : "run with a JDK, not a JRE"));
    findings.add(new Finding(
        "processors",
        true,
        Runtime.getRuntime().availableProcessors() + ", " + System.getProperty("os.arch"),
        ""));
    findings.add(
        new Finding("heap", true, (Runtime.getRuntime().maxMemory() >> 20) + " MiB at most", ""));
    findings.add(new Finding("target reference", true, "plain Java, slow", ""));
    findings.add(natives("target cpu: run", NativeMode.RUNTIME));
    Finding compiler = natives("target cpu: compile", NativeMode.COMPILER);
    findings.add(compiler);
    if (compiler.ok()) {
      findings.add(processor());
    }
    findings.add(card());
    findings.add(cudaCompiler());
    findings.add(temporaryFolder());
    if (json) {
      printJson(findings);
      return;
    }
    for (Finding finding : findings) {
      out()
          .printf(
              "%-4s %-22s %s%n", finding.ok() ? "ok" : "NO", finding.subject(), finding.found());
      if (!finding.fix().isEmpty()) {
        out().printf("     %-22s fix: %s%n", "", finding.fix());
      }
    }
  }

  private static Finding natives(String subject, NativeMode mode) {
    TvmNatives.Availability found = TvmNatives.availability(mode);
    return new Finding(subject, found.usable(), found.detail(), found.hint());
  }

  private static Finding processor() {
    try {
      CpuTarget host = CpuTarget.host();
      return new Finding(
          "processor",
          true,
          host.cpu() + ", " + host.lanes() + " floats a vector, register tile " + host.tileRows()
              + " x " + host.panelWidth(),
          "");
    } catch (UserError e) {
      return new Finding("processor", false, e.getMessage(), e.hint());
    }
  }

  private static Finding card() {
    try (CudaDevice device = CudaDevice.open()) {
      return new Finding(
          "target cuda: run",
          true,
          "%s, compute capability %d.%d, %d MiB, driver for CUDA %d.%d"
              .formatted(
                  device.name(),
                  device.computeCapability() / 10,
                  device.computeCapability() % 10,
                  device.totalBytes() >> 20,
                  device.driverVersion() / 1000,
                  device.driverVersion() % 1000 / 10),
          "");
    } catch (UserError e) {
      return new Finding("target cuda: run", false, e.getMessage(), e.hint());
    }
  }

  private static Finding cudaCompiler() {
    String subject = "target cuda: compile";
    try {
      return CudaCompilers.find()
          .map(found -> new Finding(subject, true, found.toString(), ""))
          .orElseGet(() -> new Finding(subject, false, "no compiler", CudaCompilers.hint()));
    } catch (UserError e) {
      return new Finding(subject, false, e.getMessage(), e.hint());
    }
  }

  private static Finding temporaryFolder() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    boolean ok = Files.isWritable(folder);
    return new Finding(
        "temporary folder",
        ok,
        folder.toString(),
        ok ? "" : "give another one: -Djava.io.tmpdir=FOLDER");
  }
}
