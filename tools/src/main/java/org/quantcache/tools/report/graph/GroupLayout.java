package org.quantcache.tools.report.graph;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;
import org.quantcache.ir.core.Operation;
import org.quantcache.tools.inspect.ProductBits;
import org.quantcache.tools.report.graph.GraphEdges.Edge;

/**
 * Places of the nodes of one group, all of them closed, and the ways of the edges between them; the layered method of
 * the Eclipse Layout Kernel (Sugiyama et al., 1981), from top to bottom. Lengths are whole pixels.
 *
 * @param width of the drawing
 * @param height of the drawing
 * @param boxes left, top, width and height of each node
 * @param ways points of each edge, x and y in turn
 */
record GroupLayout(int width, int height, List<int[]> boxes, List<int[]> ways) {
  static final int HEIGHT = 40;
  private static final double LETTER = 7.4;
  private static final double SMALL_LETTER = 6;
  private static final int MARGIN = 44;
  private static final int LEAST_WIDTH = 96;
  private static final int MOST_WIDTH = 300;

  /** How wide a node is: its label and the smaller words below it. */
  static int widthOf(GraphNode node) {
    String under = node.operation()
        .filter(operation -> node.kind().isEmpty())
        .map(GroupLayout::facts)
        .orElse("100 ops, 100 GFLOP");
    double words = Math.max(LETTER * node.label().length(), SMALL_LETTER * under.length());
    return (int) Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, MARGIN + words));
  }

  /** Bits and sizes, as the page writes them. */
  private static String facts(Operation operation) {
    String bits = OperationBits.text(operation)
        + (ProductBits.weight(operation).isPresent() ? "  " : " bit  ");
    return bits
        + operation.results().stream()
            .map(result -> result.type().dims().toString())
            .findFirst()
            .orElse("");
  }

  /** @param widths of the nodes */
  static GroupLayout of(List<Integer> widths, List<Edge> edges) {
    LayoutMetaDataService.getInstance()
        .registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
    ElkNode root = ElkGraphUtil.createGraph();
    root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
    root.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
    root.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
    root.setProperty(CoreOptions.RANDOM_SEED, 1);
    root.setProperty(CoreOptions.PADDING, new ElkPadding(0));
    root.setProperty(CoreOptions.SPACING_NODE_NODE, 22.0);
    root.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 26.0);
    root.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 12.0);
    List<ElkNode> nodes = new ArrayList<>();
    for (int width : widths) {
      ElkNode node = ElkGraphUtil.createNode(root);
      node.setDimensions(width, HEIGHT);
      nodes.add(node);
    }
    List<ElkEdge> drawn = edges.stream()
        .map(edge -> ElkGraphUtil.createSimpleEdge(nodes.get(edge.from()), nodes.get(edge.to())))
        .toList();
    new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
    return new GroupLayout(
        pixels(root.getWidth()),
        pixels(root.getHeight()),
        nodes.stream().map(GroupLayout::box).toList(),
        drawn.stream().map(GroupLayout::way).toList());
  }

  private static int[] box(ElkNode node) {
    return new int[] {
      pixels(node.getX()), pixels(node.getY()), pixels(node.getWidth()), pixels(node.getHeight())
    };
  }

  private static int[] way(ElkEdge edge) {
    ElkEdgeSection section = edge.getSections().get(0);
    List<Integer> out = new ArrayList<>();
    out.add(pixels(section.getStartX()));
    out.add(pixels(section.getStartY()));
    for (ElkBendPoint point : section.getBendPoints()) {
      out.add(pixels(point.getX()));
      out.add(pixels(point.getY()));
    }
    out.add(pixels(section.getEndX()));
    out.add(pixels(section.getEndY()));
    return out.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int pixels(double length) {
    return (int) Math.round(length);
  }
}
