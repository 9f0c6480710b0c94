// Frames of one or two runs: a slider over time, and one that cuts between the two.
qc.panel("frames", "Frames", () => qc.data.videos?.length > 0, (host) => {
  const [first, second] = qc.data.videos;
  const size = Math.max(1, Math.min(4, Math.floor(340 / Math.max(first.width, first.height))));
  const style = `width:${first.width * size}px;height:${first.height * size}px`;
  const picture = (video) => qc.el("img", { alt: "frame of " + video.name, style, src: video.frames[0] });
  const images = [first, second].filter(Boolean).map((video) => ({ video, element: picture(video) }));
  const figures = images.map(({ video, element }) => qc.el("figure", {}, qc.el("figcaption", {}, video.name), element));
  const range = (label, most, value, onchange) => {
    const shown = qc.el("span", { class: "soft" });
    const input = qc.el("input", { type: "range", min: 0, max: most, value, "aria-label": label, oninput: () => onchange(Number(input.value), shown) });
    onchange(value, shown);
    return { input, row: [qc.el("label", {}, label), input, shown] };
  };
  const sets = [];
  if (second) {
    const below = qc.el("img", { alt: first.name, src: first.frames[0] });
    const above = qc.el("img", { alt: second.name, src: second.frames[0] });
    const line = qc.el("div", { class: "cut" });
    const cut = (percent, shown) => { above.style.clipPath = `inset(0 0 0 ${percent}%)`; line.style.left = percent + "%"; shown.textContent = `left ${first.name}, right ${second.name}`; };
    const lower = qc.el("img", { alt: first.name, src: first.frames[0] });
    const upper = qc.el("img", { alt: "difference", src: second.frames[0], style: "mix-blend-mode:difference" });
    images.push({ video: first, element: below }, { video: second, element: above }, { video: first, element: lower }, { video: second, element: upper });
    figures.push(qc.el("figure", {}, qc.el("figcaption", {}, "cut between both"), qc.el("div", { class: "stack", style }, below, above, line)));
    figures.push(qc.el("figure", {}, qc.el("figcaption", {}, "difference, 8 times"), qc.el("div", { class: "stack", style: style + ";filter:brightness(8)" }, lower, upper)));
    sets.push(range("cut", 100, 50, cut));
  }
  const time = range("frame", first.frames.length - 1, 0, (frame, shown) => {
    images.forEach(({ video, element }) => { element.src = video.frames[frame]; });
    shown.textContent = `${frame + 1} of ${first.frames.length}`;
  });
  let timer = 0;
  const play = qc.el("button", {
    onclick: () => {
      if (timer) { clearInterval(timer); timer = 0; play.textContent = "play"; return; }
      play.textContent = "stop";
      timer = setInterval(() => {
        if (!play.isConnected) { clearInterval(timer); timer = 0; return; }
        time.input.value = (Number(time.input.value) + 1) % first.frames.length;
        time.input.dispatchEvent(new Event("input"));
      }, 125);
    },
  }, "play");
  qc.clear(host, qc.el("h2", {}, "Frames"),
    qc.el("p", { class: "lead" }, second ? "The same frame of both runs; arrow keys move the slider." : "Arrow keys move the slider."),
    qc.el("div", { class: "slide" }, time.row, sets.flatMap((one) => one.row)), qc.el("p", {}, play),
    qc.el("div", { class: "frames" }, figures));
});
