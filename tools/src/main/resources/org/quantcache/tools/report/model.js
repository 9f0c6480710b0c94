// The program as a tree of nodes, for each state that the passes left.
qc.model = (() => {
  const OPERATION = 0;

  /** A node where it stands: `first` is the number of its first operation in the order of the tree. */
  class Node {
    constructor(graph, id, parent, first, key) {
      const raw = graph.nodes[id];
      Object.assign(this, { graph, raw, parent, first, key });
      this.isGroup = raw[0] !== OPERATION;
      this.label = graph.strings[raw[1]];
    }
    get operations() { return this.isGroup ? this.raw[6] : 1; }
    get kind() { return this.isGroup ? this.graph.strings[this.raw[2]] : "operation"; }
    get layout() { return this.graph.layouts[this.raw[3]]; }
    get flops() { return this.isGroup ? this.raw[7] : this.raw[6]; }
    get bytes() { return this.isGroup ? this.raw[8] : this.raw[7]; }
    get own() { return this.isGroup ? (this.raw[5] < 0 ? null : this.graph.nodes[this.raw[5]]) : this.raw; }
    get text() { return this.own ? this.graph.strings[this.own[2]] : ""; }
    get place() { return this.own ? this.graph.strings[this.own[3]] : ""; }
    get type() { return this.own ? this.graph.strings[this.own[4]] : ""; }
    get bits() { return this.own ? this.graph.strings[this.own[5]] : ""; }
    get kernels() { return this.own ? this.own[8].map((word) => this.graph.strings[word]) : []; }
    get name() { return this.own ? this.graph.strings[this.own[1]] : this.label; }
    get result() { const at = this.text.indexOf(" = "); return at < 0 ? "" : this.text.slice(0, at); }
    get children() {
      if (!this.isGroup) return [];
      if (!this.made) {
        let first = this.first + (this.own ? 1 : 0);
        const seen = new Map();
        this.made = this.raw[4].map((id) => {
          const label = this.graph.strings[this.graph.nodes[id][1]];
          const twin = seen.get(label) ?? 0;
          seen.set(label, twin + 1);
          const child = new Node(this.graph, id, this, first, this.key + "/" + label + (twin ? "#" + twin : ""));
          first += child.operations;
          return child;
        });
      }
      return this.made;
    }
    /** Visits this node and all below. */
    walk(visit) { visit(this); this.children.forEach((child) => child.walk(visit)); }
  }

  const marksOf = (stage, next) => {
    const marks = new Map();
    const put = (list, word) => (list ?? []).forEach((number) => marks.set(number, word));
    put(stage?.marks?.added, "added");
    put(stage?.marks?.after, "changed");
    put(next?.marks?.removed, "removed");
    put(next?.marks?.before, "changed");
    return marks;
  };

  /** Marks of the operations of a state and how many there are in each part of the tree. */
  class Marks {
    constructor(marks) {
      this.marks = marks;
      this.sorted = [...marks.keys()].sort((a, b) => a - b);
    }
    of(node) { return this.marks.get(node.first); }
    /** Counts by word below a node. */
    counts(node) {
      const out = { added: 0, removed: 0, changed: 0 };
      let low = 0;
      let high = this.sorted.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.sorted[middle] < node.first) low = middle + 1; else high = middle;
      }
      for (; low < this.sorted.length && this.sorted[low] < node.first + node.operations; low++) {
        out[this.marks.get(this.sorted[low])]++;
      }
      return out;
    }
  }

  let loaded;
  const load = async () => {
    if (!loaded) {
      const { graph, remarks } = await qc.graphData();
      loaded = {
        graph,
        remarks,
        stages: graph.stages.map((stage) => ({ name: stage.name, root: new Node(graph, stage.root, null, 0, "@") })),
        sources: new Map(graph.kernels.map(([name, source]) => [graph.strings[name], graph.strings[source]])),
        none: () => new Marks(new Map()),
        added: (stage) => new Marks(marksOf(graph.stages[stage])),
        removed: (stage) => new Marks(marksOf(undefined, graph.stages[stage + 1])),
      };
    }
    return loaded;
  };
  return { load };
})();
