package org.quantcache.tools.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.tools.sample.Samples;

/** The page of the demo shows both builds, and what each pass made of the faster one. */
@Tag("browser")
class DemoPageBrowserTest {
  private static final int STEPS = 4;

  @TempDir
  private Path folder;

  private Path demo() {
    System.setProperty(Samples.HOME, "..");
    try {
      SpritesReport.qcc("demo", "--steps", STEPS, "-o", folder.resolve("demo.gif"));
    } finally {
      System.clearProperty(Samples.HOME);
    }
    return folder.resolve("demo.html");
  }

  @Test
  void bothBuildsAndEveryPassAreShown() {
    Path file = demo();
    try (Browser browser = new Browser()) {
      Page page = browser.open(file);
      page.waitForSelector("#panel-overview tbody tr");

      assertThat(page.locator("#panel-overview tbody tr").count()).isEqualTo(2);
      assertThat(page.locator("#panel-overview .bar").count()).isEqualTo(2 * STEPS);
      for (String panel :
          List.of("overview", "pipeline", "graph", "steps", "bits", "kernels", "frames")) {
        page.click("[data-panel=" + panel + "]");
        page.waitForSelector("#panel-" + panel + " :is(.tile, tbody tr, .node, canvas, .bar, img)");
        assertThat(page.textContent("#panel-" + panel)).doesNotContain("[object", "undefined");
      }
      page.click("[data-panel=pipeline]");
      page.waitForSelector("#panel-pipeline tbody tr");
      assertThat(page.textContent("#panel-pipeline"))
          .contains("fold", "aigq", "hlc", "memory-plan");
      assertThat(browser.complaints()).isEmpty();
    }
  }
}
