package org.quantcache.tools.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.Position;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactReader;

/** Whoever opens the page of the sample model finds, opens and compares with mouse and keys. */
@Tag("browser")
class SpritesReportBrowserTest {
  private static final String BLOCK = "@/step.loop/cache.guard stack/spatial_blocks.2";
  private static final int BLOCKS = 12;

  @TempDir
  private static Path folder;

  private static Browser browser;
  private static Path file;

  private Page page;

  @BeforeAll
  static void make() {
    file = SpritesReport.write(folder);
    browser = new Browser();
  }

  @AfterAll
  static void close() {
    browser.close();
  }

  @AfterEach
  void nothingIsComplainedOf() {
    assertThat(browser.complaints()).isEmpty();
  }

  private Page open() {
    page = browser.open(file);
    return page;
  }

  private Page openGraph() {
    open().click("[data-panel=graph]");
    page.waitForSelector("#panel-graph .node");
    return page;
  }

  /** A node of the state after the pass. */
  private Locator node(String key) {
    return page.locator(".side:nth-child(2) .node[data-key='" + key + "']");
  }

  private String chosen() {
    return page.textContent(".details h3 >> nth=0");
  }

  @Test
  void theDumpOfAnotherCompilationIsRefused() {
    Path dump = folder.resolve("other");
    SpritesReport.qcc("import", "samples/sprites", "-o", folder.resolve("m.qir"));
    SpritesReport.qcc(
        "opt",
        folder.resolve("m.qir"),
        "--passes",
        "fold",
        "--dump-dir",
        dump,
        "-o",
        folder.resolve("n.qir"));
    try (ArtifactReader artifact = ArtifactReader.open(folder.resolve("sprites.qca"))) {
      ReportBuilder report = new ReportBuilder("x", "").artifact(artifact).dump(dump);
      assertThatThrownBy(() -> report.write(folder.resolve("x.html"), (done, total) -> {}))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("does not end with the program");
    }
  }

  @Test
  void everyPanelShowsSomething() {
    open();
    for (String panel :
        List.of("overview", "pipeline", "graph", "steps", "bits", "kernels", "frames")) {
      page.click("[data-panel=" + panel + "]");
      page.waitForSelector("#panel-" + panel + " :is(.tile, tbody tr, .node, canvas, .bar, img)");
    }
    assertThat(page.textContent("header h1")).isEqualTo("sprites.qca");
  }

  @Test
  void blocksAreClosedAndOpenByClickDownToAnOperation() {
    openGraph();
    assertThat(
            page.locator(".node.group:not(.open)", new Page.LocatorOptions().setHasText("_blocks."))
                .count())
        .isEqualTo(BLOCKS);
    node(BLOCK).locator("rect").first().click();
    node(BLOCK + "/attn").locator("rect").first().click();
    node(BLOCK + "/attn/quant.linear").locator("rect").first().click();
    assertThat(page.textContent(".details"))
        .contains("spatial_blocks.2.attn.qkv", "f32[2, 8, 64, 384]", "W8 A8", "MFLOP")
        .contains("gemm_a8_w8_cell8_k128_n384_bias", "IntegerGemmSpec")
        .contains("relative L2 0.0375", "SQNR 28.52 dB", "worst at step 1")
        .contains("500 µs in 2 launches");
  }

  @Test
  void keysMoveOpenAndClose() {
    openGraph();
    page.keyboard().press("ArrowDown");
    assertThat(chosen()).contains("@sample");
    node(BLOCK).locator("rect").first().click();
    node(BLOCK)
        .locator("rect")
        .first()
        .click(new Locator.ClickOptions().setPosition(new Position(8, 8)));
    assertThat(node(BLOCK + "/attn").count()).isZero();
    page.keyboard().press("Enter");
    assertThat(node(BLOCK + "/attn").count()).isEqualTo(1);
    page.keyboard().press("Enter");
    assertThat(node(BLOCK + "/attn").count()).isZero();
    page.keyboard().press("ArrowDown");
    assertThat(chosen()).contains("temporal_blocks.2");
    page.keyboard().press("ArrowUp");
    assertThat(chosen()).contains("spatial_blocks.2");
    page.keyboard().press("Escape");
    assertThat(page.isVisible(".details")).isFalse();
  }

