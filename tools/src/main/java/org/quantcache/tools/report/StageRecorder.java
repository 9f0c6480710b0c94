package org.quantcache.tools.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.ops.StandardOps;
import org.quantcache.ir.text.IrParser;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;
import org.quantcache.passes.instruments.RemarkLog;

/** Keeps the program before the passes and after each one, and how long each took. */
public final class StageRecorder implements PassInstrument {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Kept(int number, String pass, String text, String remarks) {}

  private final List<Kept> kept = new ArrayList<>();
  private final Map<Integer, Double> millis = new TreeMap<>();
  private RemarkLog remarks = new RemarkLog();
  private long started;

  @Override
  public void start(IrModule module) {
    kept.add(new Kept(0, "input", text(module), ""));
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    remarks = new RemarkLog();
    started = System.nanoTime();
  }

  @Override
  public void rewritten(PassInfo pass, String event, Location location, Attributes details) {
    remarks.rewritten(pass, event, location, details);
  }

  @Override
  public void missed(PassInfo pass, String event, Location location, String reason) {
    remarks.missed(pass, event, location, reason);
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    millis.put(number, (System.nanoTime() - started) / 1e6);
    kept.add(new Kept(number, pass.name(), text(module), remarks.jsonLines()));
  }

  /** The input first. */
  List<Stage> stages() {
    List<Stage> out = new ArrayList<>();
    String before = "";
    for (Kept one : kept) {
      boolean changed = !one.text().equals(before);
      IrModule module = changed
          ? IrParser.parse(one.text(), one.pass(), StandardOps.registry())
          : out.get(out.size() - 1).module();
      out.add(new Stage(one.number(), one.pass(), changed, module, json(one.remarks())));
      before = one.text();
    }
    return out;
  }

  /** Milliseconds of each pass by its number. */
  Map<Integer, Double> millis() {
    return new TreeMap<>(millis);
  }

  private static String text(IrModule module) {
    return IrPrinter.print(module, IrPrinter.Options.WITH_LOCATIONS);
  }

  private static List<JsonNode> json(String lines) {
    List<JsonNode> out = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      try {
        out.add(JSON.readTree(line));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
    return out;
  }
}
