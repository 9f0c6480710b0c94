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

/** A module is of interest when a pipeline fails on it as it failed on the first one: with the same code. */
public final class PipelineInterest implements Interest {
  private final String passes;
  private final Optional<Calibration> calibration;
  private final String failure;

  /**
   * Runs the pipeline once to see how it fails.
   *
   * @param module which the pipeline changes
   * @throws UserError CL0740 when it does not fail
   */
  public PipelineInterest(String passes, Optional<Calibration> calibration, IrModule module) {
    this.passes = passes;
    this.calibration = calibration;
    this.failure = failureOn(module)
        .orElseThrow(() -> UserError.of("CL0740", "the passes do not fail on this module")
            .withHint("give the passes that fail, or a check of another kind: --test 'CMD'"));
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
      return Optional.of(e.code());
    } catch (RuntimeException | StackOverflowError e) {
      return Optional.of(e.getClass().getName());
    }
  }
}
