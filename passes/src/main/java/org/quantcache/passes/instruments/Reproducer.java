package org.quantcache.passes.instruments;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/**
 * When a pass fails, or an instrument refuses what it left, writes one file that fails again: the command as a comment, the
 * error as comments, and the module as it stood before the pass. Weights are references, so the checkpoint need not be there.
 */
public final class Reproducer implements PassInstrument {
  private final Path file;
  private final List<String> flags;
  private final List<RewriteLimit> limits;
  private String step = "";
  private String text = "";
  private boolean written;

  /**
   * A reproducer that is written when it is needed.
   *
   * @param file where to
   * @param flags what {@code opt} needs besides the pass to see the failure, such as {@code --diff-exec}
   * @param limits limits of rewrites under which the passes run
   */
  public Reproducer(Path file, List<String> flags, List<RewriteLimit> limits) {
    this.file = file;
    this.flags = List.copyOf(flags);
    this.limits = List.copyOf(limits);
  }

  /** The file, if a pass failed. */
  public Optional<Path> written() {
    return written ? Optional.of(file) : Optional.empty();
  }

  @Override
  public void next(int number, PassInfo pass, String stepText) {
    step = stepText;
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    text = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
  }

  /** @throws UserError RT0301 when the file cannot be written */
  @Override
  public void failed(int number, PassInfo pass, IrModule module, RuntimeException cause) {
    List<String> command = new ArrayList<>();
    command.add("qcc opt " + quoted(file.getFileName().toString()));
    command.add("--passes=" + quoted(step));
    command.addAll(flags);
    limits.stream()
        .filter(limit -> limit.concerns(number, pass))
        .forEach(limit -> command.add("--rewrite-limit=" + limit.text(pass.name())));
    String head = "// reproduce: " + String.join(" ", command) + "\n";
    String error =
        error(cause).lines().map(line -> "// " + line + "\n").collect(Collectors.joining());
    AtomicFile.write(file, (head + error + text).getBytes(StandardCharsets.UTF_8));
    written = true;
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9._/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** What a user sees of an error; of a failure inside the program, where it happened. */
  private static String error(RuntimeException cause) {
    if (cause instanceof UserError error) {
      return error.report();
    }
    StringWriter out = new StringWriter();
    cause.printStackTrace(new PrintWriter(out));
    return out.toString();
  }
}
