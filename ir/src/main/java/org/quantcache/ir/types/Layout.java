package org.quantcache.ir.types;

/**
 * How the elements of a tensor lie in memory. Row-major unless stated; a packed weight states its layout so that it
 * cannot be fed to an operation that wants rows.
 *
 * @param name {@code row}; {@code panel}: {@code [ceil(N/width)][K][width]}; {@code quad}, of quantized weights:
 *     {@code [ceil(N/width)][ceil(K/4)][width][4]}; {@code pair}, of quantized weights in cells of 4 bits:
 *     {@code [N][ceil(K/2)]}, two neighbours on the depth axis in a byte; {@code tile}:
 *     {@code [ceil(N/64)][ceil(K/depth)][64][depth]}, depth being 128 bytes of floats or bytes, or 128 cells of 4 bits.
 *     Packed forms are padded with zeros
 * @param width columns of one panel or tile, values of one byte of pairs, 0 for {@code row}
 */
public record Layout(String name, int width) {
  /** Row-major, the default. */
  public static final Layout ROW = new Layout("row", 0);

  /** Rows of 4-bit cells, two in a byte. */
  public static final Layout PAIR = new Layout("pair", 2);

  /** Tiles that lie as tensor cores read them from shared memory, each in one piece. */
  public static final Layout TILE = new Layout("tile", 64);

  public Layout {
    boolean panels = name.equals("panel") || name.equals("quad");
    boolean known = (name.equals("row") && width == 0)
        || (name.equals("pair") && width == 2)
        || (name.equals("tile") && width == 64)
        || (panels && width > 0);
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

  /** {@code #row}, {@code #panel32}, {@code #quad32}, {@code #pair2} or {@code #tile64}. */
  public String text() {
    return equals(ROW) ? "#row" : "#" + name + width;
  }
}
