package org.quantcache.codegen.tir;

import java.util.List;
import org.quantcache.codegen.tir.QuantRowsSpec.Part;
import org.quantcache.codegen.tir.QuantRowsSpec.Prologue;

/** Writes a kernel that rounds rows, in passes over the rows of a tile. */
final class QuantRowsEmitter {
  /** In bytes. */
  private static final int CACHE_LINE = 64;

  private final QuantRowsSpec spec;
  private final Tir t;
  private final Body body;
  private final Channels channels;
  private final Buffer x;
  private final Buffer values;
  private final Buffer pairs;
  private final Buffer shift;
  private final Buffer scale;
  private final Buffer factors;
  private final Buffer grid;
  private final Buffer runBits;
  private final RowGroups.Parameters groups;
  private final KernelBuilder.Range range;

  QuantRowsEmitter(QuantRowsSpec spec, KernelBuilder kernel, int lanes) {
    this.spec = spec;
    this.t = kernel.tir();
    this.body = kernel.body();
    this.channels = new Channels(spec.channels(), lanes);
    Part part = spec.part();
    boolean norm = spec.prologue() == Prologue.NORM_MODULATE;
    this.x = kernel.pointer("x", "float32");
    this.values = part == Part.EXTREMES ? null : kernel.pointer("values", "uint8");
    this.pairs = part == Part.ROUND ? null : kernel.pointer("pairs", "float32");
    this.shift = norm ? kernel.pointer("shift", "float32") : null;
    this.scale = norm ? kernel.pointer("scale", "float32") : null;
    this.factors = spec.inverse() ? kernel.pointer("inverse", "float32") : null;
    this.grid = part == Part.ROUND ? kernel.pointer("grid", "float32") : null;
    this.runBits = spec.dynamic() ? kernel.pointer("bits", "int32") : null;
    this.groups = norm ? RowGroups.Parameters.declare(kernel, "table") : null;
    this.range = kernel.range();
  }

  /** The numbers of a row on some way to their grid. */
  private interface Numbers {
    Channels.Part of(Body pass, RowTile.Row row);
  }

  /** Hands out the numbers of a row as they are rounded. */
  private interface Prepared {
    void hand(Body pass, RowTile.Row row, Channels.Sink sink);
  }

  void emit() {
    Expr most = spec.part() == Part.EXTREMES ? null : RowGrid.most(body, spec.bits(), runBits);
    RowGrid shared =
        spec.part() == Part.ROUND ? RowGrid.load(body, grid, t.integer(0), most) : null;
    RowTile.each(body, range, spec.channels(), (inner, tile) -> {
      NextRow next = new NextRow(x, spec.channels(), tile.rows());
      Prepared prepared = prepared(inner, tile, next);
      switch (spec.part()) {
        case ROWS -> {
          keep(inner, tile, prepared, most);
          roundKept(inner, tile, next, most);
        }
        case EXTREMES -> measure(inner, tile, prepared);
        case ROUND -> round(inner, tile, prepared, shared);
      }
    });
  }

  /** Keeps prepared rows where they can be read again, and stores their grids. */
  private void keep(Body inner, RowTile tile, Prepared prepared, Expr most) {
    tile.pass(inner, (pass, row) -> {
      Extremes extremes = new Extremes(pass, channels.lanes());
      RowMemory memory = memory(row);
      prepared.hand(pass, row, (one, j, vectors) -> {
        for (int i = 0; i < vectors.size() && !spec.isDirect(); i++) {
          memory.store(one, vectors.get(i), t.add(j, (long) i * vectors.get(i).lanes()));
        }
        fetchNextValues(one, tile, row, j, vectors);
        extremes.note(one, vectors);
      });
      RowGrid.spanning(pass, extremes.least(pass), extremes.largest(pass), most)
          .store(pass, pairs, pair(row));
    });
  }

  private void roundKept(Body inner, RowTile tile, NextRow next, Expr most) {
    NextRow.Share share = next.quarters(next.left());
    tile.pass(inner, (pass, row) -> {
      RowGrid own = RowGrid.load(pass, pairs, pair(row), most);
      RowMemory memory = memory(row);
      Channels.Step fetch = share.beside(row);
      Channels.Part kept =
          (one, j, n) -> spec.isDirect() ? t.load(x, t.add(row.at(), j), n) : memory.load(t, j, n);
      channels.eachGroup(pass, (one, j, vectors, n) -> {
        fetch.at(one, j, vectors * n);
        List<Expr> numbers = Channels.vectors(one, kept, j, vectors, n);
        own.round(one, numbers, values, t.add(row.at(), j));
      });
    });
  }

  private void measure(Body inner, RowTile tile, Prepared prepared) {
    tile.pass(inner, (pass, row) -> {
      Extremes extremes = new Extremes(pass, channels.lanes());
      prepared.hand(pass, row, (one, j, vectors) -> extremes.note(one, vectors));
      pass.store(pairs, extremes.least(pass), pair(row));
      pass.store(pairs, extremes.largest(pass), t.add(pair(row), 1));
    });
  }

