package org.quantcache.tools.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Quality of frames on cases whose value follows from the definitions. */
class FrameQualityTest {
  private static Frame constant(float value) {
    Frame out = new Frame(16, 13);
    java.util.Arrays.fill(out.values(), value);
    return out;
  }

  private static Frame noise(long seed) {
    Random random = new Random(seed);
    Frame out = new Frame(20, 17);
    for (int i = 0; i < out.values().length; i++) {
      out.values()[i] = random.nextFloat();
    }
    return out;
  }

  @Test
  void equalFramesAreEqual() {
    FrameQuality quality =
        FrameQuality.of(List.of(noise(1), noise(2)), List.of(noise(1), noise(2)));
    assertThat(quality.psnrDb()).isInfinite();
    assertThat(quality.ssim()).isCloseTo(1, within(1e-12));
    assertThat(quality.relativeL1()).isZero();
  }

  @Test
  void constantFramesFollowTheFormulas() {
    FrameQuality quality = FrameQuality.of(List.of(constant(0.5f)), List.of(constant(0.25f)));
    assertThat(quality.psnrDb()).isCloseTo(10 * Math.log10(16), within(1e-9));
    assertThat(quality.ssim()).isCloseTo((2 * 0.125 + 1e-4) / (0.25 + 0.0625 + 1e-4), within(1e-9));
    assertThat(quality.relativeL1()).isCloseTo(1, within(1e-9));
  }

  @Test
  void unrelatedNoiseIsUnlike() {
    FrameQuality quality = FrameQuality.of(List.of(noise(1)), List.of(noise(2)));
    assertThat(quality.ssim()).isBetween(-0.2, 0.2);
    // Two uniform values differ by 1/6 in mean square.
    assertThat(quality.psnrDb()).isCloseTo(10 * Math.log10(6), within(0.5));
  }

  @Test
  void theMeanErrorIsTakenOverAllFrames() {
    FrameQuality quality = FrameQuality.of(
        List.of(constant(0.5f), constant(0.5f)), List.of(constant(0.5f), constant(0.25f)));
    assertThat(quality.psnrDb()).isCloseTo(10 * Math.log10(32), within(1e-9));
  }
}
