// Bits of the weights: a row for each kind of product, a column for each block.
qc.panel("bits", "Bits", () => qc.data.bits?.rows.length > 0, (host) => {
  const { blocks, rows } = qc.data.bits;
  const all = rows.flatMap((row) => row.cells.filter(Boolean).map((cell) => cell[0]));
  const ramp = qc.ramp(d3.min(all), d3.max(all), (bits) => bits + " bits");
  const grid = new qc.Grid({
    rows: rows.map((row) => row.name), columns: blocks.length, every: 1, label: "bits of the weights",
    color: (row, column) => rows[row].cells[column] ? ramp.color(rows[row].cells[column][0]) : "--idle",
    word: (row, column) => { const cell = rows[row].cells[column]; return cell ? cell[0] + (cell[1] && cell[1] !== "float" ? " " + cell[1] : "") : ""; },
    about: (row, column) => {
      const cell = rows[row].cells[column];
      if (!cell) return "no such weight";
      const how = [cell[1] === "float" && "not rounded", cell[1].includes("R") && "channels rotated", cell[1].includes("B") && "channels balanced",
        /G\d/.test(cell[1]) && cell[1].replace(/.*G/, "") + " channels share a scale"].filter(Boolean);
      return [`${rows[row].name}, block ${blocks[column]}`, cell[0] + " bits", ...how].join("\n");
    },
  });
  qc.clear(host, qc.el("h2", {}, "Bits of the weights"),
    qc.el("p", { class: "lead" }, "R: channels are rotated. B: channels are balanced. G: so many channels share a scale."),
    qc.el("div", { class: "card" }, qc.el("div", { class: "legend", style: "margin-bottom:10px" }, ramp.legend), grid.element));
});
