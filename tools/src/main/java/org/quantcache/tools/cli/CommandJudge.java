package org.quantcache.tools.cli;

import java.io.IOException;
import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.passes.bisect.Judge;
import org.quantcache.tools.shell.ModuleCommand;

/** A command of the shell says whether a module is good: it exits with 0. */
final class CommandJudge implements Judge {
  /** What a shell exits with when it cannot run a command, or does not find it. */
  private static final int CANNOT_RUN = 126;

  private static final int NOT_FOUND = 127;

  private final String command;

  /** @throws UserError CL0724 when the command does not say where the file belongs */
  CommandJudge(String command) {
    if (!command.contains(ModuleCommand.FILE)) {
      throw UserError.of("CL0724", "--test is '%s', which has no %%s", command)
          .withHint("%%s stands for the file with the module, as in --test 'grep -q fused %%s'");
    }
    this.command = command;
  }

  @Override
  public Optional<String> problem(IrModule module) {
    String text = IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
    try {
      // Who bisects knows how long the command takes.
      int exit =
          new ModuleCommand(command).run(text, Long.MAX_VALUE).orElseThrow().exit();
      if (exit == CANNOT_RUN || exit == NOT_FOUND) {
        throw UserError.of("CL0725", "--test: the shell cannot run '%s'", command)
            .withHint("run it by hand on a .qir file first");
      }
      return exit == 0 ? Optional.empty() : Optional.of("the test exits with " + exit);
    } catch (IOException e) {
      throw UserError.of("CL0725", "--test: cannot run '%s': %s", command, e.getMessage())
          .withHint("run it by hand on a .qir file first")
          .causedBy(e);
    }
  }
}
