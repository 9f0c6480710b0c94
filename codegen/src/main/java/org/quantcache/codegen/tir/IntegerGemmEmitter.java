package org.quantcache.codegen.tir;

/** Writes one product of bytes with its epilogue. */
final class IntegerGemmEmitter {
  private final IntegerGemmSpec spec;
  private final IntegerBlocking blocking;
  private final ByteProduct product;
  private final CpuTarget target;
  private final KernelBuilder kernel;
  private final Tir t;

  private final Buffer values;
  private final Buffer rangeOfRow;
  private final Buffer w;
  private final Buffer scale;
  private final Buffer sum;
  private final Buffer c;
  private final EpilogueEmitter epilogue;
  private final Expr rows;
  private final Expr rangeStride;
  private final KernelBuilder.Range range;

  IntegerGemmEmitter(IntegerGemmSpec spec, CpuTarget target, KernelBuilder kernel) {
    this.spec = spec;
    this.target = target;
    this.kernel = kernel;
    this.blocking = IntegerBlocking.of(spec, target);
    this.product = ByteProduct.of(spec, target);
    this.t = kernel.tir();
    // Quads of a row are words of memory when every row starts with one.
    this.values = kernel.pointer("values", hasWholeQuads() ? "int32" : "uint8");
    this.rangeOfRow = kernel.pointer("range", "float32");
    this.w = kernel.pointer("w", "int32");
    this.scale = kernel.pointer("scale", "float32");
    this.sum = kernel.pointer("sum", "int32");
    this.c = kernel.pointer("c", "float32");
    this.epilogue = new EpilogueEmitter(spec.epilogue(), spec.n(), kernel);
    this.rows = kernel.integer("rows");
    this.rangeStride = kernel.integer("range_stride");
    epilogue.declareNumbers(kernel);
    this.range = kernel.range("int32");
  }

  private boolean hasWholeQuads() {
    return spec.k() % 4 == 0;
  }

  void emit() {
    Body body = kernel.body();
    Expr rowBlocks = body.let(
        "row_blocks", t.quotient(t.add(rows, blocking.tileRows() - 1L), blocking.tileRows()));
    Expr firstColumn = body.let("first_column", t.quotient(range.lo(), rowBlocks));
    Expr lastColumn =
        body.let("last_column", t.quotient(t.sub(range.hi(), t.integer(1)), rowBlocks));
    body.loop("column", t.add(t.sub(lastColumn, firstColumn), 1), (i, columnBody) -> {
      Expr block = columnBody.let("column_block", t.add(firstColumn, i));
      Expr before = t.mul(block, rowBlocks);
      Expr from = columnBody.let("from", t.max(t.sub(range.lo(), before), t.integer(0)));
      Expr to = columnBody.let("to", t.min(t.sub(range.hi(), before), rowBlocks));
      columnBlock(columnBody, block, from, to);
    });
  }

  private void columnBlock(Body body, Expr block, Expr from, Expr to) {
    Expr firstPanel = body.let("first_panel", t.mul(block, blocking.panelsPerBlock()));
    Expr panels = body.let(
        "panels",
        t.min(
            t.integer(blocking.panelsPerBlock()),
            t.sub(t.integer(GemmBlocking.ceilDiv(spec.n(), blocking.panel())), firstPanel)));
    if (blocking.converts()) {
      body.loop("panel", panels, (panel, inner) -> convert(inner, firstPanel, panel));
    }
    if (spec.groups() > 1) {
      body.loop("panel", panels, (panel, inner) -> spreadScales(inner, firstPanel, panel));
    }
    body.loop("row_block", t.sub(to, from), (i, rowBody) -> {
      Expr row = rowBody.let("row", t.mul(t.add(from, i), blocking.tileRows()));
      EpilogueEmitter.Rows operands =
          epilogue.rows(rowBody, row, blocking.tileRows(), target.lanes());
      rowBody.loop("pass", blocking.passes(), (pass, passBody) -> {
        Expr first = passBody.let("first", t.mul(pass, passQuads()));
        packRows(passBody, row, first);
        passBody.loop("panel", panels, (panel, panelBody) -> {
          Expr absolute = panelBody.let("absolute", t.add(firstPanel, panel));
          Expr sums = panelBody.let("sums_at", sumsAt(panel));
          tile(panelBody, panel, absolute, pass, first, sums);
          if (blocking.passes() == 1) {
            epilogue(panelBody, panel, absolute, row, operands, sums);
          } else {
            panelBody.when(
                t.equal(pass, t.integer(blocking.passes() - 1L)),
                last -> epilogue(last, panel, absolute, row, operands, sums));
          }
        });
      });
      operands.finish(rowBody, rowsOfTile(row));
    });
  }

