package org.quantcache.ir.types;

/**
 * How the elements of a tensor lie in memory. Row-major unless stated; a packed weight states its layout so that it
 * cannot be fed to an operation that wants rows.
 *
 * @param name {@code row}; {@code panel}: {@code [ceil(N/width)][K][width]}; {@code quad}, of quantized weights:
 *     {@code [ceil(N/width)][ceil(K/4)][width][4]}. Packed forms are padded with zeros
 * @param width columns of one panel, 0 for {@code row}
 */
public record Layout(String name, int width) {
  /** Row-major, the default. */
  public static final Layout ROW = new Layout("row", 0);

  public Layout {
    boolean packed = name.equals("panel") || name.equals("quad");
    boolean known = (name.equals("row") && width == 0) || (packed && width > 0);
    if (!known) {
      throw new IllegalArgumentException("no layout '" + name + "' of width " + width);
    }
  }

  /** Column panels for the packed matrix product. */
  public static Layout panel(int width) {
    return new Layout("panel", width);
  }

  /** Column panels whose rows are four neighbours on the depth axis, for products of 8-bit numbers. */
  public static Layout quad(int width) {
    return new Layout("quad", width);
  }

  /** {@code #row}, {@code #panel32} or {@code #quad32}. */
  public String text() {
    return equals(ROW) ? "#row" : "#" + name + width;
  }
}