  @Test
  void aPassIsShownBeforeAndAfterWithItsChanges() {
    openGraph();
    page.selectOption("select[aria-label=pass]", "4 fuse");
    node("@/step.loop/spatial_blocks.2").locator("rect").first().click();
    node("@/step.loop/spatial_blocks.2/mlp").locator("rect").first().click();
    Locator before = page.locator(".side:nth-child(1) .node.removed.operation");
    Locator after = page.locator(".side:nth-child(2) .node.added.operation");
    before.first().waitFor();
    assertThat(before.allTextContents()).anyMatch(text -> text.contains("nn.gelu"));
    assertThat(after.allTextContents()).anyMatch(text -> text.contains("fused.linear"));
    page.keyboard().press(".");
    assertThat(page.textContent(".side:nth-child(2) .name")).isEqualTo("after 6 aigq");
    page.keyboard().press(",");
    assertThat(page.textContent(".side:nth-child(1) .name")).isEqualTo("before (3 hoist)");
  }

  @Test
  void searchFindsAnOperationAndOpensWhatIsAroundIt() {
    open();
    page.keyboard().press("/");
    page.keyboard().type("spatial_blocks.2.attn.qkv linear");
    page.waitForSelector(".hits li[aria-selected=true] >> text=quant.linear");
    page.keyboard().press("Enter");
    page.waitForSelector(".details:not([hidden])");
    assertThat(page.textContent(".details")).contains("spatial_blocks.2.attn.qkv");
    assertThat(node(BLOCK + "/attn/quant.linear").getAttribute("class")).contains("chosen");
    page.keyboard().press("/");
    page.keyboard().type("no such thing");
    page.waitForSelector(".hits >> text=nothing found");
    page.keyboard().press("Escape");
    assertThat(page.isVisible("dialog[open]")).isFalse();
  }

  @Test
  void pointingAtACellSaysWhatTheDecisionWas() {
    open().click("[data-panel=steps]");
    Locator map = page.locator("#panel-steps canvas");
    map.hover();
    assertThat(page.textContent(".tip")).contains("step ");
    page.mouse().move(2, 2);
    assertThat(page.isVisible(".tip")).isFalse();
    map.focus();
    page.keyboard().press("ArrowRight");
    assertThat(page.textContent(".tip")).isEqualTo("guard stack, step 0\ncomputed");
    page.click("[data-map=error]");
    page.locator("#panel-steps canvas").focus();
    page.keyboard().press("ArrowRight");
    assertThat(page.textContent(".tip")).startsWith("t_block.1").contains("not compared");
    page.keyboard().press("ArrowRight");
    assertThat(page.textContent(".tip")).contains("relative L2 NaN");
  }

  @Test
  void aRowOfThePipelineOpensItsRemarks() {
    open().click("[data-panel=pipeline]");
    assertThat(page.textContent("tr[data-pass='1']")).contains("31.50 ms");
    page.click("tr[data-pass='4']");
    page.waitForSelector(".inner-row li");
    assertThat(page.textContent(".inner-row")).contains("nn.linear −", "EpilogueFused");
    page.click(".inner-row >> text=show in the graph");
    page.waitForSelector(".side:nth-child(2) .name >> text=after 4 fuse");
  }

  @Test
  void slidersChooseTheFrameOfBothRuns() {
    open().click("[data-panel=frames]");
    String first = page.getAttribute("#panel-frames figure:nth-child(1) img", "src");
    page.focus("input[aria-label=frame]");
    page.keyboard().press("ArrowRight");
    assertThat(page.textContent("#panel-frames .slide")).contains("2 of 8");
    assertThat(page.getAttribute("#panel-frames figure:nth-child(1) img", "src"))
        .isNotEqualTo(first);
    page.focus("input[aria-label=cut]");
    page.keyboard().press("Home");
    assertThat(page.getAttribute(".stack .cut", "style")).contains("left: 0%");
  }

  @Test
  void aKernelOpensItsPlaces() {
    open().click("[data-panel=kernels]");
    page.click("[data-kernel=gemm_a8_w8_cell8_k128_n384_bias] .name");
    assertThat(page.textContent("#panel-kernels .inner:not([hidden])"))
        .contains("spatial_blocks.2.attn.qkv", "quant.linear");
  }
}
