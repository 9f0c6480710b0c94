// Elements, the tip at the pointer, and the data of the page.
const qc = { panels: [], started: performance.now() };

/** Makes an element: attributes by name, `on...` as listeners; children are elements or texts, never markup. */
qc.el = (tag, attributes = {}, ...children) => {
  const svg = ["svg", "g", "rect", "path", "text", "title", "defs", "marker"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null));
  return made;
};

qc.clear = (element, ...children) => {
  element.replaceChildren(...children.flat(Infinity));
  return element;
};

qc.data = JSON.parse(document.getElementById("data").textContent);

/** The graph and the remarks, unpacked once. */
qc.graphData = (() => {
  let promise;
  return () => (promise ??= (async () => {
    const packed = Uint8Array.from(atob(document.getElementById("graph-data").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  })());
})();

qc.tip = (() => {
  const box = qc.el("div", { class: "tip", role: "tooltip", hidden: true });
  document.body.append(box);
  return {
    show(text, event) {
      box.textContent = text;
      box.hidden = false;
      const { offsetWidth: width, offsetHeight: height } = box;
      box.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8)) + "px";
      box.style.top = (event.clientY + 18 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 18) + "px";
    },
    hide() { box.hidden = true; },
  };
})();

/** A registered panel is listed when it has something to show. */
qc.panel = (id, name, has, draw) => qc.panels.push({ id, name, has, draw });
