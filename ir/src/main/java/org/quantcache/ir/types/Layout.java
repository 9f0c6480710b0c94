package org.quantcache.ir.types;

/**
 * How the elements of a tensor lie in memory. Row-major unless stated; a packed weight states its layout so that it
 * cannot be fed to an operation that wants rows.
 *
 * @param name {@code row} or {@code panel}
 * @param width columns of one panel ({@code [ceil(N/width)][K][width]}, zero padded), 0 for {@code row}
 */
public record Layout(String name, int width) {
  /** Row-major, the default. */
  public static final Layout ROW = new Layout("row", 0);

  public Layout {
    boolean known = (name.equals("row") && width == 0) || (name.equals("panel") && width > 0);
    if (!known) {
      throw new IllegalArgumentException("no layout '" + name + "' of width " + width);
    }
  }

  /** Column panels for the packed matrix product. */
  public static Layout panel(int width) {
    return new Layout("panel", width);
  }

  /** {@code #row} or {@code #panel32}. */
  public String text() {
    return equals(ROW) ? "#row" : "#" + name + width;
  }
}
