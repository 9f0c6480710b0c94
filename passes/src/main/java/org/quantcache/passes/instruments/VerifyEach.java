package org.quantcache.passes.instruments;

import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.verify.Verifier;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.memory.MemoryPlanChecker;

/**
 * Verifies the module before the first pass and after every one. Stands first in the list of instruments, so that the
 * others have seen a broken module before this one refuses it.
 */
public final class VerifyEach implements PassInstrument {
  private final Verifier verifier = Verifier.standard();

  /** @throws UserError IR02xx, IR03xx or PA0301 with everything that is wrong with the input */
  @Override
  public void start(IrModule module) {
    verifier.require(module);
    checkPlan(module);
  }

  /** @throws UserError PA0108 when the pass left a module that does not hold */
  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    Diagnostics found = verifier.verify(module);
    if (found.hasErrors()) {
      throw broken(number, pass, found.toUserError());
    }
    try {
      checkPlan(module);
    } catch (UserError e) {
      throw broken(number, pass, e);
    }
  }

  private static void checkPlan(IrModule module) {
    if (Stage.of(module).contains(Stage.PLANNED)) {
      MemoryPlanChecker.check(module);
    }
  }

  private static UserError broken(int number, PassInfo pass, UserError cause) {
    return UserError.of(
            "PA0108",
            "pass '%s' (#%d) left a module that does not hold: %s: %s",
            pass.name(),
            number,
            cause.code(),
            cause.getMessage())
        .withHint("this is a fault of the pass; a dump folder shows the module before and after it")
        .causedBy(cause);
  }
}
