package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * What one command of the command line, run in this process, did.
 *
 * @param exit exit code
 * @param out standard output
 * @param err standard error
 */
record CommandRun(List<String> arguments, int exit, String out, String err) {
  static CommandRun of(String... arguments) {
    return of(List.of(arguments));
  }

  static CommandRun of(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Qcc.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    return new CommandRun(arguments, exit, out.toString(), err.toString());
  }

  CommandRun assertWorked() {
    assertThat(exit).as("exit code of %s%n%s", arguments, err).isZero();
    assertThat(err).doesNotContain("error[");
    return this;
  }

  /** One coded error line, no stack trace, the exit code of a job that failed. */
  CommandRun assertRefused(String code) {
    return assertFailed(1, code);
  }

  /** The same for a command that was not understood. */
  CommandRun assertMisused() {
    return assertFailed(2, "CL0001");
  }

  private CommandRun assertFailed(int expectedExit, String code) {
    assertThat(exit).as("exit code of %s%n%s", arguments, err).isEqualTo(expectedExit);
    assertThat(err.lines().filter(line -> line.startsWith("error[")))
        .as("errors of %s%n%s", arguments, err)
        .singleElement()
        .asString()
        .matches("error\\[" + code + "\\]: \\S.*");
    assertThat(err.lines()).noneMatch(line -> line.startsWith("\tat "));
    assertThat(err)
        .doesNotContain("Exception", "org.quantcache.", ": null" + System.lineSeparator());
    return this;
  }
}