  /** Rows of the tile that starts at a row. */
  private Expr rowsOfTile(Expr row) {
    return t.min(t.integer(blocking.tileRows()), t.sub(rows, row));
  }

  /** Quads of a row in one pass. */
  private int passQuads() {
    return spec.quads() / blocking.passes();
  }

  /** Where the sums of a tile are kept. */
  private Expr sumsAt(Expr panel) {
    Expr tile = blocking.passes() == 1
        ? t.integer(0)
        : t.mul(panel, (long) blocking.tileRows() * blocking.panel());
    return t.add(tile, blocking.sumsOffset());
  }

  /** Words of one row of a panel as they are stored. */
  private int storedWords() {
    return blocking.panel() * spec.cellBits() / 8;
  }

  private void convert(Body body, Expr firstPanel, Expr panel) {
    int lanes = target.lanes();
    Expr source =
        body.let("source", t.mul(t.add(firstPanel, panel), (long) spec.quads() * storedWords()));
    Expr to = body.let(
        "to",
        t.add(t.mul(panel, (long) blocking.depth() * blocking.panel()), blocking.weightsOffset()));
    body.loop("quad", spec.quads(), (quad, inner) -> {
      Expr stored = inner.let("stored", t.add(source, t.mul(quad, storedWords())));
      Expr spread =
          inner.let("spread", t.add(to, t.mul(quad, (long) product.words() * blocking.panel())));
      for (int v = 0; v < target.tileVectors(); v++) {
        Expr quads = inner.let("q", quads(inner, stored, v, lanes));
        for (int word = 0; word < product.words(); word++) {
          long at = (long) word * blocking.panel() + (long) v * lanes;
          inner.store(range.workspace(), product.signed(t, quads, word), t.add(spread, at));
        }
      }
    });
  }

  /** Vector {@code v} of a panel's row, as signed bytes. */
  private Expr quads(Body body, Expr stored, int v, int lanes) {
    if (spec.cellBits() == 8) {
      return t.load(w, t.add(stored, (long) v * lanes), lanes);
    }
    // The first half of the vectors is in the lower halves of the bytes.
    int half = target.tileVectors() / 2;
    Expr both = body.let("both", t.load(w, t.add(stored, (long) v % half * lanes), lanes));
    Expr upper = v < half ? both : t.shiftRight(both, t.integer(4));
    Expr raised = t.bitsOfBoth(upper, t.integer(0x0f0f0f0f));
    // Takes 8 from each byte, none of which runs over. Signed sums must not overflow, unsigned ones
    // may reach the top.
    Expr sums = t.add(t.reinterpret(raised, "uint32"), t.cast(t.integer(0x78787878), "uint32"));
    return t.bitsThatDiffer(t.reinterpret(sums, "int32"), t.integer(0x80808080));
  }

