// One drawing of the graph: pans, zooms, draws what is in sight only.
qc.GraphCanvas = class {
  /** @param choose told of a node that is clicked, @param toggle of a group that opens or closes */
  constructor({ choose, toggle, moved }) {
    this.choose = choose;
    this.toggle = toggle;
    this.edgeLayer = qc.el("g");
    this.boxLayer = qc.el("g");
    this.view = qc.el("g", {}, this.edgeLayer, this.boxLayer);
    this.svg = qc.el("svg", { tabindex: "0", role: "img", "aria-label": "graph of the program" }, this.view);
    this.title = qc.el("div", { class: "name" });
    this.element = qc.el("div", { class: "side" }, this.svg, this.title);
    this.transform = d3.zoomIdentity;
    this.zoom = d3.zoom().scaleExtent([0.02, 3]).on("zoom", (event) => {
      this.transform = event.transform;
      this.view.setAttribute("transform", event.transform);
      if (event.sourceEvent) moved?.(this);
      this.later();
    });
    d3.select(this.svg).call(this.zoom).on("dblclick.zoom", null);
    this.drawing = { boxes: [], edges: [] };
  }

  show(root, isOpen, marks, name) {
    this.marks = marks;
    this.root = root;
    this.title.textContent = name;
    this.drawing = qc.layout.flatten(root, isOpen);
    this.byKey = new Map(this.drawing.boxes.map((box) => [box.node.key, box]));
    this.drawn = null;
    this.draw();
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  /** Draws the part in sight and as much around it, so that a small move needs no new elements. */
  draw() {
    const { clientWidth: width, clientHeight: height } = this.svg;
    if (!width || !this.drawing.boxes.length) return;
    const [left, top] = this.transform.invert([0, 0]);
    const [right, bottom] = this.transform.invert([width, height]);
    const small = this.transform.k < 0.25;
    const seen = this.drawn;
    if (seen && seen.small === small && seen.chosen === this.chosen
        && seen.left <= left && seen.right >= right && seen.top <= top && seen.bottom >= bottom) return;
    const area = {
      left: left - (right - left) / 2, right: right + (right - left) / 2,
      top: top - (bottom - top) / 2, bottom: bottom + (bottom - top) / 2, small, chosen: this.chosen,
    };
    this.drawn = area;
    const inside = (x0, y0, x1, y1) => x1 >= area.left && x0 <= area.right && y1 >= area.top && y0 <= area.bottom;
    const boxes = this.drawing.boxes.filter((box) => inside(box.x, box.y, box.x + box.width, box.y + box.height));
    const edges = this.drawing.edges.filter(({ points }) => {
      const xs = points.map((point) => point[0]);
      const ys = points.map((point) => point[1]);
      return inside(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    });
    // An edge lies on the group that it runs in, so groups come before edges and edges before the rest.
    this.edgeLayer.replaceChildren(...boxes.filter((box) => box.open).map((box) => this.box(box, small)), ...edges.map((edge) => this.edge(edge)));
    this.boxLayer.replaceChildren(...boxes.filter((box) => !box.open).map((box) => this.box(box, small)));
  }

  edge({ from, to, points }) {
    const lit = this.chosen && (from.key === this.chosen || to.key === this.chosen);
    const [endX, endY] = points[points.length - 1];
    const head = points[points.length - 2][1] > endY ? -6 : 6;
    const path = points.map(([x, y], i) => (i ? "L" : "M") + x + " " + y).join("")
      + `M${endX - 3.5} ${endY - head}L${endX} ${endY}L${endX + 3.5} ${endY - head}`;
    return qc.el("path", { class: lit ? "edge lit" : "edge", d: path });
  }

  box({ node, x, y, width, height, open }, small) {
    const mark = this.marks.of(node);
    const counts = node.isGroup ? this.marks.counts(node) : null;
    const touched = counts && ["added", "removed", "changed"].filter((word) => counts[word]);
    const style = !node.isGroup ? mark : touched.length === 1 ? touched[0] : touched.length ? "changed" : null;
    const classes = ["node", node.isGroup ? "group" : "operation", open && "open", style, node.key === this.chosen && "chosen"];
    const made = qc.el("g", {
      class: classes.filter(Boolean).join(" "),
      "data-key": node.key,
      transform: `translate(${x} ${y})`,
      onclick: (event) => {
        event.stopPropagation();
        this.svg.focus({ preventScroll: true });
        if (node.isGroup && !event.defaultPrevented) this.toggle(node, this);
        this.choose(node, this);
      },
      onmousemove: (event) => { event.stopPropagation(); qc.tip.show(this.about(node, counts), event); },
      onmouseleave: () => qc.tip.hide(),
    }, qc.el("rect", { width, height, rx: node.isGroup ? 9 : 5 }));
    if (!node.isGroup) made.append(qc.el("rect", { class: "mark", width: 5, height: height - 8, x: 4, y: 4, rx: 2, style: `fill:var(--${qc.family(node.label)})` }));
    if (!small || open) made.append(...this.words(node, width, open, touched ? counts : null));
    return made;
  }

  words(node, width, open, counts) {
    const room = Math.floor((width - 30) / 7.3);
    const cut = (text, most) => text.length > most ? text.slice(0, Math.max(1, most - 1)) + "…" : text;
    const sign = node.isGroup ? (open ? "− " : "+ ") : "";
    const out = [qc.el("text", { x: 16, y: 17 }, cut(sign + node.label, Math.max(room, 8)))];
    if (open) return out;
    const total = counts ? [["added", "+"], ["removed", "−"], ["changed", "~"]].filter(([word]) => counts[word])
      .map(([word, symbol]) => symbol + counts[word]).join(" ") : "";
    const under = node.isGroup ? (total ? total + " of " : "") + node.operations + " ops" + (total ? "" : ", " + qc.format.flops(node.flops))
      : [node.bits && node.bits + (node.bits.includes("W") ? "" : " bit"), node.type.replace(/^[^[]*(\[.*?\]).*$/, "$1")].filter(Boolean).join("  ");
    out.push(qc.el("text", { class: "under", x: 16, y: 32 }, cut(under, Math.floor((width - 24) / 5.6))));
    return out;
  }

  about(node, counts) {
    const lines = [node.isGroup ? node.label : node.text];
    if (node.place) lines.push(node.place);
    if (node.isGroup) lines.push(node.operations + " operations");
    if (node.flops || node.bytes) lines.push(qc.format.flops(node.flops) + ", " + qc.format.bytes(node.bytes));
    const mark = this.marks.of(node);
    if (counts) for (const word of ["added", "removed", "changed"]) { if (counts[word]) lines.push(counts[word] + " " + word); }
    else if (mark) lines.push(mark);
    return lines.join("\n");
  }

  setChosen(key) { this.chosen = key; this.draw(); }

  /** Moves so that the whole drawing, or its upper part at a readable size, is in sight. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.svg;
    if (!width) return;
    const scale = Math.min(1, (width - 40) / this.drawing.width, Math.max(0.45, (height - 60) / this.drawing.height));
    this.move(d3.zoomIdentity.translate((width - scale * this.drawing.width) / 2, 44).scale(scale));
  }

  move(transform) { d3.select(this.svg).call(this.zoom.transform, transform); }

  scaleBy(factor) { d3.select(this.svg).call(this.zoom.scaleBy, factor); }

  /** Brings a node into sight, at a size at which it can be read. */
  reveal(key) {
    const box = this.byKey?.get(key);
    if (!box) return;
    const { clientWidth: width, clientHeight: height } = this.svg;
    const scale = Math.max(0.6, this.transform.k);
    const [x, y] = this.transform.apply([box.x, box.y]);
    const inSight = this.transform.k >= 0.5 && x >= 0 && y >= 40 && x + box.width * scale <= width && y + Math.min(box.height, 60) * scale <= height;
    if (inSight) return;
    this.move(d3.zoomIdentity
      .translate(width / 2 - scale * (box.x + Math.min(box.width, width / scale) / 2), height / 3 - scale * box.y)
      .scale(scale));
  }

  /** The nearest node in a direction. */
  neighbour(key, direction) {
    const from = this.byKey.get(key);
    if (!from) return this.drawing.boxes[0]?.node;
    const [dx, dy] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[direction];
    const centre = (box) => [box.x + box.width / 2, box.open ? box.y + 14 : box.y + box.height / 2];
    const [x0, y0] = centre(from);
    let best = null;
    let least = Infinity;
    for (const box of this.drawing.boxes) {
      const [x, y] = centre(box);
      const along = (x - x0) * dx + (y - y0) * dy;
      const across = Math.abs((x - x0) * dy) + Math.abs((y - y0) * dx);
      if (box.node.key === key || along < 4) continue;
      const distance = along + 2.5 * across;
      if (distance < least) { least = distance; best = box.node; }
    }
    return best;
  }
};

/** What a kind of operation is drawn in. */
qc.family = (name) => name.includes("linear") ? "product"
  : name.includes("attention") ? "attention"
    : /^(quant|nn)\.|norm/.test(name) ? "rows"
      : /^(cache|prune|step|sampler|func)\./.test(name) ? "control"
        : /^(embed|text|latent)\./.test(name) ? "model" : "element";
