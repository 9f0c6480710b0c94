package org.quantcache.ir.verify;

import org.quantcache.ir.core.OpChecks;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.diagnostics.IrCode;

/** What an operation alone must fulfil, checked again after it was rewritten. */
final class OperationChecks {
  private OperationChecks() {}

  static void check(Operation operation, Diagnostics diagnostics, boolean requireLocation) {
    if (requireLocation && !operation.location().isKnown()) {
      diagnostics.error(
          IrCode.NO_LOCATION,
          operation.location(),
          "'%s' does not say where it comes from",
          operation.name());
    }
    try {
      OpChecks.form(operation);
    } catch (IllegalArgumentException e) {
      diagnostics.error(IrCode.BROKEN_FORM, operation.location(), "%s", e.getMessage());
      return;
    }
    try {
      OpChecks.types(operation);
    } catch (IllegalArgumentException e) {
      diagnostics.error(IrCode.BROKEN_TYPES, operation.location(), "%s", e.getMessage());
    }
  }
}
