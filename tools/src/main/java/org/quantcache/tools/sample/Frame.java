package org.quantcache.tools.sample;

/** One decoded frame: red, green and blue in 0..1. */
public final class Frame {
  static final int CHANNELS = 3;

  private final int width;
  private final int height;
  private final float[] values;

  Frame(int width, int height) {
    this.width = width;
    this.height = height;
    this.values = new float[CHANNELS * width * height];
  }

  /** In pixels. */
  public int width() {
    return width;
  }

  /** In pixels. */
  public int height() {
    return height;
  }

  float get(int channel, int x, int y) {
    return values[(channel * height + y) * width + x];
  }

  void set(int channel, int x, int y, float value) {
    values[(channel * height + y) * width + x] = value;
  }

  /** All values, channel by channel, row by row. */
  float[] values() {
    return values;
  }
}
