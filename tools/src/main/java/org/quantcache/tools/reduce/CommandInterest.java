package org.quantcache.tools.reduce;

import java.io.IOException;
import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.tools.shell.ModuleCommand;

/**
 * Runs a command of the shell on a module. The module is of interest when the command fails, or when it prints a text
 * that was given, so that one failure does not turn into another one. A command that takes too long is stopped, and shows
 * nothing.
 */
public final class CommandInterest implements Interest {
  private final ModuleCommand command;
  private final Optional<String> expected;
  private final long seconds;

  /**
   * Checks by a command.
   *
   * @param command with {@code %s} for the file, else the file is its last argument
   * @param expected text that its output holds; empty where it has to fail
   * @param seconds after which it is stopped
   */
  public CommandInterest(String command, Optional<String> expected, long seconds) {
    this.command = new ModuleCommand(command);
    this.expected = expected;
    this.seconds = seconds;
  }

  @Override
  public boolean holds(IrModule module, String text) {
    try {
      return command.run(text, seconds).filter(this::shows).isPresent();
    } catch (IOException e) {
      throw UserError.of("CL0743", "the check cannot be run: %s", e.getMessage())
          .withHint("--test takes a command of the shell, which needs 'sh' and room for files")
          .causedBy(e);
    }
  }

  private boolean shows(ModuleCommand.Outcome outcome) {
    return expected.isPresent() ? outcome.output().contains(expected.get()) : outcome.exit() != 0;
  }
}
