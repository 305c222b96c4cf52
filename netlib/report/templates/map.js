"use strict";
(function () {
  const holder = document.getElementById("atlas");
  const svg = document.getElementById("map-svg");
  if (!holder || !svg) return;
  const data = JSON.parse(holder.textContent);
  const words = JSON.parse(document.getElementById("map-words").textContent);
  const NS = "http://www.w3.org/2000/svg";
  const get = (id) => document.getElementById(id);
  const inputs = {
    origin: get("map-origin"), view: get("map-view"), base: get("map-base"),
    reading: get("map-reading"), minutes: get("map-minutes"), way: get("map-way"), swipe: get("map-swipe"),
  };
  const tiles = get("map-tiles");
  const lang = () => document.documentElement.dataset.lang;
  const say = (key) => words[key][lang()];
  const cityName = (city) => city[lang()];
  const serviceName = (service) => (typeof service === "string" ? service : service[lang() === "zh" ? 0 : 1]);
  const format = (value) => (value === null ? "–" : String(Math.round(value * 10) / 10));
  const byKey = new Map(data.views.map((view) => [view.key, view]));
  const STATE = { o: "open", c: "building", p: "planned", "-": "absent" };

  // What is looked at: centre and units per pixel.
  const look = { x: data.width / 2, y: data.height / 2, k: 1 };
  const size = { width: 1, height: 1 };
  const HOME_KM = 330;

  function setOf(view, origin) {
    const sets = view.sets[inputs.reading.value] || {};
    return data.sets[sets[origin]] || { grids: [], cities: [] };
  }

  // Grids of minutes: all of them one compressed text; see netlib.report.grids.
  const { cell, tick, beyond, heads } = data.grids;
  const grids = [];
  async function unpackGrids() {
    const packed = Uint8Array.from(atob(data.grids.text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const differences = new Uint8Array(await new Response(stream).arrayBuffer());
    let at = 0;
    for (const [left, top, columns, rows, step] of heads) {
      grids.push(unpackGrid(differences.subarray(at, at + columns * rows), { left, top, columns, rows, step }));
      at += columns * rows;
    }
  }
  // The grid with a frame of nodes that nothing reaches, so that all contours close.
  function unpackGrid(differences, { left, top, columns, rows, step }) {
    const width = columns + 2;
    const cells = new Uint8Array(width * (rows + 2)).fill(beyond);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const here = (row + 1) * width + column + 1;
        cells[here] = cells[here - width] + differences[row * columns + column];
      }
    }
    return { cells, width, height: rows + 2, left: left - cell, top: top - cell, step };
  }

  // The least of several grids, in a frame that holds them all.
  function mergeGrids(parts) {
    if (parts.length < 2) return parts[0];
    const left = Math.min(...parts.map((part) => part.left));
    const top = Math.min(...parts.map((part) => part.top));
    const width = Math.max(...parts.map((part) => (part.left - left) / cell + part.width));
    const height = Math.max(...parts.map((part) => (part.top - top) / cell + part.height));
    const cells = new Uint8Array(width * height).fill(beyond);
    for (const part of parts) {
      const corner = ((part.top - top) / cell) * width + (part.left - left) / cell;
      part.cells.forEach((value, node) => {
        const here = corner + Math.floor(node / part.width) * width + (node % part.width);
        if (value < cells[here]) cells[here] = value;
      });
    }
    return { cells, width, height, left, top, step: Math.max(...parts.map((part) => part.step)) };
  }

  // Where an edge between two nodes is cut: jumps, as at a river, are squeezed, which puts the cut
  // half-way, as in netlib.areas.isochrones.
  function squeeze(excess, step) {
    const size = Math.abs(excess);
    return size <= step ? excess : Math.sign(excess) * (2 * step - (step * step) / size);
  }

  // The contour of a grid: every square of four nodes is cut in two triangles, in which no contour is
  // ambiguous, so that areas are nested; the pieces are joined to rings and rounded.
  function contour(grid, cutoff) {
    const { cells, width, height, left, top, step } = grid;
    const limit = cutoff / tick + 1e-6;
    const inside = (node) => cells[node] <= limit;
    // The edge from a node to its right, lower or lower right neighbour is 3 x node + 0, 1 or 2.
    const next = new Int32Array(3 * cells.length).fill(-1);
    const starts = [];
    const join = (a, b, c, ab, bc, ca) => {
      const kind = (inside(a) ? 4 : 0) + (inside(b) ? 2 : 0) + (inside(c) ? 1 : 0);
      if (kind === 0 || kind === 7) return;
      const [from, to] = { 4: [ab, ca], 2: [bc, ab], 1: [ca, bc], 3: [ca, ab], 5: [ab, bc], 6: [bc, ca] }[kind];
      next[from] = to;
      starts.push(from);
    };
    for (let row = 0; row < height - 1; row += 1) {
      for (let column = 0; column < width - 1; column += 1) {
        const a = row * width + column;
        const [b, c, d] = [a + 1, a + width, a + width + 1];
        const count = inside(a) + inside(b) + inside(c) + inside(d);
        if (count === 0 || count === 4) continue;
        join(a, b, d, 3 * a, 3 * b + 1, 3 * a + 2);
        join(a, d, c, 3 * a + 2, 3 * c, 3 * a + 1);
      }
    }
    const place = (edge) => {
      const node = Math.floor(edge / 3);
      const [right, down] = edge % 3 ? [0, 1] : [1, 0];
      const [here, there] = [node, node + right + down * width].map((each) =>
        squeeze((cells[each] === beyond ? 1e4 : cells[each]) * tick - limit * tick, step));
      const part = here / (here - there);
      return [left + ((node % width) + right * part) * cell, top + (Math.floor(node / width) + down * part) * cell];
    };
    let path = "";
    for (const start of starts) {
      const points = [];
      for (let edge = start; next[edge] >= 0;) {
        const after = next[edge];
        next[edge] = -1;
        // Cuts of the diagonals only zigzag between the others.
        if (edge % 3 !== 2) points.push(place(edge));
        edge = after;
      }
      if (points.length > 2) path += roundRing(points);
    }
    return path;
  }
  // A ring through the middles of its sides, with its corners as handles.
  function roundRing(points) {
    const middle = (i) => {
      const [a, b] = [points[i % points.length], points[(i + 1) % points.length]];
      return `${Math.round((a[0] + b[0]) / 2)} ${Math.round((a[1] + b[1]) / 2)}`;
    };
    let ring = `M${middle(points.length - 1)}Q`;
    points.forEach(([x, y], i) => { ring += `${Math.round(x)} ${Math.round(y)} ${middle(i)} `; });
    return `${ring.trimEnd()}z`;
  }

  // An isochrone: merged and drawn once for each set of grids and cut-off.
  const merged = new Map();
  const drawn = new Map();
  function isochrone(view, origin, cutoff) {
    const numbers = setOf(view, origin).grids;
    const parts = numbers.map((number) => grids[number]).filter((grid) => grid && grid.cells.length > 0);
    if (!parts.length) return "";
    const name = numbers.join();
    const key = `${name} ${cutoff}`;
    if (!merged.has(name)) merged.set(name, mergeGrids(parts));
    if (!drawn.has(key)) drawn.set(key, contour(merged.get(name), cutoff));
    return drawn.get(key);
  }

  // Scenarios have the reading that they are compared by, other views all of them.
  function offerReadings() {
    const { sets } = byKey.get(inputs.view.value);
    for (const option of inputs.reading.options) option.disabled = !sets[option.value];
    if (!sets[inputs.reading.value]) inputs.reading.value = Object.keys(sets)[0];
  }

  function chosen() {
    const view = byKey.get(inputs.view.value);
    const base = inputs.base.value ? byKey.get(inputs.base.value) : null;
    return { view, base: base === view ? null : base, origin: inputs.origin.value, minutes: Number(inputs.minutes.value) };
  }

  // Whether what is compared lies left and right of a divider, rather than in colours of difference.
  function isSwiped() {
    return inputs.way.value === "swipe" && chosen().base !== null;
  }

  function cutoffs(minutes) {
    const steps = [];
    for (let step = 30; step < minutes; step += 30) steps.push(step);
    return steps.concat(minutes);
  }

  function element(name, attributes, parent) {
    const made = document.createElementNS(NS, name);
    for (const key of Object.keys(attributes)) made.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(made);
    return made;
  }

  function drawBands() {
    const { view, base, origin, minutes } = chosen();
    const bands = get("map-bands");
    const legend = get("map-legend");
    bands.textContent = "";
    legend.textContent = "";
    const explain = (className, text) => {
      const item = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.className = `swatch ${className}`;
      item.append(swatch, text);
      legend.appendChild(item);
    };
    const steps = cutoffs(minutes);
    const stack = (view, parent) => {
      for (const step of steps.slice().reverse()) {
        const band = `band${Math.min(Math.ceil(step / 30), 5)}`;
        element("path", { d: isochrone(view, origin, step), class: `band ${band}`, "data-cutoff": step, "fill-rule": "evenodd" }, parent);
      }
    };
    if (base && !isSwiped()) {
      const [now, before] = [view, base].map((each) => isochrone(each, origin, minutes));
      get("mask-now").setAttribute("d", now);
      get("mask-before").setAttribute("d", before);
      const area = (d, name, mask) => element("path", { d, class: `band ${name}`, "fill-rule": "evenodd", ...mask }, bands);
      area(now, "both", {});
      area(now, "gained", { mask: "url(#outside-before)" });
      area(before, "lost", { mask: "url(#outside-now)" });
      for (const key of ["both", "gained", "lost"]) explain(key, `${say(key)} (≤ ${minutes} ${say("min")})`);
      return;
    }
    if (base) {
      stack(base, element("g", { class: "before", "clip-path": "url(#side-before)" }, bands));
      stack(view, element("g", { class: "now", "clip-path": "url(#side-now)" }, bands));
    } else {
      stack(view, bands);
    }
    for (const step of steps) explain(`band${Math.min(Math.ceil(step / 30), 5)}`, `≤ ${step} ${say("min")}`);
  }

  function drawLines() {
    const { view, base } = chosen();
    const lines = get("map-lines");
    const others = get("map-lines-before");
    const setStates = (group, each) => [...group.children].forEach((path, i) => {
      path.dataset.state = STATE[each.states[i]];
    });
    setStates(lines, view);
    others.textContent = "";
    if (!isSwiped()) {
      lines.removeAttribute("clip-path");
      return;
    }
    lines.setAttribute("clip-path", "url(#side-now)");
    for (const path of lines.children) others.appendChild(path.cloneNode());
    setStates(others, base);
  }

  // The divider of a swipe, and what each side of it shows.
  function drawSwipe() {
    const swiped = isSwiped();
    for (const node of document.querySelectorAll("[data-swipe]")) node.hidden = !swiped;
    get("map-way-label").hidden = !inputs.base.value;
    get("map-divider").style.display = swiped ? "" : "none";
    if (!swiped) return;
    const [width, height] = [size.width * look.k, size.height * look.k];
    const [left, top] = [look.x - width / 2, look.y - height / 2];
    const middle = left + (width * Number(inputs.swipe.value)) / 100;
    const place = (id, box) => Object.keys(box).forEach((key) => get(id).setAttribute(key, box[key]));
    place("clip-before", { x: left, y: top, width: middle - left, height });
    place("clip-now", { x: middle, y: top, width: left + width - middle, height });
    place("map-divider", { x1: middle, x2: middle, y1: top, y2: top + height });
    const names = { before: inputs.base, now: inputs.view };
    for (const side of Object.keys(names)) {
      get(`map-${side}-name`).textContent = names[side].selectedOptions[0].textContent;
    }
    inputs.swipe.setAttribute("aria-valuetext", `${inputs.swipe.value} %`);
  }

  // Times of the cities: in a table, on the map, and in words beside it.
  function tripsOf(view, origin) {
    return new Map(setOf(view, origin).cities.map((trip) => [trip[0], trip]));
  }
  function describeLegs(trip) {
    const parts = [];
    for (let i = 0; i < trip[4].length; i += 3) {
      const [kind, minutes, service] = trip[4].slice(i, i + 3);
      const name = say(data.kinds[kind]);
      parts.push(`${name}${service < 0 ? "" : ` ${serviceName(data.services[service])}`} ${format(minutes)}`);
    }
    return parts.join(" + ");
  }
  function describeTime(trip) {
    if (!trip) return say("no_journey");
    const range = trip[1] === null && trip[3] === null ? "" : ` (${format(trip[1])}–${format(trip[3])})`;
    return `${format(trip[2])} ${say("min")}${range}`;
  }
  // Whose timetable a time comes from, and whether it is that of the day.
  function describeTimetable(trip) {
    if (!trip || trip[7] < 0) return "";
    const known = data.known[trip[7]];
    return [trip[6] < 0 ? "" : data.timetables[trip[6]], known === "exact" ? "" : say(known)].filter(Boolean).join(" · ");
  }
  function describeGap(trip) {
    return trip && trip[5] !== null ? format(trip[5]) : "";
  }
  function differenceText(now, before) {
    if (!now || !before) return "";
    const change = Math.round((now[2] - before[2]) * 10) / 10;
    return `${change > 0 ? "+" : ""}${String(change).replace("-", "−")}`;
  }

  // The days of all timetables that the times come from; none for drives.
  function listTimetables(trips) {
    const days = [...trips.values()].filter((trip) => trip[6] >= 0).map((trip) => data.timetables[trip[6]]);
    return [...new Set(days)].sort().join(say("comma")) || "–";
  }

  function drawCities() {
    const { view, base, origin, minutes } = chosen();
    const now = tripsOf(view, origin);
    const before = base ? tripsOf(base, origin) : new Map();
    const rows = [];
    data.cities.forEach((city, i) => {
      const mark = marks[i];
      const trip = now.get(i);
      const time = city.id === origin ? say("origin") : describeTime(trip);
      mark.title = `${cityName(city)}: ${time}`;
      mark.legs = trip ? describeLegs(trip) : "";
      const [timetable, gap] = [describeTimetable(trip), describeGap(trip)];
      mark.more = [gap && `${say("gap")} ${gap} ${say("min")}`, timetable && `${say("timetable")} ${timetable}`].filter(Boolean).join(" · ");
      const change = base ? differenceText(trip, before.get(i)) : "";
      if (change) mark.title += ` · ${say("difference")} ${change}`;
      mark.node.setAttribute("aria-label", [mark.title, mark.legs, mark.more].filter(Boolean).join(" · "));
      mark.node.dataset.place = city.id === origin ? "origin" : trip && trip[2] <= minutes ? "within" : "beyond";
      if (city.id !== origin && (trip || before.get(i))) {
        rows.push({ name: cityName(city), order: trip ? trip[2] : Infinity, time, gap, timetable, legs: mark.legs, change });
      }
    });
    rows.sort((a, b) => a.order - b.order);
    const body = get("map-rows");
    body.textContent = "";
    for (const row of rows) {
      const line = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = row.name;
      line.appendChild(head);
      for (const [text, name] of [[row.time, "n"], [row.change, "n"], [row.gap, "n"], [row.timetable, ""], [row.legs, ""]]) {
        const cell = document.createElement("td");
        cell.className = name;
        cell.textContent = text;
        line.appendChild(cell);
      }
      body.appendChild(line);
    }
    const within = [...now.values()].filter((trip) => trip[2] <= minutes).length;
    get("map-status").textContent = say("status")
      .replace("{minutes}", minutes).replace("{n}", within).replace("{total}", now.size)
      .replace("{timetables}", listTimetables(now)).replace("{day}", view.day)
      .replace("{reading}", inputs.reading.selectedOptions[0].textContent);
    get("map-minutes-out").textContent = `${minutes} ${say("min")}`;
    inputs.minutes.setAttribute("aria-valuetext", `${minutes} ${say("min")}`);
  }

  const marks = data.cities.map((city) => {
    const node = element("g", { class: "city", tabindex: "0", role: "img" }, get("map-cities"));
    element("circle", { cx: city.x, cy: city.y, class: "halo" }, node);
    element("circle", { cx: city.x, cy: city.y, class: "dot" }, node);
    const mark = { node, city, title: "", legs: "", more: "" };
    const show = () => {
      get("map-readout").textContent = "";
      const title = document.createElement("b");
      title.textContent = mark.title;
      get("map-readout").append(title, [mark.legs, mark.more].filter(Boolean).map((text) => ` ${text}`).join(" ·"));
    };
    node.addEventListener("pointerenter", show);
    node.addEventListener("focus", show);
    return mark;
  });

  const pen = document.createElement("canvas").getContext("2d");
  const fontFamily = getComputedStyle(document.body).fontFamily;
  function measure(text, font) {
    pen.font = font;
    return pen.measureText(text).width;
  }

  // Names, as many as do not collide: the origin first, then cities, then stations when close.
  function drawNames() {
    const layer = get("map-names");
    layer.textContent = "";
    const { view, origin } = chosen();
    const u = look.k;
    const names = marks
      .filter((mark) => mark.city.on)
      .sort((a, b) => (b.city.id === origin) - (a.city.id === origin))
      .map((mark) => ({ x: mark.city.x, y: mark.city.y, text: cityName(mark.city), px: 13, name: "city-name", gap: 9 }));
    if (u * size.width < 900) {
      for (const stop of view.stops) {
        const [x, y, kind, zh, en] = data.stops[stop];
        if (kind === 0) names.push({ x, y, text: lang() === "zh" ? zh : en, px: 11, name: "stop-name", gap: 6 });
      }
    }
    // The buttons and the scale bar stand in two corners.
    const taken = [[size.width - 56, 0, size.width, 132], [0, size.height - 44, 210, size.height]];
    const left = look.x - (size.width * u) / 2;
    const top = look.y - (size.height * u) / 2;
    for (const { city } of marks) {
      const [sx, sy] = [(city.x - left) / u, (city.y - top) / u];
      if (city.on) taken.push([sx - 5, sy - 5, sx + 5, sy + 5]);
    }
    for (const { x, y, text, px, name, gap } of names) {
      const [sx, sy] = [(x - left) / u, (y - top) / u];
      if (sx < 0 || sy < 0 || sx > size.width || sy > size.height) continue;
      const width = measure(text, `${name === "city-name" ? 600 : 400} ${px}px ${fontFamily}`);
      const places = [[sx + gap, sy - px / 2], [sx - gap - width, sy - px / 2], [sx - width / 2, sy - gap - px], [sx - width / 2, sy + gap]];
      const free = places.find(([a, b]) =>
        a >= 2 && b >= 2 && a + width <= size.width - 2 && b + px <= size.height - 2 &&
        taken.every((box) => a > box[2] || a + width < box[0] || b > box[3] || b + px < box[1]));
      if (!free) continue;
      taken.push([free[0] - 2, free[1] - 2, free[0] + width + 2, free[1] + px + 2]);
      const label = element("text", { x: left + free[0] * u, y: top + (free[1] + px * 0.85) * u, class: name, "font-size": px * u, "stroke-width": 3 * u }, layer);
      label.textContent = text;
    }
  }

  function drawScale() {
    const target = (0.22 * size.width * look.k) / data.unitsPerKm;
    const power = 10 ** Math.floor(Math.log10(target));
    const km = [5, 2, 1].map((step) => step * power).find((step) => step <= target) || power;
    get("map-scale-bar").style.width = `${(km * data.unitsPerKm) / look.k}px`;
    get("map-scale-text").textContent = `${km} ${say("km")}`;
  }

  // Places of tiles, whose corners lie on a grid of Web Mercator: between its nodes, straight.
  function fromMercator(mx, my) {
    const { left, top, step, columns, x, y } = data.mercator;
    const rows = x.length / columns;
    const [u, v] = [(mx - left) / step, (my - top) / step];
    const i = Math.min(Math.max(Math.floor(u), 0), columns - 2);
    const j = Math.min(Math.max(Math.floor(v), 0), rows - 2);
    const mix = (values) => {
      const at = (a, b) => values[(j + b) * columns + i + a];
      const [p, q] = [u - i, v - j];
      return (at(0, 0) * (1 - p) + at(1, 0) * p) * (1 - q) + (at(0, 1) * (1 - p) + at(1, 1) * p) * q;
    };
    return [mix(x), mix(y)];
  }

  // Tiles of another server, asked for only while the reader wants them.
  function drawTiles() {
    const layer = get("map-tile-layer");
    if (!layer) return;
    if (!tiles.checked) {
      layer.textContent = "";
      return;
    }
    const { left, top, step, columns, x } = data.mercator;
    const rows = x.length / columns;
    const [width, height] = [size.width * look.k, size.height * look.k];
    const pixels = (fromMercator(left + step, top)[0] - fromMercator(left, top)[0]) / look.k / step;
    const level = Math.min(Math.max(Math.round(Math.log2(pixels / 256)), 4), Number(layer.dataset.deepest));
    const count = 2 ** level;
    const kept = new Map([...layer.children].map((tile) => [tile.getAttribute("href"), tile]));
    for (let ty = Math.floor(top * count); ty < (top + step * (rows - 1)) * count; ty += 1) {
      for (let tx = Math.floor(left * count); tx < (left + step * (columns - 1)) * count; tx += 1) {
        const [a, b, c] = [[0, 0], [1, 0], [0, 1]].map(([dx, dy]) => fromMercator((tx + dx) / count, (ty + dy) / count));
        const seen = Math.max(a[0], b[0], c[0]) > look.x - width / 2 && Math.min(a[0], b[0], c[0]) < look.x + width / 2 &&
          Math.max(a[1], b[1], c[1]) > look.y - height / 2 && Math.min(a[1], b[1], c[1]) < look.y + height / 2;
        if (!seen) continue;
        const href = layer.dataset.tiles.replace("{z}", level).replace("{x}", tx).replace("{y}", ty);
        if (kept.delete(href)) continue;
        const matrix = [b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1], a[0], a[1]].join(" ");
        element("image", { href, width: 1, height: 1, preserveAspectRatio: "none", transform: `matrix(${matrix})` }, layer);
      }
    }
    for (const old of kept.values()) old.remove();
  }

  let waiting = 0;
  function drawView() {
    if (waiting) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      const box = svg.getBoundingClientRect();
      size.width = box.width || 600;
      size.height = box.height || 500;
      const widest = Math.max(data.width / size.width, data.height / size.height);
      look.k = Math.min(Math.max(look.k, 0.12), widest);
      look.x = Math.min(Math.max(look.x, 0), data.width);
      look.y = Math.min(Math.max(look.y, 0), data.height);
      const [width, height] = [size.width * look.k, size.height * look.k];
      svg.setAttribute("viewBox", `${look.x - width / 2} ${look.y - height / 2} ${width} ${height}`);
      svg.style.setProperty("--u", String(look.k));
      svg.dataset.close = String(width < 1500);
      for (const { node, city } of marks) {
        const inside = Math.abs(city.x - look.x) < width / 2 && Math.abs(city.y - look.y) < height / 2;
        node.style.display = city.on && inside ? "" : "none";
      }
      drawNames();
      drawScale();
      drawSwipe();
      drawTiles();
    });
  }

  function zoom(factor, x, y) {
    const [cx, cy] = [x === undefined ? look.x : x, y === undefined ? look.y : y];
    look.k *= factor;
    look.x = cx + (look.x - cx) * factor;
    look.y = cy + (look.y - cy) * factor;
    drawView();
  }
  function pan(dx, dy) {
    look.x += dx * size.width * look.k;
    look.y += dy * size.height * look.k;
    drawView();
  }
  function goHome() {
    const city = data.cities.find((each) => each.id === inputs.origin.value) || data.cities[0];
    const box = svg.getBoundingClientRect();
    look.x = city ? city.x : data.width / 2;
    look.y = city ? city.y : data.height / 2;
    look.k = (HOME_KM * data.unitsPerKm) / (Math.min(box.width, box.height) || 600);
    drawView();
  }
  const acts = {
    in: () => zoom(0.7), out: () => zoom(1 / 0.7), home: goHome,
    left: () => pan(-0.2, 0), right: () => pan(0.2, 0), up: () => pan(0, -0.2), down: () => pan(0, 0.2),
  };
  for (const button of document.querySelectorAll("[data-act]")) {
    button.addEventListener("click", acts[button.dataset.act]);
  }
  const keys = { "+": "in", "=": "in", "-": "out", 0: "home", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
  svg.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[act]();
  });
  function toMap(event) {
    const box = svg.getBoundingClientRect();
    return [
      look.x + (event.clientX - box.left - box.width / 2) * look.k,
      look.y + (event.clientY - box.top - box.height / 2) * look.k,
    ];
  }
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== svg) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, ...toMap(event));
  }, { passive: false });
  const pointers = new Map();
  svg.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    svg.setPointerCapture(event.pointerId);
  });
  get("map-divider").addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    const divider = event.currentTarget;
    divider.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const box = svg.getBoundingClientRect();
      inputs.swipe.value = Math.round((100 * (moved.clientX - box.left)) / box.width);
      drawSwipe();
    };
    divider.addEventListener("pointermove", move);
    divider.addEventListener("pointerup", () => divider.removeEventListener("pointermove", move), { once: true });
  });
  svg.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    if (pointers.size === 1) {
      look.x -= (event.clientX - last.clientX) * look.k;
      look.y -= (event.clientY - last.clientY) * look.k;
      drawView();
    } else {
      const other = [...pointers.values()].find((each) => each.pointerId !== event.pointerId);
      const gap = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      zoom(gap(last) / gap(event), ...toMap(other));
    }
    pointers.set(event.pointerId, event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    svg.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }

  function drawAll() {
    offerReadings();
    drawBands();
    drawLines();
    drawCities();
    drawView();
  }
  // Before what all inputs do: a scenario is first shown beside its baseline.
  inputs.view.addEventListener("input", () => {
    inputs.base.value = byKey.get(inputs.view.value).base;
  });
  if (tiles) tiles.addEventListener("input", drawView);
  inputs.origin.addEventListener("input", goHome);
  for (const input of Object.values(inputs)) input.addEventListener("input", drawAll);
  for (const link of document.querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => {
      const wanted = JSON.parse(link.dataset.show);
      inputs.origin.value = wanted.origin;
      inputs.view.value = wanted.view;
      inputs.reading.value = wanted.reading;
      inputs.base.value = "";
      inputs.minutes.value = wanted.minutes;
      goHome();
      drawAll();
    });
  }
  document.addEventListener("languagechange", drawAll);
  window.addEventListener("resize", drawView);
  goHome();
  drawAll();
  unpackGrids().then(() => {
    drawBands();
    svg.dataset.ready = "true";
  }, () => {
    get("map-legend").textContent = say("old_browser");
  });
})();
