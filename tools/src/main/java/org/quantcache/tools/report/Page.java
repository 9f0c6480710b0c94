package org.quantcache.tools.report;

import static j2html.TagCreator.body;
import static j2html.TagCreator.document;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import j2html.tags.DomContent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.files.AtomicFile;

/** A page of sections, each with a heading, a sentence and something to look at. */
final class Page {
  private static final String STYLE = """
      body { font: 15px/1.5 system-ui, sans-serif; color: #1c2733; background: #fff; max-width: 76rem;
             margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; }
      p { margin: .3rem 0 .8rem; color: #4a5867; }
      table { border-collapse: collapse; } th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; }
      th { font-weight: 600; border-bottom: 1px solid #b8c4d0; } tr td:first-child, tr th:first-child { text-align: left; }
      tbody tr:nth-child(even) { background: #f4f7fa; }
      code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
      .videos { display: flex; gap: 1.5rem; flex-wrap: wrap; } figure { margin: 0; } figcaption { color: #4a5867; }
      .videos img { image-rendering: pixelated; width: 256px; display: block; border: 1px solid #b8c4d0; }
      svg { max-width: 100%; height: auto; font: 11px system-ui, sans-serif; }
      .scroll { overflow-x: auto; }
      """;

  private final String name;
  private final String subtitle;
  private final List<DomContent> sections = new ArrayList<>();

  Page(String name, String subtitle) {
    this.name = name;
    this.subtitle = subtitle;
  }

  Page add(String heading, String sentence, DomContent... content) {
    sections.add(section(h2(heading), p(sentence), each(List.of(content), c -> c)));
    return this;
  }

  /** Writes the page, or leaves the file as it was. */
  void write(Path target) {
    String text = document(html(
        head(meta().withCharset("utf-8"), title(name), style(rawHtml(STYLE))),
        body(h1(name), p(subtitle), each(sections, s -> s))));
    AtomicFile.write(target, text.getBytes(StandardCharsets.UTF_8));
  }
}
