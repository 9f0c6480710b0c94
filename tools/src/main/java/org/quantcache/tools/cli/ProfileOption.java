package org.quantcache.tools.cli;

import java.nio.file.Path;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.executor.CompiledProgram;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.tools.video.ProfileFile;
import org.quantcache.tools.video.RunProfile;
import picocli.CommandLine.Option;

/** Where it is written what each launch took. */
final class ProfileOption {
  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "Write what each step and each launch of a kernel took (JSON).")
  private Path file;

  private final LaunchProfile profile = new LaunchProfile();

  /** Checks before anything runs. @throws UserError RT0301 */
  void require() {
    if (file != null) {
      Verb.requireWritable(file);
    }
  }

  /** Measures the next runs of a program where that was asked for. @throws UserError CL0764 when it has no launches */
  void follow(Program program) {
    if (file == null) {
      return;
    }
    if (!(program instanceof CompiledProgram compiled)) {
      throw UserError.of(
              "CL0764", "the reference device launches no kernels, so there is nothing to profile")
          .withHint("compile for the cpu device: --target cpu");
    }
    compiled.profileInto(profile);
  }

  /** Writes the profile where that was asked for. */
  void report(Verb verb, String device) {
    if (file != null) {
      ProfileFile.write(file, RunProfile.of(device, profile));
      verb.say("wrote %s", file);
    }
  }
}
