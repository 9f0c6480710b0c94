// What is on the page, in a few numbers.
(() => {
  const f = qc.format;
  const tile = (value, about) => qc.el("div", { class: "tile" }, qc.el("b", {}, value), qc.el("span", {}, about));

  const tiles = () => {
    const { artifact, trace, passes, profile, errors, blocks } = qc.data;
    const out = [];
    if (artifact) out.push(tile(artifact.target, "target of " + artifact.model));
    if (blocks?.length) {
      out.push(tile(String(blocks.length), "blocks in the stack"));
      const mean = (name) => blocks.reduce((sum, block) => sum + block[name], 0) / blocks.length;
      out.push(tile(`W${f.bits(mean("weight"))} A${f.bits(mean("activation"))}`, "mean bits in products of the stack"));
    }
    if (passes?.length) {
      const first = passes[0].before.step;
      const last = passes[passes.length - 1].after.step;
      if (first && last && first[1]) out.push(tile(f.percent(last[1] / first[1]), `of the memory traffic of a step is left, and ${f.percent(last[0] / first[0])} of the FLOP`));
    }
    for (const [name, guard] of Object.entries(trace?.guards ?? {}).slice(0, 2)) {
      out.push(tile(f.percent(1 - guard.computed.length / trace.steps), `of the ${trace.steps} steps reuse what guard ${name} holds`));
    }
    const pruned = Object.values(trace?.layers ?? {}).reduce((sum, layer) => sum + layer.pruned.length, 0);
    if (pruned) out.push(tile(String(pruned), "times a layer or branch was left out"));
    if (profile) out.push(tile(f.micros(profile.kernels.reduce((sum, kernel) => sum + kernel.us, 0)), "in kernels of one run"));
    if (errors) out.push(tile(String(errors.rows.length), "places compared with another build"));
    return out;
  };

  const stepTimes = (builds) => {
    const most = Math.max(...builds.steps.flatMap((build) => build.millis));
    return qc.el("div", { class: "card" }, builds.steps.map((build) => {
      const chart = qc.el("div", { style: "display:flex;align-items:flex-end;gap:1px;height:70px;margin:2px 0 10px" },
        build.millis.map((millis, step) => qc.el("div", {
          class: "bar", style: `flex:1;max-width:36px;border-radius:1px;height:${Math.max(1, 100 * millis / most)}%`,
          onmousemove: (event) => qc.tip.show(`${build.name}, step ${step}\n${f.micros(1000 * millis)}`, event), onmouseleave: qc.tip.hide,
        })));
      return [qc.el("div", { class: "soft" }, build.name), chart];
    }));
  };

  const builds = () => {
    const all = qc.data.builds;
    return all ? [
      qc.el("h3", {}, "Numbers"),
      qc.el("p", { class: "lead" }, `Times are medians of runs that took turns. Frames are judged by those of ${all.rows[0][0]}. Bits and bytes of weights count the blocks, with scales and sums.`),
      qc.el("div", { class: "card scroll" }, qc.el("table", {}, qc.el("thead", {}, qc.el("tr", {}, all.header.map((cell) => qc.el("th", {}, cell)))),
        qc.el("tbody", {}, all.rows.map((row) => qc.el("tr", {}, row.map((cell) => qc.el("td", {}, cell))))))),
      qc.el("h3", {}, "Time of each step"),
      qc.el("p", { class: "lead" }, "On one scale; point at a bar for its time."),
      stepTimes(all),
      qc.el("h3", {}, "How it was made"),
      qc.el("div", { class: "card" }, all.passes.map(([name, text]) => qc.el("p", {}, name + ": ", qc.el("code", {}, text))), qc.el("p", {}, qc.el("code", {}, all.command))),
    ] : [];
  };

  const artifact = () => {
    const about = qc.data.artifact;
    return about ? [
      qc.el("h3", {}, "Artifact"),
      qc.el("div", { class: "card scroll" }, qc.el("table", {}, qc.el("thead", {}, qc.el("tr", {}, qc.el("th", {}, "entry"), qc.el("th", {}, "size"))),
        qc.el("tbody", {}, about.entries.map(([path, bytes]) => qc.el("tr", {}, qc.el("td", {}, qc.el("code", {}, path)), qc.el("td", {}, f.bytes(bytes))))))),
    ] : [];
  };

  qc.panel("overview", "Overview", () => true, (host) => {
    qc.clear(host, qc.el("h2", {}, qc.data.title), qc.el("p", { class: "lead" }, qc.data.decisions ?? qc.data.subtitle),
      qc.el("div", { class: "tiles" }, tiles()), builds(), artifact());
  });
})();
