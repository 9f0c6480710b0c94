// What is known of one node: type, place, work, bits, kernel and its source, error.
qc.details = (() => {
  const f = qc.format;
  const row = (name, value) => value === "" || value === undefined ? [] : [qc.el("dt", {}, name), qc.el("dd", {}, value)];

  /** Differences of an operation: those at its place; of several with the name of the operation first. */
  const errorsOf = (node) => {
    const rows = (qc.data.errors?.rows ?? []).filter((one) => node.place && one.at === node.place);
    const named = rows.filter((one) => one.a === node.name || one.b === node.name);
    return named.length ? named : rows;
  };

  const worst = (row) => row.values.reduce((most, value) => {
    const number = Number(value[1]);
    return Number.isNaN(number) || number > most.number ? { number: Number.isNaN(number) ? Infinity : number, value } : most;
  }, { number: -1, value: null }).value;

  const errors = (node) => errorsOf(node).flatMap((one) => {
    const value = worst(one);
    return value ? row("error", `relative L2 ${f.number(value[1])}, largest ${f.number(value[2])}, SQNR ${f.number(value[3])} dB`
      + (qc.data.errors.steps > 1 ? `, worst at step ${value[0]}` : "")) : [];
  });

  const time = (node) => {
    let us = 0;
    let launches = 0;
    for (const kernel of qc.data.profile?.kernels ?? []) {
      for (const [at, op, micros, count] of kernel.places) {
        if (node.place && at === node.place && (!op || op === node.name)) { us += micros; launches += count; }
      }
    }
    return launches ? row("time", `${f.micros(us)} in ${f.count(launches)} launches`) : [];
  };

  const kernels = (node, sources) => node.kernels.flatMap((name) => [
    qc.el("h4", {}, "Kernel ", qc.el("code", {}, name)),
    sources.has(name) ? qc.source(sources.get(name)) : qc.el("p", { class: "soft" }, "The artifact holds no source of it."),
  ]);

  const counts = (node, marks) => {
    const found = marks.counts(node);
    const tags = ["added", "removed", "changed"].filter((word) => found[word]).map((word) => qc.el("span", { class: "tag " + word }, found[word] + " " + word));
    return tags.length ? row("this pass", tags) : [];
  };

  const remarksAt = (node, remarks) => {
    const place = node.place;
    const found = (remarks ?? []).filter((one) => place && one.at === place).slice(0, 12);
    return found.length ? [qc.el("h4", {}, "Remarks of this pass"), qc.el("ul", {}, found.map((one) => qc.el("li", {}, qc.remark(one))))] : [];
  };

  /** @param context marks of the state, sources of kernels, remarks of the pass shown */
  const show = (node, { marks, sources, remarks, close }) => [
    qc.el("h3", {}, node.label, qc.el("button", { "aria-label": "close details", onclick: close }, "×")),
    qc.el("dl", {},
      row("place", node.place),
      node.isGroup ? row("holds", f.count(node.operations) + " operations") : [],
      row("type", node.type && qc.el("code", {}, node.type)),
      row("bits", node.bits),
      row("work", f.flops(node.flops)),
      row("memory", f.bytes(node.bytes)),
      time(node),
      errors(node),
      counts(node, marks)),
    node.text ? [qc.el("h4", {}, "IR"), qc.el("pre", { class: "ir" }, node.text)] : [],
    kernels(node, sources),
    remarksAt(node, remarks),
  ].flat();

  return { show };
})();

/** Source of a kernel, or its description with a line for each field. */
qc.source = (text) => qc.el("pre", {}, text.includes("\n") ? text : text.replace(/, (?=\w+=)/g, ",\n  "));

/** A remark in one line. */
qc.remark = ({ event, at, reason, pass, ...more }) => [
  qc.el("span", { class: reason ? "tag changed" : "tag" }, event), at + " ",
  qc.el("span", { class: "soft" }, [reason && "not done: " + reason, ...Object.entries(more).map(([name, value]) => name + " " + value)].filter(Boolean).join(", ")),
];
