package org.quantcache.tools.report;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A browser without a window; notes what pages complain of and what they ask the network for. */
final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final List<String> complaints = new ArrayList<>();

  Browser() {
    Path program = program();
    playwright = Playwright.create(
        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser = playwright
        .chromium()
        .launch(new BrowserType.LaunchOptions()
            .setExecutablePath(program)
            .setArgs(List.of(
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--disable-quic")));
  }

  private static Path program() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the profile 'browser' needs one of " + NAMES
            + " in the PATH: apt-get install chromium"));
  }

  /** Opens a file in a fresh browser and waits until it says that it can be used. */
  Page open(Path file) {
    BrowserContext context =
        browser.newContext(new com.microsoft.playwright.Browser.NewContextOptions()
            .setViewportSize(1440, 900)
            .setOffline(true));
    Page page = context.newPage();
    page.onConsoleMessage(message -> {
      if (!message.type().equals("log")) {
        complaints.add(message.text());
      }
    });
    page.onPageError(complaints::add);
    page.onRequest(request -> {
      String url = request.url();
      if (!url.equals("file://" + file.toAbsolutePath()) && !url.startsWith("data:")) {
        complaints.add("asked for " + url);
      }
    });
    page.navigate("file://" + file.toAbsolutePath());
    page.waitForSelector("html[data-ready=true]");
    return page;
  }

  /** Errors, warnings and requests of all pages so far. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
