package org.quantcache.tools.sample;

import java.util.List;

/**
 * How close decoded frames are to those of a reference.
 *
 * @param psnrDb 10 log10(1 / mean squared error) over all frames, in dB; infinite when equal
 * @param ssim structural similarity (Wang et al. 2004: Gaussian window of 11 pixels, sigma 1.5), mean over places,
 *     colors and frames; 1 when equal
 * @param relativeL1 sum of absolute differences over the sum of the reference
 */
public record FrameQuality(double psnrDb, double ssim, double relativeL1) {
  private static final int RADIUS = 5;
  private static final double SIGMA = 1.5;
  private static final double C1 = 0.01 * 0.01;
  private static final double C2 = 0.03 * 0.03;
  private static final double[] WINDOW = window();

  private static double[] window() {
    double[] out = new double[2 * RADIUS + 1];
    double sum = 0;
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.exp(-(i - RADIUS) * (i - RADIUS) / (2 * SIGMA * SIGMA));
      sum += out[i];
    }
    for (int i = 0; i < out.length; i++) {
      out[i] /= sum;
    }
    return out;
  }

  /** Compares videos of the same sizes, at least 11 pixels wide and high. */
  public static FrameQuality of(List<Frame> found, List<Frame> reference) {
    double squares = 0;
    double absolute = 0;
    double size = 0;
    double similarity = 0;
    long count = 0;
    for (int t = 0; t < reference.size(); t++) {
      float[] a = found.get(t).values();
      float[] b = reference.get(t).values();
      for (int i = 0; i < b.length; i++) {
        double difference = (double) a[i] - b[i];
        squares += difference * difference;
        absolute += Math.abs(difference);
        size += Math.abs(b[i]);
      }
      count += b.length;
      similarity += ssim(found.get(t), reference.get(t));
    }
    return new FrameQuality(
        10 * Math.log10(count / squares),
        similarity / reference.size(),
        absolute / Math.max(size, Double.MIN_NORMAL));
  }

  private static double ssim(Frame a, Frame b) {
    int plane = a.width() * a.height();
    double sum = 0;
    for (int channel = 0; channel < Frame.CHANNELS; channel++) {
      double[] x = new double[plane];
      double[] y = new double[plane];
      for (int i = 0; i < plane; i++) {
        x[i] = a.values()[channel * plane + i];
        y[i] = b.values()[channel * plane + i];
      }
      double[] meanX = blurred(x, a.width());
      double[] meanY = blurred(y, a.width());
      double[] xx = blurred(product(x, x), a.width());
      double[] yy = blurred(product(y, y), a.width());
      double[] xy = blurred(product(x, y), a.width());
      double places = 0;
      for (int i = 0; i < meanX.length; i++) {
        double product = meanX[i] * meanY[i];
        double squares = meanX[i] * meanX[i] + meanY[i] * meanY[i];
        double covariance = xy[i] - product;
        double variances = xx[i] + yy[i] - squares;
        places += (2 * product + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2));
      }
      sum += places / meanX.length;
    }
    return sum / Frame.CHANNELS;
  }

  private static double[] product(double[] a, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      out[i] = a[i] * b[i];
    }
    return out;
  }

  /** Means under the window at the places where it lies inside. */
  private static double[] blurred(double[] a, int width) {
    int height = a.length / width;
    int innerWidth = width - 2 * RADIUS;
    int innerHeight = height - 2 * RADIUS;
    double[] rows = new double[innerWidth * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < innerWidth; x++) {
        double sum = 0;
        for (int i = 0; i < WINDOW.length; i++) {
          sum += WINDOW[i] * a[y * width + x + i];
        }
        rows[y * innerWidth + x] = sum;
      }
    }
    double[] out = new double[innerWidth * innerHeight];
    for (int y = 0; y < innerHeight; y++) {
      for (int x = 0; x < innerWidth; x++) {
        double sum = 0;
        for (int i = 0; i < WINDOW.length; i++) {
          sum += WINDOW[i] * rows[(y + i) * innerWidth + x];
        }
        out[y * innerWidth + x] = sum;
      }
    }
    return out;
  }
}
