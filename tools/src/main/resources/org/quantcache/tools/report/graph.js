// The graph: one state of the program, or the states before and after a pass side by side.
(() => {
  const legend = () => qc.el("div", { class: "legend" },
    [["product", "products"], ["attention", "attention"], ["rows", "norms, rounding"], ["element", "element by element"], ["control", "decisions, loop"], ["model", "embeddings"]]
      .map(([family, word]) => qc.el("span", {}, qc.el("i", { style: `background:var(--${family})` }), word)),
    [["added", "added"], ["removed", "removed"], ["changed", "changed"]]
      .map(([mark, word]) => qc.el("span", {}, qc.el("i", { style: `background:var(--${mark}-ground);border-color:var(--${mark})` }), word)),
    qc.el("span", {}, "A value with more than 4 readers is drawn to the first of them."));

  /** Groups that are open at the start: all around the blocks. */
  const openAtStart = (root) => {
    const open = new Set();
    const visit = (node) => {
      if (node.kind !== "function" && node.kind !== "region" && node.parent) return;
      open.add(node.key);
      node.children.forEach(visit);
    };
    visit(root);
    return open;
  };

  class GraphPanel {
    constructor(loaded, host) {
      this.loaded = loaded;
      this.host = host;
      this.open = new Set();
      loaded.stages.forEach((stage) => openAtStart(stage.root).forEach((key) => this.open.add(key)));
      this.stage = loaded.stages.length - 1;
      this.both = false;
      const events = {
        choose: (node, canvas) => this.choose(node, canvas),
        toggle: (node) => this.toggle(node),
        moved: (canvas) => this.follow(canvas),
      };
      this.left = new qc.GraphCanvas(events);
      this.right = new qc.GraphCanvas(events);
      this.details = qc.el("aside", { class: "details", "aria-label": "details", hidden: true });
      this.sides = qc.el("div", { class: "sides" }, this.left.element, this.right.element, this.details);
      qc.clear(host, qc.el("div", { class: "graph", onkeydown: (event) => this.key(event) }, this.bar(), legend(), this.sides));
      this.refresh();
      this.fit();
      new ResizeObserver(() => [this.left, this.right].forEach((canvas) => { canvas.drawn = null; canvas.later(); })).observe(this.sides);
    }

    bar() {
      const several = this.loaded.stages.length > 1;
      this.select = qc.el("select", { "aria-label": "pass", onchange: () => this.setStage(Number(this.select.value)) },
        this.loaded.stages.map((stage, i) => qc.el("option", { value: i }, stage.name)));
      this.bothButton = qc.el("button", { onclick: () => { this.both = !this.both; this.refresh(); this.fit(); } }, "before and after");
      return qc.el("div", { class: "tools" },
        several ? [qc.el("button", { "aria-label": "pass before", title: "pass before (,)", onclick: () => this.setStage(this.stage - 1) }, "‹"), this.select,
          qc.el("button", { "aria-label": "next pass", title: "next pass (.)", onclick: () => this.setStage(this.stage + 1) }, "›"), this.bothButton] : [],
        qc.el("span", { class: "gap" }),
        qc.el("button", { onclick: () => this.openBlocks() }, "open blocks"),
        qc.el("button", { onclick: () => this.closeBlocks() }, "close blocks"),
        qc.el("button", { title: "zoom in (+)", onclick: () => this.main.scaleBy(1.4) }, "+"),
        qc.el("button", { title: "zoom out (−)", onclick: () => this.main.scaleBy(1 / 1.4) }, "−"),
        qc.el("button", { title: "fit (0)", onclick: () => this.fit() }, "fit"));
    }

    get main() { return this.right; }

    get isBoth() { return this.both && this.stage > 0; }

    refresh() {
      const { stages } = this.loaded;
      const isOpen = (node) => this.open.has(node.key);
      this.left.element.hidden = !this.isBoth;
      this.left.element.style.display = this.isBoth ? "" : "none";
      this.select.value = this.stage;
      this.bothButton.setAttribute("aria-pressed", String(this.both));
      const after = stages[this.stage];
      this.rightMarks = this.isBoth ? this.loaded.added(this.stage) : this.loaded.none();
      this.right.show(after.root, isOpen, this.rightMarks, this.isBoth ? "after " + after.name : after.name);
      if (this.isBoth) {
        this.leftMarks = this.loaded.removed(this.stage - 1);
        this.left.show(stages[this.stage - 1].root, isOpen, this.leftMarks, "before (" + stages[this.stage - 1].name + ")");
      }
    }

    fit() {
      this.right.fit();
      if (this.isBoth) this.left.move(this.right.transform);
    }

    /** Both sides move together. */
    follow(canvas) {
      if (!this.isBoth) return;
      const other = canvas === this.left ? this.right : this.left;
      if (other.transform.toString() !== canvas.transform.toString()) other.move(canvas.transform);
    }

    setStage(stage) {
      if (stage < 0 || stage >= this.loaded.stages.length) return;
      const wasBoth = this.isBoth;
      this.stage = stage;
      this.both = true;
      this.hideDetails();
      this.refresh();
      if (wasBoth !== this.isBoth) this.fit();
    }

    toggle(node) {
      if (this.open.has(node.key)) this.open.delete(node.key); else this.open.add(node.key);
      this.refresh();
    }

    blocks() {
      const out = [];
      this.loaded.stages[this.stage].root.walk((node) => { if (node.kind === "block") out.push(node.key); });
      return out;
    }

    openBlocks() { this.blocks().forEach((key) => this.open.add(key)); this.refresh(); }

    closeBlocks() { this.blocks().forEach((key) => this.open.delete(key)); this.refresh(); }

    choose(node, canvas) {
      this.chosen = { node, canvas };
      this.left.setChosen(node.key);
      this.right.setChosen(node.key);
      const marks = canvas === this.left ? this.leftMarks : this.rightMarks;
      const pass = this.loaded.stages[this.stage].name.split(" ")[0];
      this.details.hidden = false;
      this.details.replaceChildren(...qc.details.show(node, {
        marks, sources: this.loaded.sources, remarks: this.isBoth ? this.loaded.remarks[pass] : [], close: () => this.hideDetails(),
      }));
    }

    hideDetails() {
      this.details.hidden = true;
      this.chosen = null;
      this.left.setChosen(null);
      this.right.setChosen(null);
    }

    /** Opens all around a node of the state shown, chooses it and brings it into sight. */
    goTo(node) {
      for (let at = node.parent; at; at = at.parent) this.open.add(at.key);
      this.refresh();
      this.choose(node, this.right);
      this.right.reveal(node.key);
      this.follow(this.right);
      this.right.svg.focus({ preventScroll: true });
    }

    key(event) {
      if (event.target.tagName === "SELECT" || event.ctrlKey || event.metaKey || event.altKey) return;
      const canvas = this.chosen?.canvas ?? this.right;
      const act = {
        Enter: () => { if (event.target.tagName !== "BUTTON" && this.chosen) this.enter(); else return true; },
        Escape: () => this.hideDetails(),
        "+": () => this.main.scaleBy(1.4),
        "=": () => this.main.scaleBy(1.4),
        "-": () => this.main.scaleBy(1 / 1.4),
        0: () => this.fit(),
        ",": () => this.setStage(this.stage - 1),
        ".": () => this.setStage(this.stage + 1),
      }[event.key];
      if (event.key.startsWith("Arrow")) {
        const next = canvas.neighbour(this.chosen?.node.key ?? "", event.key);
        if (next) { this.choose(next, canvas); canvas.reveal(next.key); this.follow(canvas); }
        event.preventDefault();
      } else if (act && act() !== true) {
        event.preventDefault();
      }
    }

    enter() {
      const { node, canvas } = this.chosen;
      if (!node.isGroup) return;
      this.toggle(node);
      this.choose(node, canvas);
      canvas.reveal(node.key);
    }
  }

  qc.graph = { current: null };
  qc.panel("graph", "Graph", () => qc.data.stages > 0, async (host) => {
    host.classList.add("full");
    if (!qc.graph.current) {
      host.append(qc.el("p", { class: "panel" }, "reading the graph …"));
      qc.graph.current = new GraphPanel(await qc.model.load(), host);
    }
    qc.graph.current.right.svg.focus({ preventScroll: true });
  });
})();
