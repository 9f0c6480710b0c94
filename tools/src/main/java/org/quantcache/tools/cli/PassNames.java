package org.quantcache.tools.cli;

import java.util.Set;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.pipelines.AllPasses;

/** Names of passes in options. */
final class PassNames {
  private PassNames() {}

  /** @throws UserError CL0720 when there is no pass of this name */
  static void require(String option, String name) {
    Set<String> known = AllPasses.byName().keySet();
    if (!known.contains(name)) {
      throw UserError.of("CL0720", "%s names '%s', which is no pass", option, name)
          .withHint(
              "%sknown: %s",
              NearestName.of(name, known).map(n -> "did you mean '" + n + "'? ").orElse(""), known);
    }
  }
}
