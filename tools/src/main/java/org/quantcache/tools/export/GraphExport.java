package org.quantcache.tools.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.tools.layers.LayersFile;
import org.quantcache.tools.video.ProfileFile;

/** Writes the graph of a module for other viewers. */
public final class GraphExport {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String label;
  private final List<FunctionGraph> graphs;

  /** @param label what the graph is called */
  public GraphExport(String label, IrModule module) {
    this.label = label;
    this.graphs =
        module.functions().stream().map(f -> FunctionGraph.of(module, f)).toList();
  }

  /** Writes Graphviz text. */
  public void dot(Path target) {
    AtomicFile.write(target, DotWriter.write(label, graphs).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes a graph collection for model-explorer, and beside it a file of node data for each number that is known.
   *
   * @param layers a comparison of layers
   * @param profile of a run
   * @return what was written
   */
  public List<Path> modelExplorer(Path target, Optional<Path> layers, Optional<Path> profile) {
    Measured measured = new Measured(
        layers.map(file -> Measured.errors(LayersFile.read(file))).orElse(Map.of()),
        profile.map(file -> Measured.micros(ProfileFile.read(file))).orElse(Map.of()));
    List<Path> written = new ArrayList<>();
    written.add(write(target, ModelExplorerWriter.write(label, graphs)));
    for (NodeData data : data(measured, layers.isPresent(), profile.isPresent())) {
      written.add(write(beside(target, data.name()), data.json(graphs)));
    }
    return written;
  }

  private static List<NodeData> data(Measured measured, boolean errors, boolean times) {
    List<NodeData> out = new ArrayList<>(List.of(
        new NodeData("weight-bits", node -> positive(node.weightBits())),
        new NodeData("activation-bits", node -> positive(node.activationBits())),
        new NodeData("flop", node -> positive(node.cost().flops())),
        new NodeData("bytes", node -> positive(node.cost().bytes()))));
    if (errors) {
      out.add(new NodeData("relative-l2", measured::error));
    }
    if (times) {
      out.add(new NodeData("microseconds", measured::time));
    }
    return out;
  }

  private static OptionalDouble positive(long value) {
    return value > 0 ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /** {@code graph.bits.json} beside {@code graph.json}. */
  private static Path beside(Path target, String name) {
    String file = target.getFileName().toString();
    String stem = file.endsWith(".json") ? file.substring(0, file.length() - 5) : file;
    return target.resolveSibling(stem + "." + name + ".json");
  }

  private static Path write(Path target, ObjectNode root) {
    try {
      AtomicFile.write(target, JSON.writeValueAsBytes(root));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("trees are writable as JSON", e);
    }
    return target;
  }
}
