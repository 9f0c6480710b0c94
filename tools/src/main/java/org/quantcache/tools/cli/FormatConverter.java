package org.quantcache.tools.cli;

import java.util.Arrays;
import org.quantcache.tools.cli.ExportCommand.Format;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Formats by the names that they have on the command line. */
final class FormatConverter implements ITypeConverter<Format> {
  @Override
  public Format convert(String text) {
    return Arrays.stream(Format.values())
        .filter(format -> format.toString().equals(text))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException(
            "'" + text + "' is none of " + Arrays.toString(Format.values())));
  }
}
