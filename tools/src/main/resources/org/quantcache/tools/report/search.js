// Search over everything with a name.
qc.search = (() => {
  const MOST = 60;
  let hits = [];
  let at = 0;
  let index;

  const input = qc.el("input", { type: "text", placeholder: "operation, place, pass, kernel, panel", "aria-label": "search", autocomplete: "off", spellcheck: "false" });
  const list = qc.el("ul", { class: "hits", role: "listbox" });
  const dialog = qc.el("dialog", { "aria-label": "search" }, input, list);
  document.body.append(dialog);

  /** Everything that can be found; the nodes of the graph are those of the state shown. */
  const entries = async () => {
    const out = qc.shownPanels.map((panel) => ({ name: panel.name, about: "panel", go: () => qc.show(panel.id) }));
    for (const pass of qc.data.passes ?? []) out.push({ name: pass.pass, about: "pass " + pass.number, go: () => qc.data.stages > 1 && pass.changed ? qc.showPass(pass.number) : qc.show("pipeline") });
    for (const kernel of qc.data.profile?.kernels ?? []) {
      out.push({ name: kernel.name, about: "kernel, " + qc.format.micros(kernel.us), go: async () => { await qc.show("kernels"); qc.openKernel(kernel.name); } });
    }
    if (qc.data.stages) {
      const loaded = await qc.model.load();
      const stage = qc.graph.current?.stage ?? loaded.stages.length - 1;
      loaded.stages[stage].root.walk((node) => out.push({
        name: node.result ? node.result + " " + node.label : node.label,
        about: node.place || (node.isGroup ? node.operations + " operations" : node.type),
        text: node.kernels.join(" "),
        go: async () => { await qc.show("graph"); qc.graph.current.goTo(node); },
      }));
    }
    return out.map((entry) => ({ ...entry, low: (entry.name + " " + entry.about + " " + (entry.text ?? "")).toLowerCase() }));
  };

  const paint = () => {
    qc.clear(list, hits.length ? hits.map((hit, i) => qc.el("li", {
      role: "option", "aria-selected": String(i === at), onclick: () => { at = i; go(); },
    }, qc.el("b", {}, hit.name), qc.el("span", {}, hit.about))) : qc.el("li", { class: "none" }, "nothing found"));
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };

  const find = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (index ?? []).filter((entry) => words.every((word) => entry.low.includes(word)));
    const rank = (entry) => entry.name.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1;
    hits = found.map((entry, i) => [rank(entry), i, entry]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, MOST).map((one) => one[2]);
    at = 0;
    paint();
  };

  const go = () => {
    const hit = hits[at];
    dialog.close();
    hit?.go();
  };

  input.addEventListener("input", find);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") { event.preventDefault(); go(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = Math.max(0, Math.min(hits.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      paint();
    }
  });

  const open = async () => {
    qc.tip.hide();
    input.value = "";
    index = [];
    dialog.showModal();
    input.focus();
    index = await entries();
    find();
  };
  return { open };
})();
