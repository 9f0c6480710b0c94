package org.quantcache.tools.reduce;

import java.util.List;
import java.util.Optional;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.passes.calibration.Calibration;
import org.quantcache.passes.core.PassManager;
import org.quantcache.passes.instruments.VerifyEach;
import org.quantcache.passes.pipelines.AllPasses;

/**
 * A module is of interest when a pipeline fails on it as it failed on the first one: with the same code, and a message
 * that holds a text where one is given, so that one failure does not turn into another one of its kind.
 */
public final class PipelineInterest implements Interest {
  private final String passes;
  private final Optional<Calibration> calibration;
  private final String expected;
  private final String failure;

  /**
   * Runs the pipeline once to see how it fails.
   *
   * @param expected text that the message of the failure holds, empty for any
   * @param module which the pipeline changes
   * @throws UserError CL0740 when it does not fail, or says something else; PA01xx for text that is no pipeline
   */
  public PipelineInterest(
      String passes, Optional<Calibration> calibration, String expected, IrModule module) {
    this.expected = expected;
    this.passes = passes;
    this.calibration = calibration;
    // What is wrong with the text of the passes is no failure of them.
    AllPasses.parse(passes, calibration);
    this.failure = failureOn(module)
        .orElseThrow(
            () -> UserError.of(
                    "CL0740",
                    "the passes do not fail on this module%s",
                    expected.isEmpty() ? "" : " with '" + expected + "'")
                .withHint(
                    "give the passes that fail, and in --expect a part of what they say, or --test 'CMD'"));
  }

  /** The code, or for a fault inside of a pass what was thrown. */
  public String failure() {
    return failure;
  }

  @Override
  public boolean holds(IrModule module, String text) {
    return failureOn(module).filter(failure::equals).isPresent();
  }

  private Optional<String> failureOn(IrModule module) {
    try {
      // Passes are parsed anew: some of them keep what they found in the module before.
      new PassManager(StandardOps.registry(), List.of(new VerifyEach()))
          .run(AllPasses.parse(passes, calibration), module);
      return Optional.empty();
    } catch (UserError e) {
      return said(e, e.code());
    } catch (RuntimeException | StackOverflowError e) {
      return said(e, e.getClass().getName());
    }
  }

  private Optional<String> said(Throwable failed, String kind) {
    return String.valueOf(failed.getMessage()).contains(expected)
        ? Optional.of(kind)
        : Optional.empty();
  }
}
