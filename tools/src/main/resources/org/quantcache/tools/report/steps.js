// Heat maps of steps and layers: what was decided, and the numbers that it rested on.
(() => {
  const f = qc.format;
  const trace = qc.data.trace;
  const errors = qc.data.errors;

  /** Rows: guards, then the blocks of the stack, then branches that may be left out. */
  const rowsOf = () => {
    const guards = Object.entries(trace.guards).map(([name, guard]) => ({ name: "guard " + name, guard: withSteps(guard), kind: "guard" }));
    const blocks = (qc.data.blocks ?? []).map((block) => ({
      name: block.name, kind: "block", block,
      guards: block.guards.filter((name) => trace.guards[name]).map((name) => withSteps(trace.guards[name])),
      branches: block.branches.filter((name) => trace.layers?.[name]).map((name) => ({ name, ...withSteps(trace.layers[name]) })),
    }));
    const layers = Object.entries(trace.layers ?? {}).map(([name, layer]) => ({ name: "branch " + name, layer: withSteps(layer), kind: "layer" }));
    return [...guards, ...blocks, ...layers];
  };

  const withSteps = (of) => ({ ...of, computedAt: new Set(of.computed), prunedAt: new Set(of.pruned ?? []) });

  const stateOf = (row, step) => {
    if (row.kind === "guard") return row.guard.computedAt.has(step) ? "computed" : "reused";
    if (row.kind === "layer") return row.layer.prunedAt.has(step) ? "pruned" : row.layer.computedAt.has(step) ? "computed" : "idle";
    if (row.guards.some((guard) => !guard.computedAt.has(step))) return "reused";
    const out = row.branches.filter((branch) => branch.prunedAt.has(step));
    if (!out.length) return "computed";
    return out.some((branch) => branch.name === row.name) ? "pruned" : "partly";
  };

  const WORDS = {
    computed: "computed", reused: "cached value reused", pruned: "left out", partly: "one branch left out", idle: "not reached",
  };

  const decided = {
    id: "decisions", name: "Decisions",
    about: "What each block, guard and branch did at each step.",
    color: (row, step) => "--" + stateOf(row, step),
    legend: () => Object.entries(WORDS).map(([state, word]) => qc.el("span", {}, qc.el("i", { style: `background:var(--${state})` }), word)),
  };

  /** A map of a number, where there is one. */
  const numbers = (id, name, about, value) => {
    const rows = rowsOf().filter((row) => d3.range(trace.steps).some((step) => value(row, step) !== undefined));
    const all = rows.flatMap((row) => d3.range(trace.steps).map((step) => value(row, step)).filter((number) => number !== undefined));
    if (!all.length) return null;
    const ramp = qc.ramp(d3.min(all), d3.max(all), (number) => f.number(number));
    return {
      id, name, about, rows, value, legend: () => ramp.legend,
      color: (row, step) => value(row, step) === undefined ? "--idle" : ramp.color(value(row, step)),
    };
  };

  const activationBits = (row, step) => {
    if (row.kind === "guard") return row.guard.bits?.[step];
    if (row.kind !== "block" || !row.block.activation || stateOf(row, step) === "reused" || stateOf(row, step) === "pruned") return undefined;
    return row.block.dynamic ? row.guards.map((guard) => guard.bits?.[step]).find((bits) => bits) ?? row.block.activation : row.block.activation;
  };

  const maps = () => trace ? [
    { ...decided, rows: rowsOf() },
    numbers("bits", "Activation bits", "Mean bits of what is multiplied, at the steps that compute.", activationBits),
    numbers("weights", "Weight bits", "Mean bits of the weights in use, at the steps that compute.", (row, step) =>
      row.kind === "block" && row.block.weight && !["reused", "pruned"].includes(stateOf(row, step)) ? row.block.weight : undefined),
    numbers("D", "Divergence D", "What the probe of a guard measured: how far what it looks at moved since the last computed step.", (row, step) => row.guard?.divergence?.[step]),
    numbers("S", "Similarity S", "How much two layers before resemble each other; above a threshold a layer is left out.", (row, step) => row.layer?.similarity?.[step]),
    numbers("V", "Variation V", "How much a layer's output changes over computed steps.", (row, step) => row.layer?.variation?.[step]),
    errorMap(),
  ].filter(Boolean) : [errorMap()].filter(Boolean);

  /** Relative L2 of each place at each step, the worst places first. */
  function errorMap() {
    if (!errors?.rows.length) return null;
    const rows = errors.rows.map((row) => {
      const at = new Map(row.values.map((value) => [value[0], value]));
      const finite = row.values.map((value) => Number(value[1])).filter(Number.isFinite);
      const worst = finite.length < row.values.length ? Infinity : Math.max(...finite);
      return { name: row.at + "  " + (row.b || row.a), kind: "error", at, worst };
    }).sort((a, b) => b.worst - a.worst);
    const logs = rows.flatMap((row) => [...row.at.values()].map((value) => Math.log10(Number(value[1]))).filter(Number.isFinite));
    const ramp = qc.ramp(d3.min(logs) ?? -6, d3.max(logs) ?? 0, (log) => (10 ** log).toExponential(1));
    return {
      id: "error", name: "Error", about: "Relative L2 against the other build, on a logarithmic scale; the worst place first. Red is not a number.",
      rows, steps: errors.steps, legend: () => ramp.legend,
      color: (row, step) => {
        const value = row.at.get(step);
        if (!value) return "--idle";
        const number = Number(value[1]);
        return !Number.isFinite(number) ? "#d11f2d" : number === 0 ? "--idle" : ramp.color(Math.log10(number));
      },
    };
  }

  const detail = (row, step) => {
    const lines = [];
    if (row.kind === "error") {
      const value = row.at.get(step);
      return value ? [`relative L2 ${f.number(value[1])}`, `largest error ${f.number(value[2])}`, `SQNR ${f.number(value[3])} dB`] : ["not compared"];
    }
    lines.push(WORDS[stateOf(row, step)]);
    if (row.guard?.divergence?.[step] !== undefined) lines.push("divergence D " + f.number(row.guard.divergence[step]));
    if (row.guard?.noise_dominated?.includes(step)) lines.push("no more than rounding causes");
    if (row.layer?.similarity?.[step] !== undefined) lines.push("similarity S " + f.number(row.layer.similarity[step]));
    if (row.layer?.variation?.[step] !== undefined) lines.push("variation V " + f.number(row.layer.variation[step]));
    for (const branch of row.branches ?? []) if (branch.prunedAt.has(step)) lines.push(branch.name + " left out");
    const bits = activationBits(row, step);
    if (bits) lines.push(`activations of ${f.bits(bits)} bits` + (row.block ? `, weights of ${f.bits(row.block.weight)}` : ""));
    return lines;
  };

  qc.steps = { show: null };
  qc.panel("steps", "Steps", () => Boolean(trace && (Object.keys(trace.guards).length || Object.keys(trace.layers ?? {}).length)) || errors?.rows.length > 0, (host) => {
    const all = maps();
    const place = qc.el("div");
    const buttons = all.map((map) => qc.el("button", { "data-map": map.id, onclick: () => show(map) }, map.name));
    const show = (map) => {
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.map === map.id)));
      qc.clear(place, qc.el("p", { class: "lead", style: "margin-top:12px" }, map.about),
        qc.el("div", { class: "card" }, qc.el("div", { class: "legend", style: "margin-bottom:10px" }, map.legend()),
          new qc.Grid({
            rows: map.rows.map((row) => row.name), columns: map.steps ?? trace.steps, label: map.name,
            color: (row, step) => map.color(map.rows[row], step),
            about: (row, step) => [map.rows[row].name + ", step " + step, ...detail(map.rows[row], step)].join("\n"),
          }).element));
    };
    qc.clear(host, qc.el("h2", {}, "Steps and layers"), qc.data.decisions ? qc.el("p", { class: "lead" }, qc.data.decisions) : [],
      qc.el("div", { class: "tools" }, buttons), place);
    show(all[0]);
  });
})();
