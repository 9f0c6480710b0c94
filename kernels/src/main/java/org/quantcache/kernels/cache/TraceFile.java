package org.quantcache.kernels.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.quantcache.ir.files.AtomicFile;

/**
 * A trace as JSON, short enough to be written by hand:
 *
 * <pre>{@code
 * {"format": 2, "decisions": "adaptive", "steps": 30,
 *  "guards": {"stack": {"policy": "#codebook<...>", "reach": 1.0, "bits_policy": "#bits<...>",
 *                       "computed": [0, 1, 5, 9, 29], "divergence": {"1": 0.25}, "noise_dominated": [5],
 *                       "bits": {"5": 6}, "weights": {"2": [1.5, -0.5]}, "not_reached": [7],
 *                       "probes": {"1": [[0.5, 2.0, 0.1, 0.4, 4096]]}}},
 *  "layers": {"spatial.3": {"kind": "spatial", "layer": 3, "policy": "#prune<...>", "kept": 1, "pruned": [5],
 *                           "computed": [0, 1, 9, 29], "similarity": {"5": 0.9}, "variation": {}}}}
 * }</pre>
 *
 * Only {@code steps}, {@code computed} of guards and {@code pruned} of layers must be there; that is format 1, which says
 * what was decided and is enough to replay. A run writes all: {@code probes} are the numbers of {@link Change} for each
 * probe of a step, {@code not_reached} are the steps at which the guard was not asked.
 */
public final class TraceFile {
  /** What is written; files without a number are of the first form. */
  static final int FORMAT = 2;

  private TraceFile() {}

  /** Writes a trace, or leaves the file as it was. */
  public static void write(Path file, DecisionTrace trace) {
    AtomicFile.write(file, json(trace).toPrettyString().getBytes(StandardCharsets.UTF_8));
  }

  /** The trace as a JSON tree. */
  public static ObjectNode json(DecisionTrace trace) {
    return new TraceWriter(trace).json();
  }

  /** Reads a trace. @throws UserError RT0111 that names the place, RT0303 for a file of a later form */
  public static DecisionTrace read(Path file) {
    return new TraceReader(file).parse();
  }
}
