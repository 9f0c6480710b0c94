// Time in each kernel, where it was spent, and the time of each step.
(() => {
  const f = qc.format;
  const LISTED = 40;

  const places = (kernel) => {
    const sorted = [...kernel.places].sort((a, b) => b[2] - a[2]).slice(0, LISTED);
    return sorted.length ? qc.el("table", {}, qc.el("thead", {}, qc.el("tr", {}, ["place", "operation", "time", "launches"].map((head) => qc.el("th", {}, head)))),
      qc.el("tbody", {}, sorted.map(([at, op, us, launches]) => qc.el("tr", {}, qc.el("td", { class: "words" }, at || "not known"), qc.el("td", {}, op), qc.el("td", {}, f.micros(us)), qc.el("td", {}, f.count(launches)))))) : [];
  };

  const source = async (host, name) => {
    if (!qc.data.stages) return;
    const { sources } = await qc.model.load();
    if (sources.has(name)) host.append(qc.source(sources.get(name)));
  };

  const bars = (kernels) => {
    const total = kernels.reduce((sum, kernel) => sum + kernel.us, 0);
    const most = kernels[0]?.us || 1;
    return qc.el("div", { class: "bars" }, kernels.map((kernel) => {
      const inner = qc.el("div", { class: "inner", hidden: true });
      const open = () => {
        inner.hidden = !inner.hidden;
        row.setAttribute("aria-expanded", String(!inner.hidden));
        if (!inner.hidden && !inner.childNodes.length) { inner.append(places(kernel)); source(inner, kernel.name); }
      };
      const row = qc.el("div", { class: "row", role: "button", "aria-expanded": "false", "data-kernel": kernel.name, onclick: open },
        qc.el("code", { class: "name", tabindex: "0", title: kernel.name, onkeydown: (event) => { if (event.key === "Enter") open(); } }, kernel.name),
        qc.el("div", {}, qc.el("div", { class: "bar", style: `width:${100 * kernel.us / most}%` })),
        qc.el("span", { class: "num" }, f.micros(kernel.us)), qc.el("span", { class: "num" }, f.percent(kernel.us / (total || 1))),
        qc.el("span", { class: "num soft" }, f.count(kernel.launches) + " ×"));
      return [row, inner];
    }).flat());
  };

  const steps = (list) => {
    const most = Math.max(...list);
    return qc.el("div", { style: "display:flex;align-items:flex-end;gap:1px;height:90px" }, list.map((us, step) => qc.el("div", {
      class: "bar", style: `flex:1;max-width:36px;border-radius:1px;height:${Math.max(1, 100 * us / most)}%`,
      onmousemove: (event) => qc.tip.show(`step ${step}\n${f.micros(us)}`, event), onmouseleave: qc.tip.hide,
    })));
  };

  qc.panel("kernels", "Kernels", () => qc.data.profile?.kernels.length > 0 || qc.data.profile?.steps.length > 0, (host) => {
    const { device, kernels, steps: list } = qc.data.profile;
    qc.clear(host, qc.el("h2", {}, "Where the time goes"),
      qc.el("p", { class: "lead" }, `Kernels of one run${device ? " on " + device : ""}, the longest first. Open one for its places in the model and its source.`),
      qc.el("div", { class: "card" }, bars(kernels)),
      list.length ? [qc.el("h3", {}, "Time of each step"), qc.el("div", { class: "card" }, steps(list))] : []);
  });
})();
