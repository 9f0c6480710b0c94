package org.quantcache.ir.diagnostics;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.core.Location;

/**
 * Collects findings, so that one run reports all of them. Rendered as {@code file:line:col: error[CODE]: message}, the
 * source line with a caret where the text is known, {@code note:} lines and one {@code hint:}.
 */
public final class Diagnostics {
  private static final int MOST_SHOWN = 50;

  private final List<Diagnostic> findings = new ArrayList<>();
  private final Map<String, List<String>> sources = new HashMap<>();

  /** Makes the lines of {@code file} known, to show them beside findings. */
  public void addSource(String file, String text) {
    sources.put(file, List.of(text.replace("\r\n", "\n").split("\n", -1)));
  }

  public void add(Diagnostic finding) {
    findings.add(finding);
  }

  /** Adds an error; the message is formatted with {@link Locale#ROOT} when there are arguments. */
  public void error(IrCode code, Location location, String format, Object... arguments) {
    String message = arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments);
    add(Diagnostic.error(code, location, message));
  }

  /** All findings in the order in which they were made. */
  public List<Diagnostic> all() {
    return ImmutableList.copyOf(findings);
  }

  public List<Diagnostic> errors() {
    return findings.stream().filter(d -> d.severity() == Severity.ERROR).toList();
  }

  public boolean hasErrors() {
    return findings.stream().anyMatch(d -> d.severity() == Severity.ERROR);
  }

  /** Every finding in full; the empty string when there is none. */
  public String render() {
    return render(findings, true);
  }

  /** @throws UserError with all errors in its message; its code and hint are those of the first */
  public void throwIfErrors() {
    if (hasErrors()) {
      throw toUserError();
    }
  }

  /** All errors as one exception. There must be one. */
  public UserError toUserError() {
    List<Diagnostic> errors = errors();
    Diagnostic first = errors.get(0);
    StringBuilder text = new StringBuilder(place(first) + first.message());
    text.append(details(first, errors.size() > 1));
    if (errors.size() > 1) {
      text.append('\n').append(render(errors.subList(1, errors.size()), true));
    }
    UserError error = UserError.of(first.code(), text.toString());
    boolean showHint = errors.size() == 1 && !first.hint().isEmpty();
    return showHint ? error.withHint(first.hint()) : error;
  }

  private String render(List<Diagnostic> list, boolean hints) {
    List<String> parts = new ArrayList<>();
    for (Diagnostic finding : list.subList(0, Math.min(list.size(), MOST_SHOWN))) {
      String severity = finding.severity().name().toLowerCase(Locale.ROOT);
      parts.add(place(finding) + severity + "[" + finding.code() + "]: " + finding.message()
          + details(finding, hints));
    }
    if (list.size() > MOST_SHOWN) {
      parts.add("and " + (list.size() - MOST_SHOWN) + " more");
    }
    return String.join("\n", parts);
  }

  private static String place(Diagnostic finding) {
    Location location = finding.location();
    if (location.line() > 0) {
      return location.file() + ":" + location.line() + ":" + location.column() + ": ";
    }
    return location.isKnown() ? location.text() + ": " : "";
  }

  private String details(Diagnostic finding, boolean withHint) {
    StringBuilder out = new StringBuilder();
    appendSource(out, finding.location());
    for (String note : finding.notes()) {
      out.append("\nnote: ").append(note);
    }
    if (withHint && !finding.hint().isEmpty()) {
      out.append("\nhint: ").append(finding.hint());
    }
    return out.toString();
  }

  private void appendSource(StringBuilder out, Location location) {
    List<String> lines = sources.getOrDefault(location.file(), List.of());
    if (location.line() < 1 || location.line() > lines.size()) {
      return;
    }
    SourceExcerpt.append(out, lines.get(location.line() - 1), location.line(), location.column());
  }
}
