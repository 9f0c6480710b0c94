package org.quantcache.tools.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.passes.instruments.RewriteLimit;

/** Reads limits of rewrites, such as {@code hlc:3} or {@code 7:3}. */
final class RewriteLimits {
  private static final Pattern FORM =
      Pattern.compile("([1-9][0-9]{0,3}|[a-z][a-z-]*):([0-9]{1,9})");

  private RewriteLimits() {}

  /** @throws UserError CL0721 for another form, CL0720 when there is no such pass */
  static RewriteLimit parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw UserError.of("CL0721", "--rewrite-limit is '%s', expected PASS:N", text)
          .withHint("PASS is the name of a pass or its number in the pipeline, as in hlc:3 or 7:3");
    }
    String pass = form.group(1);
    if (!Character.isDigit(pass.charAt(0))) {
      PassNames.require("--rewrite-limit", pass);
    }
    return new RewriteLimit(pass, Long.parseLong(form.group(2)));
  }
}