  /** Scales of a group of all columns side by side, and for each column the sum of scale times sum over its groups. */
  private void spreadScales(Body body, Expr firstPanel, Expr panel) {
    int groups = spec.groups();
    Expr first = body.let("first", t.mul(t.add(firstPanel, panel), blocking.panel()));
    Expr scales = body.let(
        "scales", t.add(t.mul(panel, (long) groups * blocking.panel()), blocking.scalesOffset()));
    Expr offsets =
        body.let("offsets", t.add(t.mul(panel, blocking.panel()), blocking.offsetsOffset()));
    body.loop("j", blocking.panel(), (j, inner) -> {
      Expr column = t.min(t.add(first, j), t.integer(spec.n() - 1L));
      Expr source = inner.let("source", t.mul(column, groups));
      Buffer total = inner.local("total", "float32", 1, 1);
      inner.store(total, t.real(0), t.integer(0));
      inner.loop("g", groups, (g, one) -> {
        Expr factor = one.let("factor", t.load(scale, t.add(source, g), 1));
        Expr values = t.cast(t.load(sum, t.add(source, g), 1), "float32");
        Expr to = t.add(scales, t.add(t.mul(g, blocking.panel()), j));
        one.store(range.workspace(), t.reinterpret(factor, "int32"), to);
        Expr sofar = t.load(total, t.integer(0), 1);
        one.store(total, t.add(sofar, t.mul(factor, values)), t.integer(0));
      });
      Expr all = t.load(total, t.integer(0), 1);
      inner.store(range.workspace(), t.reinterpret(all, "int32"), t.add(offsets, j));
    });
  }

  /** Copies a pass of the rows of a tile; rows beyond the end repeat the last one and are not stored later. */
  private void packRows(Body body, Expr row, Expr first) {
    int quads = passQuads();
    int whole = hasWholeQuads() ? quads / target.lanes() * target.lanes() : 0;
    body.loop("r", blocking.tileRows(), (r, rowBody) -> {
      Expr last = t.min(t.add(row, r), t.sub(rows, t.integer(1)));
      Expr source = rowBody.let("source", t.mul(last, hasWholeQuads() ? spec.quads() : spec.k()));
      Expr to = rowBody.let("to", t.mul(r, blocking.passDepth()));
      if (whole > 0) {
        rowBody.loop("v", whole / target.lanes(), (v, inner) -> {
          Expr at = inner.let("at", t.mul(v, target.lanes()));
          Expr from = t.add(t.add(source, first), at);
          packed(inner, t.load(values, from, target.lanes()), t.add(to, at));
        });
      }
      if (whole < quads) {
        rowBody.loop("q", quads - whole, (q, inner) -> {
          Expr at = inner.let("at", t.add(q, whole));
          Expr quad = inner.let("quad", t.add(first, at));
          Expr word =
              hasWholeQuads() ? t.load(values, t.add(source, quad), 1) : gathered(source, quad);
          packed(inner, word, t.add(to, at));
        });
      }
    });
  }

  /** Words of one kind lie together, so that neighbours are packed at once. */
  private void packed(Body body, Expr quads, Expr to) {
    Expr value = body.let("value", quads);
    for (int word = 0; word < product.words(); word++) {
      body.store(
          range.workspace(),
          product.unsigned(t, value, word),
          t.add(to, (long) word * passQuads()));
    }
  }

  /** Four bytes of a row; those beyond its end meet weights of zero. */
  private Expr gathered(Expr source, Expr quad) {
    Expr out = null;
    for (int i = 0; i < 4; i++) {
      Expr at = t.min(t.add(t.mul(quad, 4), i), t.integer(spec.k() - 1L));
      Expr value = t.cast(t.load(values, t.add(source, at), 1), "int32");
      Expr moved = i == 0 ? value : t.shiftLeft(value, t.integer(8L * i));
      out = out == null ? moved : t.bitsOfEither(out, moved);
    }
    return out;
  }

