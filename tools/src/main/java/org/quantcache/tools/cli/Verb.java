package org.quantcache.tools.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.ir.diagnostics.UserError;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all verbs share: the streams, progress, JSON, and one place for failures of the machine. */
abstract class Verb implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Spec
  private CommandSpec spec;

  /** Does the job. */
  abstract void execute() throws Exception;

  /** Exit status of a job that did not fail; one that asks a question answers with it. */
  int status() {
    return 0;
  }

  @Override
  public final Integer call() throws Exception {
    try {
      execute();
      return status();
    } catch (OutOfMemoryError e) {
      throw UserError.of("CL0004", "out of memory: %s", e.getMessage())
          .withHint("use smaller sizes, or give Java more heap: QCC_JAVA_OPTS=-Xmx4g");
    } catch (LinkageError | StackOverflowError e) {
      throw UserError.of("CL0003", "internal failure: %s", e)
          .withHint("please report this with the output of --stack-trace")
          .causedBy(e);
    } catch (AccessDeniedException e) {
      throw UserError.of("CL0005", "no permission: %s", e.getMessage()).causedBy(e);
    }
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** A line on standard error that says what is going on. */
  final void say(String format, Object... arguments) {
    err().printf(Locale.ROOT, format + "%n", arguments);
  }

  final Progress progress(String what) {
    return new Progress(err(), what);
  }

  /** One line for the kernels, one for the weights, one that says what was in the cache of code for cards. */
  final BuildProgress buildProgress() {
    Map<BuildProgress.Phase, Progress> lines = Map.of(
        BuildProgress.Phase.KERNELS, progress("kernels"),
        BuildProgress.Phase.WEIGHTS, progress("weights"));
    return new BuildProgress() {
      @Override
      public void advanced(Phase phase, long done, long total) {
        lines.get(phase).show(done, total);
      }

      @Override
      public void compiled(Code code) {
        say(
            "%d kernels in %d forms, %d of them from the cache, the others by %s",
            code.kernels(), code.images(), code.cached(), code.compiler());
      }
    };
  }

  final void printJson(Object value) {
    out().println(json(value));
  }

  /** The text of a JSON file. */
  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records are writable as JSON", e);
    }
  }

  /** Makes a folder for results, unless it is there, and checks that files can be written. @throws UserError RT0301 */
  static void requireFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw UserError.of("RT0301", "cannot make folder %s", folder)
          .withHint("name a folder that can be made and written")
          .causedBy(e);
    }
    requireWritable(folder.resolve("results"));
  }

  /** Checks before a long job that its result can be written. @throws UserError RT0301 */
  static void requireWritable(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw UserError.of("RT0301", "cannot write %s: its folder does not exist", target)
          .withHint("make the folder first");
    }
    if (Files.isDirectory(target)) {
      throw UserError.of("RT0301", "cannot write %s: it is a folder", target)
          .withHint("name a file");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw UserError.of("RT0301", "cannot write %s: it is a device or a pipe", target)
          .withHint("name a file");
    }
    if (!Files.isWritable(folder)) {
      throw UserError.of("RT0301", "cannot write %s: permission denied", target)
          .withHint("check the folder and its permissions");
    }
  }
}
