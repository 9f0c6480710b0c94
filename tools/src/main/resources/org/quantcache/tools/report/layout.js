// Opens groups in place. Each group was laid out with all its nodes closed; a node that opens pushes apart what lies
// right of it and below it, so that the order and the ways of the edges stay.
qc.layout = (() => {
  const HEAD = 26;
  const EDGE = 14;

  /** A step function that gives each opened node the room that it takes beyond its closed form. */
  const stretch = (opened) => {
    const steps = [];
    const at = (x) => {
      let value = 0;
      for (const step of steps) { if (step.x <= x) value = step.shift; else break; }
      return value;
    };
    for (const { from, to, more } of opened.filter((one) => one.more > 0).sort((a, b) => a.to - b.to)) {
      const shift = Math.max(steps.length ? steps[steps.length - 1].shift : 0, at(from) + more);
      steps.push({ x: to, shift });
    }
    return (x) => x + at(x);
  };

  /** Keeps the first point of a way on its box; what leaves it downwards moves along, so that corners stay right. */
  const snap = (points, box) => {
    const old = points[0][0];
    const x = Math.min(Math.max(old, box.x + 6), box.x + box.width - 6);
    if (x === old) return;
    if (points.length === 2) {
      const middle = (points[0][1] + points[1][1]) / 2;
      points.splice(1, 0, [old, middle], [old, middle]);
    }
    points[0][0] = x;
    if (points[1][0] === old) points[1][0] = x;
  };

  /** Size of a node, and of an open one the places of what is in it. */
  const measure = (node, isOpen) => {
    if (!node.isGroup || !isOpen(node) || node.children.length === 0) return null;
    const { boxes, edges, size } = node.layout;
    const inner = node.children.map((child) => measure(child, isOpen));
    const grown = (side) => inner.flatMap((part, i) => part
      ? [{ from: boxes[i][side], to: boxes[i][side] + boxes[i][side + 2], more: (side ? part.height : part.width) - boxes[i][side + 2] }] : []);
    const x = stretch(grown(0));
    const y = stretch(grown(1));
    const places = node.children.map((child, i) => {
      const [left, top, width, height] = boxes[i];
      const centre = x(left + width / 2) - width / 2;
      return inner[i]
        ? { node: child, x: x(left) + EDGE, y: y(top) + HEAD + EDGE, width: Math.max(width, inner[i].width), height: inner[i].height, inner: inner[i] }
        : { node: child, x: centre + EDGE, y: y(top) + HEAD + EDGE, width, height };
    });
    const ways = edges.map(([from, to, ...points]) => {
      const out = [];
      for (let i = 0; i < points.length; i += 2) out.push([x(points[i]) + EDGE, y(points[i + 1]) + HEAD + EDGE]);
      snap(out, places[from]);
      snap(out.reverse(), places[to]);
      out.reverse();
      // An edge against the order leaves upwards and comes in from below.
      const side = (place, above) => above ? place.y : place.y + place.height;
      out[0][1] = side(places[from], points[1] <= boxes[from][1]);
      out[out.length - 1][1] = side(places[to], points[points.length - 1] <= boxes[to][1]);
      return { from, to, points: out };
    });
    const right = Math.max(0, ...places.map((place) => place.x + place.width));
    const bottom = Math.max(0, ...places.map((place) => place.y + place.height));
    const reach = Math.max(0, ...ways.flatMap((way) => way.points.map((point) => point[0])));
    const title = 60 + 7.4 * node.label.length;
    return { places, ways, width: Math.max(right, reach, title, x(size[0])) + EDGE, height: Math.max(bottom, HEAD) + EDGE };
  };

  /** Boxes and edges of all that is seen, in one list each, with places in the drawing. */
  const flatten = (root, isOpen) => {
    const boxes = [];
    const edges = [];
    const whole = measure(root, isOpen);
    const add = (place, dx, dy, depth) => {
      boxes.push({ node: place.node, x: place.x + dx, y: place.y + dy, width: place.width, height: place.height, open: Boolean(place.inner), depth });
      if (!place.inner) return;
      for (const way of place.inner.ways) {
        edges.push({
          from: place.inner.places[way.from].node,
          to: place.inner.places[way.to].node,
          points: way.points.map(([px, py]) => [px + place.x + dx, py + place.y + dy]),
        });
      }
      place.inner.places.forEach((child) => add(child, place.x + dx, place.y + dy, depth + 1));
    };
    const closed = { node: root, x: 0, y: 0, width: 220, height: 40 };
    add(whole ? { ...closed, width: whole.width, height: whole.height, inner: whole } : closed, 0, 0, 0);
    return { boxes, edges, width: boxes[0].width, height: boxes[0].height };
  };
  return { flatten };
})();