  /**
   * Computes the sums of a tile over a pass from quad {@code first} on, added to those of earlier passes, and puts them
   * into the workspace: whole numbers, or with groups scaled floats.
   */
  private void tile(Body body, Expr panel, Expr absolute, Expr pass, Expr first, Expr sumsAt) {
    int lanes = target.lanes();
    long panelWords = (long) blocking.depth() * blocking.panel();
    Expr base = body.let(
        "w_at",
        blocking.converts()
            ? t.add(t.mul(panel, panelWords), blocking.weightsOffset())
            : t.mul(absolute, panelWords));
    if (spec.groups() == 1) {
      Expr from =
          body.let("from", t.add(base, t.mul(first, (long) product.words() * blocking.panel())));
      Buffer sums = zeros(body, "sums", "int32", lanes, cells());
      if (blocking.passes() > 1) {
        body.when(t.less(t.integer(0), pass), later -> {
          for (int i = 0; i < cells(); i++) {
            Expr kept = t.load(range.workspace(), t.add(sumsAt, (long) i * lanes), lanes);
            later.store(sums, kept, t.integer(i));
          }
        });
      }
      addProducts(body, sums, from, t.integer(0), passQuads());
      for (int i = 0; i < cells(); i++) {
        Expr total = t.load(sums, t.integer(i), 1);
        body.store(range.workspace(), total, t.add(sumsAt, (long) i * lanes));
      }
      return;
    }
    Expr zeros = t.widen(t.integer(0), lanes);
    for (int i = 0; i < cells(); i++) {
      body.store(range.workspace(), zeros, t.add(sumsAt, (long) i * lanes));
    }
    int quads = spec.group() / 4;
    Expr scales = body.let(
        "scales",
        t.add(t.mul(panel, (long) spec.groups() * blocking.panel()), blocking.scalesOffset()));
    body.loop("group", spec.groups(), (group, inner) -> {
      Expr start = inner.let("start", t.mul(group, quads));
      Buffer sums = zeros(inner, "sums", "int32", lanes, cells());
      addProducts(inner, sums, base, start, quads);
      Expr factors = inner.let("factors", t.add(scales, t.mul(group, blocking.panel())));
      for (int i = 0; i < cells(); i++) {
        Expr at = t.add(factors, (long) i % target.tileVectors() * lanes);
        Expr factor = t.reinterpret(t.load(range.workspace(), at, lanes), "float32");
        Expr cell = t.add(sumsAt, (long) i * lanes);
        Expr sofar = t.reinterpret(t.load(range.workspace(), cell, lanes), "float32");
        Expr added = t.mul(t.cast(t.load(sums, t.integer(i), 1), "float32"), factor);
        inner.store(range.workspace(), t.reinterpret(t.add(sofar, added), "int32"), cell);
      }
    });
  }

  /** Vectors of a tile. */
  private int cells() {
    return blocking.tileRows() * target.tileVectors();
  }

  /** Adds the products of {@code count} quads from {@code first} on to sums in registers. */
  private void addProducts(Body body, Buffer sums, Expr base, Expr first, int count) {
    if (product != ByteProduct.BYTE_PAIRS) {
      body.loop("quad", count, (i, inner) -> {
        Expr quad = inner.let("at", t.add(first, i));
        products(inner, base, quad, (cell, a, b) -> {
          Expr at = t.integer(cell);
          inner.store(sums, product.add(t, t.load(sums, at, 1), a, b), at);
        });
      });
      return;
    }
    // Sums of 16 bits for as many quads as they hold, then added to those of 32 bits.
    int most = Math.min(count, ByteProduct.quadsIn16Bits(spec));
    int runs = count / most;
    body.loop("run", runs, (run, runBody) -> {
      Expr start = runBody.let("start", t.add(first, t.mul(run, most)));
      run(runBody, base, sums, start, most);
    });
    if (count % most != 0) {
      Expr start = body.let("start", t.add(first, (long) runs * most));
      run(body, base, sums, start, count % most);
    }
  }

  private void run(Body body, Expr base, Buffer sums, Expr first, int count) {
    int lanes = target.lanes();
    Buffer pairs = zeros(body, "pairs", "int16", 2 * lanes, cells());
    body.loop("quad", count, (i, inner) -> {
      Expr quad = inner.let("at", t.add(first, i));
      products(inner, base, quad, (cell, a, b) -> {
        Expr at = t.integer(cell);
        Expr pair = ByteProduct.bytePairs(t, a, b);
        inner.store(pairs, t.add(t.load(pairs, at, 1), pair), at);
      });
    });
    Expr ones = t.widen(t.cast(t.integer(1), "int16"), 2 * lanes);
    for (int i = 0; i < cells(); i++) {
      Expr at = t.integer(i);
      Expr added = ByteProduct.addPairs(t, t.load(pairs, at, 1), ones);
      body.store(sums, t.add(t.load(sums, at, 1), added), at);
    }
  }

