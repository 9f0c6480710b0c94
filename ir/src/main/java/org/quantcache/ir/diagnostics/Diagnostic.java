package org.quantcache.ir.diagnostics;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Objects;
import org.quantcache.ir.core.Location;

/**
 * One finding about a program.
 *
 * @param code stable identifier, see {@link IrCode}
 * @param severity whether the program can be used
 * @param location where; the place in a text when there is one, else module paths
 * @param message what was found and what was expected
 * @param notes further facts, one a line
 * @param hint what to try, or the empty string
 */
public record Diagnostic(
    String code,
    Severity severity,
    Location location,
    String message,
    List<String> notes,
    String hint) {
  public Diagnostic {
    Objects.requireNonNull(code);
    Objects.requireNonNull(severity);
    Objects.requireNonNull(location);
    Objects.requireNonNull(message);
    Objects.requireNonNull(hint);
    notes = ImmutableList.copyOf(notes);
  }

  /** An error without notes. */
  public static Diagnostic error(IrCode code, Location location, String message) {
    return new Diagnostic(code.code(), Severity.ERROR, location, message, List.of(), "");
  }

  /** The same finding with what to try. */
  public Diagnostic withHint(String text) {
    return new Diagnostic(code, severity, location, message, notes, text);
  }

  /** The same finding with one more fact. */
  public Diagnostic withNote(String text) {
    List<String> more = ImmutableList.<String>builder().addAll(notes).add(text).build();
    return new Diagnostic(code, severity, location, message, more, hint);
  }
}
