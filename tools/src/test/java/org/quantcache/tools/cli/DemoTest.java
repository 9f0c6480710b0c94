package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.tools.sample.Samples;

/** The demonstration shows two builds of the sample model side by side. */
class DemoTest {
  @TempDir
  private Path folder;

  private CommandRun demo(String... options) {
    String[] all = new String[options.length + 1];
    all[0] = "demo";
    System.arraycopy(options, 0, all, 1, options.length);
    System.setProperty(Samples.HOME, "..");
    try {
      return CommandRun.of(all);
    } finally {
      System.clearProperty(Samples.HOME);
    }
  }

  @Test
  @Tag("slow")
  void writesBothVideosAndAReport() throws IOException {
    Path gif = folder.resolve("two.gif");
    CommandRun run = demo("--steps", "20", "--preset", "fast", "-o", gif.toString());
    run.assertWorked();
    assertThat(run.out()).containsPattern("fast .* dB .* 60 % ");
    BufferedImage frame = ImageIO.read(gif.toFile());
    assertThat(frame.getWidth()).isEqualTo(2 * frame.getHeight());
    assertThat(Files.readString(folder.resolve("two.html")))
        .contains("Guard stack computed 8 of 20 steps", "data:image/png;base64,", "gemm_")
        .doesNotContain("src=\"http");
  }

  @Test
  void refusesWhatItCannotShow() {
    demo("-o", folder.resolve("latents.safetensors").toString()).assertRefused("CL0305");
    demo("--preset", "fats", "-o", folder.resolve("x.gif").toString()).assertRefused("PA0106");
    assertThat(folder).isEmptyDirectory();
  }
}