  private void round(Body inner, RowTile tile, Prepared prepared, RowGrid shared) {
    tile.pass(
        inner,
        (pass, row) -> prepared.hand(pass, row, (one, j, vectors) -> {
          // What was kept in memory has rounded, and so must this.
          List<Expr> numbers = vectors.stream().map(t::rounded).toList();
          shared.round(one, numbers, values, t.add(row.at(), j));
        }));
  }

  private Expr pair(RowTile.Row row) {
    return t.mul(row.index(), 2);
  }

  private RowMemory memory(RowTile.Row row) {
    return new RowMemory(range.workspace(), t.mul(row.slot(), spec.memoryStride(channels.lanes())));
  }

  private Prepared prepared(Body inner, RowTile tile, NextRow next) {
    Numbers plain = balanced(prologue(inner, tile, next));
    boolean rotated = spec.hadamard() > 1;
    Numbers source = rotated && isApart() ? throughMemory(inner, tile, plain, next) : plain;
    // Where rows are rounded behind this pass, that one brings the other half.
    int quarters = spec.part() == Part.ROWS ? next.left() / 2 : next.left();
    NextRow.Share share = next.quarters(quarters);
    return (pass, row, sink) -> {
      Channels.Step fetch = share.beside(row);
      Channels.Part numbers = source.of(pass, row);
      Channels.Sink fetching = (one, j, vectors) -> {
        fetch.at(one, j, vectors.size() * vectors.get(0).lanes());
        sink.take(one, j, vectors);
      };
      if (rotated) {
        new HadamardEmitter(channels, spec.hadamard(), memory(row)).emit(pass, numbers, fetching);
      } else {
        channels.eachGroup(
            pass,
            (one, j, vectors, n) ->
                fetching.take(one, j, Channels.vectors(one, numbers, j, vectors, n)));
      }
    };
  }

  /**
   * Whether the transform comes behind the prologue of the whole row. Together they are more instructions than a processor
   * looks ahead, so that those of a block would wait for the block before it. With shorter vectors the way through
   * memory costs more than that.
   */
  private boolean isApart() {
    return spec.prologue() == Prologue.GELU && channels.lanes() == GeluTable.LANES;
  }

  private Numbers throughMemory(Body inner, RowTile tile, Numbers source, NextRow next) {
    NextRow.Share share = next.quarters(2);
    tile.pass(inner, (pass, row) -> {
      Channels.Step fetch = share.beside(row);
      Channels.Part numbers = source.of(pass, row);
      RowMemory memory = memory(row);
      channels.eachGroup(pass, (one, j, vectors, n) -> {
        fetch.at(one, j, vectors * n);
        List<Expr> found = Channels.vectors(one, numbers, j, vectors, n);
        for (int i = 0; i < vectors; i++) {
          memory.store(one, found.get(i), t.add(j, (long) i * n));
        }
      });
    });
    return (pass, row) -> {
      RowMemory memory = memory(row);
      return (one, j, n) -> memory.load(t, j, n);
    };
  }

  /** Brings the cache lines that the values of the next tile go to, whose stores would wait for them. */
  private void fetchNextValues(
      Body one, RowTile tile, RowTile.Row row, Expr channel, List<Expr> vectors) {
    int lanes = channels.lanes();
    Expr next = t.add(t.add(row.at(), (long) tile.rows() * spec.channels()), channel);
    for (int i = 0; i < vectors.size() * lanes / CACHE_LINE; i++) {
      one.prefetch(values, t.add(next, (long) i * CACHE_LINE));
    }
  }

  private Numbers prologue(Body inner, RowTile tile, NextRow next) {
    Numbers plain = (pass, row) -> (one, j, n) -> t.load(x, t.add(row.at(), j), n);
    return switch (spec.prologue()) {
      case NONE -> plain;
      case GELU ->
        (pass, row) ->
            (one, j, n) -> Functions.gelu(one, one.let("x", plain.of(pass, row).of(one, j, n)));
      case NORM_MODULATE -> {
        NormRows norm = NormRows.measure(inner, tile, channels, x, spec.epsilon(), next);
        yield (pass, row) -> {
          Channels.Part normed = norm.values(pass, row);
          Expr table = pass.let("table_at", t.mul(groups.row(t, row.index()), spec.channels()));
          return (one, j, n) -> NormRows.modulate(
              t,
              normed.of(one, j, n),
              t.load(shift, t.add(table, j), n),
              t.load(scale, t.add(table, j), n));
        };
      }
    };
  }

  private Numbers balanced(Numbers source) {
    if (!spec.inverse()) {
      return source;
    }
    return (pass, row) -> {
      Channels.Part numbers = source.of(pass, row);
      return (one, j, n) -> t.rounded(t.mul(numbers.of(one, j, n), t.load(factors, j, n)));
    };
  }
}
