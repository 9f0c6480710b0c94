// The frame: panels, keys, the address.
(() => {
  qc.shownPanels = qc.panels.filter((panel) => panel.has());
  const main = qc.el("main");
  const hosts = new Map();
  const buttons = new Map();

  /** Draws a panel when it is shown first; panels that are not shown cost nothing. */
  qc.show = async (id) => {
    const panel = qc.shownPanels.find((one) => one.id === id) ?? qc.shownPanels[0];
    qc.tip.hide();
    const known = hosts.has(panel.id);
    if (!known) hosts.set(panel.id, qc.el("section", { class: "panel", id: "panel-" + panel.id, "aria-label": panel.name }));
    const host = hosts.get(panel.id);
    if (!host.isConnected) qc.clear(main, host);
    buttons.forEach((button, name) => button.toggleAttribute("aria-current", name === panel.id));
    buttons.get(panel.id).setAttribute("aria-current", "page");
    history.replaceState(null, "", "#" + panel.id);
    if (!known || panel.id === "graph") await panel.draw(host);
    qc.shown = panel.id;
  };

  qc.showPass = async (number) => {
    await qc.show("graph");
    const at = qc.graph.current.loaded.stages.findIndex((stage) => stage.name.startsWith(number + " "));
    if (at >= 0) qc.graph.current.setStage(at);
  };

  qc.openKernel = (name) => {
    const row = [...document.querySelectorAll("[data-kernel]")].find((one) => one.dataset.kernel === name);
    if (row?.getAttribute("aria-expanded") === "false") row.click();
    row?.firstChild.focus();
  };

  const keys = qc.el("dialog", { "aria-label": "keys" }, qc.el("div", { class: "keys" }, [
    ["/", "search"], ["1 … 9", "panels"], ["arrows", "move in the graph and in heat maps"], ["Enter", "open or close a group, a row, a hit"],
    ["Esc", "close"], [", .", "pass before, next pass"], ["+ − 0", "zoom in, out, fit"], ["?", "this list"],
  ].map(([key, word]) => [qc.el("kbd", {}, key), qc.el("span", {}, word)])));
  keys.addEventListener("click", () => keys.close());

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input[type=text]")) return;
    if (event.key === "/") { event.preventDefault(); qc.search.open(); }
    if (event.key === "?") keys.showModal();
    const panel = /^[1-9]$/.test(event.key) && qc.shownPanels[Number(event.key) - 1];
    if (panel) qc.show(panel.id);
  });

  const nav = qc.el("nav", { "aria-label": "panels" }, qc.shownPanels.map((panel, i) => {
    const button = qc.el("button", { "data-panel": panel.id, onclick: () => qc.show(panel.id) }, panel.name, qc.el("kbd", {}, String(i + 1)));
    buttons.set(panel.id, button);
    return button;
  }));
  const head = qc.el("header", { class: "head" }, qc.el("h1", {}, qc.data.title), qc.el("span", { class: "subtitle" }, qc.data.subtitle),
    qc.el("span", { class: "find" }, qc.el("button", { onclick: () => qc.search.open() }, "search ", qc.el("kbd", {}, "/")), qc.el("button", { onclick: () => keys.showModal() }, "keys ", qc.el("kbd", {}, "?"))));
  document.getElementById("app").append(head, nav, main);
  document.body.append(keys);

  qc.show(location.hash.slice(1)).then(() => requestAnimationFrame(() => {
    qc.ready = performance.now();
    document.documentElement.dataset.ready = "true";
  }));
})();
