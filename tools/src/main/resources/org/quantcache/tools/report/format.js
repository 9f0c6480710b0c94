// Numbers as people read them.
qc.format = (() => {
  const scaled = (value, units, base) => {
    let at = 0;
    let rest = value;
    while (rest >= base && at < units.length - 1) { rest /= base; at++; }
    return (at === 0 ? String(Math.round(rest)) : rest.toPrecision(3)) + units[at];
  };
  const micros = (us) => us >= 1e6 ? (us / 1e6).toPrecision(4) + " s"
    : us >= 1e3 ? (us / 1e3).toPrecision(4) + " ms" : us.toPrecision(3) + " µs";
  return {
    count: (value) => Math.round(value).toLocaleString("en-US"),
    flops: (value) => scaled(value, [" FLOP", " kFLOP", " MFLOP", " GFLOP", " TFLOP", " PFLOP"], 1000),
    bytes: (value) => scaled(value, [" B", " kB", " MB", " GB", " TB"], 1000),
    micros,
    number: (value) => typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value ?? "not known"),
    percent: (part) => (100 * part).toFixed(1) + " %",
    bits: (value) => Number.isInteger(value) ? String(value) : value.toFixed(1),
  };
})();