  private Buffer zeros(Body body, String name, String type, int lanes, int cells) {
    Buffer out = body.local(name, type, lanes, cells);
    for (int i = 0; i < cells; i++) {
      body.store(out, t.widen(t.cast(t.integer(0), type), lanes), t.integer(i));
    }
    return out;
  }

  /** Work on one vector of the tile: its cell, a word of the operand in every lane, words of the weights. */
  private interface Product {
    void at(int cell, Expr operand, Expr weights);
  }

  private void products(Body body, Expr base, Expr quad, Product each) {
    Buffer weights = blocking.converts() ? range.workspace() : w;
    int vectors = target.tileVectors();
    int lanes = target.lanes();
    for (int word = 0; word < product.words(); word++) {
      Expr from = body.let(
          "from",
          t.add(
              t.add(base, t.mul(quad, (long) product.words() * blocking.panel())),
              (long) word * blocking.panel()));
      Expr[] columns = new Expr[vectors];
      for (int v = 0; v < vectors; v++) {
        columns[v] = body.let("b", t.load(weights, t.add(from, (long) v * lanes), lanes));
      }
      for (int r = 0; r < blocking.tileRows(); r++) {
        long at = (long) r * blocking.passDepth() + (long) word * passQuads();
        Expr scalar = t.load(range.workspace(), t.add(quad, at), 1);
        Expr operand = body.let("a", t.widen(scalar, lanes));
        for (int v = 0; v < vectors; v++) {
          each.at(r * vectors + v, operand, columns[v]);
        }
      }
    }
  }

  private void epilogue(
      Body body, Expr panel, Expr absolute, Expr row, EpilogueEmitter.Rows operands, Expr sums) {
    Expr offsetsAt =
        body.let("offsets", t.add(t.mul(panel, blocking.panel()), blocking.offsetsOffset()));
    Expr column = body.let("column0", t.mul(absolute, blocking.panel()));
    body.loop("r", rowsOfTile(row), (r, rowBody) -> {
      Expr tokenRow = rowBody.let("token_row", t.add(row, r));
      Expr source = rowBody.let("source", t.add(sums, t.mul(r, blocking.panel())));
      Expr to = rowBody.let("to", t.add(t.mul(tokenRow, spec.n()), column));
      Expr pair = rowBody.let("pair", t.mul(tokenRow, rangeStride));
      Expr step = rowBody.let("step", t.load(rangeOfRow, pair, 1));
      Expr least = rowBody.let("least", t.load(rangeOfRow, t.add(pair, 1), 1));
      EpilogueEmitter.Row rest = operands.row(rowBody, r, column);
      epilogue.eachVector(rowBody, column, blocking.panel(), target.lanes(), (one, lane, lanes) -> {
        Expr stored = t.load(range.workspace(), t.add(source, lane), lanes);
        Expr value;
        if (spec.groups() == 1) {
          Expr at = t.add(column, lane);
          Expr offsets = t.cast(t.load(sum, at, lanes), "float32");
          Expr both = t.add(t.mul(t.cast(stored, "float32"), step), t.mul(offsets, least));
          value = t.mul(t.load(scale, at, lanes), both);
        } else {
          Expr offsets = t.load(range.workspace(), t.add(offsetsAt, lane), lanes);
          value = t.add(
              t.mul(t.reinterpret(stored, "float32"), step),
              t.mul(t.reinterpret(offsets, "float32"), least));
        }
        one.store(c, rest.apply(one, value, lane), t.add(to, lane));
      });
    });
  }
}
