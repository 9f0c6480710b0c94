package org.quantcache.tools.bench;

import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.quantcache.ir.files.AtomicFile;

/** Speed against quality, one curve for each group of variants. */
public final class AblationPlot {
  private AblationPlot() {}

  /** Draws a PNG. */
  public static void write(Path target, List<AblationRow> rows) {
    XYChart chart = new XYChartBuilder()
        .width(1000)
        .height(640)
        .title("Speed-up against quality of decoded frames")
        .xAxisTitle("speed-up over the lossless build")
        .yAxisTitle("PSNR, dB")
        .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    chart.getStyler().setXAxisDecimalPattern("0.#");
    Map<String, List<AblationRow>> groups = new LinkedHashMap<>();
    rows.stream()
        .filter(row -> row.psnrDb() != null && !row.group().equals(Variant.UNFUSED))
        .forEach(row -> groups
            .computeIfAbsent(row.group(), g -> new java.util.ArrayList<>())
            .add(row));
    groups.forEach((group, members) -> add(chart, group, members));
    try {
      AtomicFile.write(target, ChartEncoder.getBytes(chart, "png"));
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every byte", e);
    }
  }

  private static void add(XYChart chart, String group, List<AblationRow> members) {
    List<AblationRow> sorted = members.stream()
        .sorted(Comparator.comparingDouble(AblationRow::speedupVsLossless))
        .toList();
    XYSeries series = chart.addSeries(
        group,
        sorted.stream().map(AblationRow::speedupVsLossless).toList(),
        sorted.stream().map(AblationRow::psnrDb).toList());
    if (group.equals("presets")) {
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    }
  }
}
