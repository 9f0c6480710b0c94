package org.quantcache.tools.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.quantcache.ir.files.AtomicFile;

/**
 * One HTML file with all that it needs: style, script, D3 with its licence line, the data of the panels as JSON, and the
 * graph as JSON in zlib form, which is read when the page stands.
 */
final class ReportPage {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String D3 = "/META-INF/resources/webjars/d3/7.9.0/dist/d3.min.js";

  private static final Pattern HOLE = Pattern.compile("@(TITLE|STYLE|DATA|GRAPH|D3|SCRIPT)@");

  /** In the order in which they need each other. */
  private static final List<String> SCRIPTS = List.of(
      "base.js",
      "format.js",
      "model.js",
      "overview.js",
      "pipeline.js",
      "layout.js",
      "canvas.js",
      "details.js",
      "graph.js",
      "grid.js",
      "steps.js",
      "bits.js",
      "kernels.js",
      "frames.js",
      "search.js",
      "app.js");

  private ReportPage() {}

  /** Writes the page, or leaves the file as it was. */
  static void write(Path target, JsonNode data, JsonNode graph) {
    StringBuilder scripts = new StringBuilder();
    SCRIPTS.forEach(script -> scripts.append(resource(script)));
    Map<String, String> holes = Map.of(
        "TITLE", escape(data.path("title").asText()),
        "STYLE", resource("report.css"),
        "DATA", embedded(json(data)),
        "GRAPH", packed(json(graph)),
        "D3", resource(D3),
        "SCRIPT", scripts.toString());
    // One walk over the frame, so that what is put in is not searched for holes.
    String page = HOLE.matcher(resource("page.html"))
        .replaceAll(hole -> Matcher.quoteReplacement(holes.get(hole.group(1))));
    AtomicFile.write(target, page.getBytes(StandardCharsets.UTF_8));
  }

  private static String json(JsonNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** JSON that cannot end the element that it stands in. */
  private static String embedded(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String packed(String json) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
      out.write(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("memory streams do not fail", e);
    } finally {
      deflater.end();
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
