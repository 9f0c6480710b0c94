// The passes: time, what they rewrote, what became of the operations and of the work, their remarks.
(() => {
  const f = qc.format;
  const REMARKS_AT_ONCE = 200;

  const tags = (counts, style) => Object.entries(counts ?? {}).map(([name, count]) => qc.el("span", { class: "tag " + style }, name + " " + count));

  const deltas = (operations) => Object.entries(operations ?? {}).map(([name, count]) =>
    qc.el("span", { class: "tag " + (count > 0 ? "added" : "removed") }, name + " " + (count > 0 ? "+" : "−") + Math.abs(count)));

  const change = (before, after, form) => {
    if (!before || !after) return "";
    const part = before ? (after - before) / before : 0;
    const word = Math.abs(part) < 0.0005 ? "" : part > 9 ? ` ${f.count(part + 1)} times` : (part > 0 ? " +" : " −") + f.percent(Math.abs(part));
    return [form(after), qc.el("span", { class: part < 0 ? "less" : "more" }, word)];
  };

  const timeOf = (pass, longest) => pass.ms === undefined ? "" : qc.el("div", { style: "display:flex;gap:8px;align-items:center;justify-content:flex-end" },
    f.micros(1000 * pass.ms), qc.el("div", { class: "bar", style: `width:${80 * pass.ms / longest}px` }));

  const remarks = (host, list) => {
    const shown = qc.el("ul");
    let count = 0;
    const button = qc.el("button", { onclick: () => more() }, "more");
    const more = () => {
      shown.append(...list.slice(count, count + REMARKS_AT_ONCE).map((one) => qc.el("li", {}, qc.remark(one))));
      count = Math.min(list.length, count + REMARKS_AT_ONCE);
      button.hidden = count === list.length;
      button.textContent = `more of ${list.length}`;
    };
    more();
    qc.clear(host, shown, button);
  };

  const openRow = async (row, pass, columns) => {
    if (row.nextSibling?.classList.contains("inner-row")) { row.nextSibling.remove(); row.setAttribute("aria-expanded", "false"); return; }
    const cell = qc.el("td", { class: "words", colspan: columns });
    const inner = qc.el("tr", { class: "inner-row" }, cell);
    row.after(inner);
    row.setAttribute("aria-expanded", "true");
    const list = (await qc.graphData()).remarks[pass.number] ?? [];
    const toGraph = qc.data.stages > 1 && pass.changed ? qc.el("button", { onclick: () => qc.showPass(pass.number) }, "show in the graph") : "";
    const where = qc.el("div");
    cell.append(qc.el("div", {}, deltas(pass.operations), tags(pass.missed, "changed")), toGraph, where);
    if (list.length) remarks(where, list);
    else where.append(qc.el("p", { class: "soft" }, "Remarks are in the dump of a compilation: --dump-dir."));
  };

  const table = (passes) => {
    const timed = passes.some((pass) => pass.ms !== undefined);
    const longest = Math.max(...passes.map((pass) => pass.ms ?? 0));
    const heads = ["pass", timed && "time", "rewrites", "operations", "FLOP of a step", "bytes of a step", "FLOP once"].filter(Boolean);
    return qc.el("table", { id: "passes" }, qc.el("thead", {}, qc.el("tr", {}, heads.map((head) => qc.el("th", {}, head)))),
      qc.el("tbody", {}, passes.map((pass) => {
        const total = Object.values(pass.operations).reduce((sum, count) => sum + count, 0);
        const rewrites = Object.values(pass.rewrites).reduce((sum, count) => sum + count, 0);
        const row = qc.el("tr", { class: "open-able", tabindex: "0", "aria-expanded": "false", "data-pass": pass.number },
          qc.el("td", {}, qc.el("span", { class: "soft" }, pass.number + " "), qc.el("b", {}, pass.pass), pass.changed ? "" : qc.el("span", { class: "soft" }, " nothing to do")),
          timed ? qc.el("td", {}, timeOf(pass, longest)) : [],
          qc.el("td", {}, rewrites ? f.count(rewrites) : ""),
          qc.el("td", {}, total ? qc.el("span", { class: "tag " + (total > 0 ? "added" : "removed") }, (total > 0 ? "+" : "−") + Math.abs(total)) : ""),
          qc.el("td", {}, change(pass.before.step[0], pass.after.step[0], f.flops)),
          qc.el("td", {}, change(pass.before.step[1], pass.after.step[1], f.bytes)),
          qc.el("td", {}, change(pass.before.once[0], pass.after.once[0], f.flops)));
        row.addEventListener("click", () => openRow(row, pass, heads.length));
        row.addEventListener("keydown", (event) => { if (event.key === "Enter") openRow(row, pass, heads.length); });
        return row;
      })));
  };

  qc.panel("pipeline", "Pipeline", () => qc.data.passes?.length > 0, (host) => {
    qc.clear(host, qc.el("h2", {}, "Pipeline"),
      qc.el("p", { class: "lead" }, "What each pass made of the program. Open a row for its operations and remarks. Work is that of one sampling step at the bounds of symbolic sizes; percentages are against the row above."),
      qc.el("div", { class: "card scroll" }, table(qc.data.passes)),
      qc.data.artifact ? [qc.el("h3", {}, "Pipeline text"), qc.el("pre", { style: "white-space:pre-wrap" }, qc.data.artifact.pipeline.replace(/,(?=[a-z-]+(\{|,|$))/g, ",\n"))] : []);
  });
})();
