// A grid of colored cells on a canvas: rows with names, columns with numbers, a tip for each cell, a cursor for keys.
qc.Grid = class {
  /**
   * @param rows names
   * @param columns number of columns
   * @param color color of a cell or null for none, @param about text of its tip, @param word text in it
   */
  constructor({ rows, columns, color, about, word, every, label }) {
    Object.assign(this, { rows, columns, color, about, word });
    this.every = every ?? (columns <= 20 ? 1 : columns <= 60 ? 5 : 10);
    this.names = Math.min(260, 24 + 7 * Math.max(...rows.map((row) => row.length)));
    this.cellWidth = word ? 54 : Math.max(5, Math.min(24, Math.floor(900 / columns)));
    this.cellHeight = word ? 24 : 17;
    this.canvas = qc.el("canvas", { tabindex: "0", role: "img", "aria-label": label });
    this.element = qc.el("div", { class: "grid-box" }, this.canvas);
    this.canvas.addEventListener("mousemove", (event) => this.point(event));
    this.canvas.addEventListener("mouseleave", () => { this.at = null; qc.tip.hide(); this.draw(); });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const scale = devicePixelRatio || 1;
    const width = this.names + this.columns * this.cellWidth + 2;
    const height = this.rows.length * this.cellHeight + 24;
    Object.assign(this.canvas, { width: width * scale, height: height * scale });
    Object.assign(this.canvas.style, { width: width + "px", height: height + "px" });
    const pen = this.canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const variable = (color) => color.startsWith("--") ? style.getPropertyValue(color) : color;
    pen.scale(scale, scale);
    pen.font = "12px system-ui, sans-serif";
    pen.textBaseline = "middle";
    this.rows.forEach((name, row) => {
      const y = row * this.cellHeight;
      pen.fillStyle = variable("--ink");
      pen.textAlign = "right";
      pen.fillText(name, this.names - 10, y + this.cellHeight / 2, this.names - 14);
      for (let column = 0; column < this.columns; column++) {
        const color = this.color(row, column);
        if (!color) continue;
        const x = this.names + column * this.cellWidth;
        pen.fillStyle = variable(color);
        pen.fillRect(x, y, this.cellWidth - 1, this.cellHeight - 1.5);
        if (this.word) {
          pen.textAlign = "center";
          pen.fillStyle = qc.inkOn(pen.fillStyle);
          pen.fillText(this.word(row, column), x + this.cellWidth / 2, y + this.cellHeight / 2);
        }
      }
    });
    pen.fillStyle = variable("--soft");
    pen.textAlign = "center";
    for (let column = 0; column < this.columns; column += this.every) {
      pen.fillText(String(column), this.names + (column + 0.5) * this.cellWidth, this.rows.length * this.cellHeight + 12);
    }
    if (this.at) {
      pen.strokeStyle = variable("--ink");
      pen.lineWidth = 2;
      pen.strokeRect(this.names + this.at.column * this.cellWidth - 0.5, this.at.row * this.cellHeight - 0.5, this.cellWidth, this.cellHeight - 0.5);
    }
  }

  /** Where the middle of a cell is in the page. */
  centre(row, column) {
    const box = this.canvas.getBoundingClientRect();
    return { clientX: box.left + this.names + (column + 0.5) * this.cellWidth, clientY: box.top + (row + 0.5) * this.cellHeight };
  }

  point(event) {
    const column = Math.floor((event.offsetX - this.names) / this.cellWidth);
    const row = Math.floor(event.offsetY / this.cellHeight);
    const inside = column >= 0 && column < this.columns && row >= 0 && row < this.rows.length;
    const same = inside && this.at?.row === row && this.at?.column === column;
    if (!same) { this.at = inside ? { row, column } : null; this.draw(); }
    if (inside) qc.tip.show(this.about(row, column), event); else qc.tip.hide();
  }

  key(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Escape") { this.at = null; qc.tip.hide(); this.draw(); }
    if (!move) return;
    event.preventDefault();
    const from = this.at ?? { row: -move[0], column: -move[1] };
    this.at = {
      row: Math.max(0, Math.min(this.rows.length - 1, from.row + move[0])),
      column: Math.max(0, Math.min(this.columns - 1, from.column + move[1])),
    };
    this.draw();
    qc.tip.show(this.about(this.at.row, this.at.column), this.centre(this.at.row, this.at.column));
  }
};

/** Dark or light letters, whichever can be read on a color of six digits. */
qc.inkOn = (color) => {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#18212b" : "#ffffff";
};

/** Colors of values from the least to the most, and a legend of them. */
qc.ramp = (least, most, form) => {
  const scale = d3.interpolateRgbBasis(["#dbe9fb", "#7db3ee", "#3170c9", "#5b2a9d", "#3b0f4f"]);
  const part = (value) => most > least ? Math.max(0, Math.min(1, (value - least) / (most - least))) : 0.5;
  const stops = d3.range(0, 1.01, 0.1).map((at) => scale(at)).join(",");
  return {
    color: (value) => d3.color(scale(part(value))).formatHex(),
    legend: [form(least), qc.el("i", { class: "ramp", style: `background:linear-gradient(90deg,${stops})` }), form(most)],
  };
};
