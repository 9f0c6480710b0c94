package org.quantcache.tools.bench;

import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.quantcache.ir.files.AtomicFile;

/** Speed against quality: a curve for each group whose variants differ in a number, named points for all others. */
public final class AblationPlot {
  private static final Set<String> CURVES =
      Set.of("hlc", "hlc+aigq", "hlc-hold", "static-interval", Variant.FEW_STEPS);

  /** Distance of a name from its point, as part of the range of the axis. */
  private static final double ABOVE = 0.02;

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
        .forEach(
            row -> groups.computeIfAbsent(row.group(), g -> new ArrayList<>()).add(row));
    groups.forEach((group, members) -> add(chart, group, members));
    name(chart, groups);
    try {
      AtomicFile.write(target, ChartEncoder.getBytes(chart, "png"));
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every byte", e);
    }
  }

  private static void name(XYChart chart, Map<String, List<AblationRow>> groups) {
    DoubleSummaryStatistics range = groups.values().stream()
        .flatMap(List::stream)
        .mapToDouble(AblationRow::psnrDb)
        .summaryStatistics();
    double above = ABOVE * (range.getMax() - range.getMin());
    groups.forEach((group, members) -> {
      if (!CURVES.contains(group)) {
        members.forEach(row -> chart.addAnnotation(
            new AnnotationText(row.name(), row.speedupVsLossless(), row.psnrDb() + above, false)));
      }
    });
  }

  private static void add(XYChart chart, String group, List<AblationRow> members) {
    List<AblationRow> sorted = members.stream()
        .sorted(Comparator.comparingDouble(AblationRow::speedupVsLossless))
        .toList();
    XYSeries series = chart.addSeries(
        group,
        sorted.stream().map(AblationRow::speedupVsLossless).toList(),
        sorted.stream().map(AblationRow::psnrDb).toList());
    if (!CURVES.contains(group)) {
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    }
  }
}
