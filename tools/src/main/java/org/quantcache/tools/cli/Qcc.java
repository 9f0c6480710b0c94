package org.quantcache.tools.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.quantcache.ir.core.Signature;
import org.quantcache.ir.diagnostics.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line. Exit codes: 0 it worked, 1 the job failed, 2 the command was not understood. */
@Command(
    name = "qcc",
    version = "quantcache 0.1.0",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB",
    description = "Ahead-of-time compiler for video diffusion transformers.",
    subcommands = {
      DemoCommand.class,
      CompileCommand.class,
      RunCommand.class,
      ReportCommand.class,
      ExplainCommand.class,
      ExportCommand.class,
      EvalCommand.class,
      SampleCommand.class,
      ImportCommand.class,
      OptCommand.class,
      BisectCommand.class,
      InspectCommand.class,
      CompareCommand.class,
      CompareLayersCommand.class,
      DiffCommand.class,
      ReduceCommand.class,
      DebugCommand.class,
      CalibrateCommand.class,
      ScheduleCommand.class,
      BenchCommand.class,
      CheckGpuCommand.class,
      SynthModelCommand.class,
      DoctorCommand.class
    })
public final class Qcc {
  @Option(
      names = "--stack-trace",
      scope = ScopeType.INHERIT,
      description = "On failure also print where in the program it happened.")
  private boolean stackTrace;

  private Qcc() {}

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, arguments));
  }

  /** Runs one command. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    Qcc root = new Qcc();
    CommandLine line = new CommandLine(root)
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, command, parsed) -> root.failed(failure, err))
        .setParameterExceptionHandler((problem, given) -> {
          err.println("error[CL0001]: " + problem.getMessage());
          err.println("hint: see 'qcc " + verb(problem.getCommandLine()) + "--help'");
          if (given.length == 0) {
            problem.getCommandLine().usage(err);
          }
          return 2;
        });
    return line.execute(arguments);
  }

  private static String verb(CommandLine command) {
    return command.getParent() == null
        ? ""
        : verb(command.getParent()) + command.getCommandName() + " ";
  }

  private int failed(Exception failure, PrintWriter err) {
    if (stackTrace) {
      failure.printStackTrace(err);
    }
    if (failure instanceof UserError error) {
      err.println(error.report());
    } else if (failure instanceof Signature.TypeProblem
        || failure instanceof IllegalArgumentException) {
      err.println("error[CL0002]: " + failure.getMessage());
    } else {
      err.println("error[CL0003]: internal failure: " + failure);
      err.println("hint: please report this with the output of --stack-trace");
    }
    return 1;
  }
}
