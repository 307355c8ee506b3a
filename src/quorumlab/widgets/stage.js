// The cluster stage, first part: members in their places, failed and revived in the browser, with no round trip to Python.
// `describe` says the same words as `quorumlab.views.stage.describe`; a browser test holds the two together.

const WIDTH = 700;
const RADIUS = 30;
const GAP = 96; // from one member to the next

// ---------------------------------------------------------------- what the state means

const isQuorum = (quorums, up) => quorums.some((quorum) => quorum.every((i) => up.has(i)));

/** All ways to choose `size` of the items, in order. */
function combinations(items, size) {
  if (size === 0) return [[]];
  return items.flatMap((first, i) => combinations(items.slice(i + 1), size - 1).map((rest) => [first, ...rest]));
}

/** The fewest further crashes that stop the cluster: one such set of members. */
function fewestCrashesToStop(quorums, up) {
  const standing = [...up].sort((a, b) => a - b);
  for (let size = 0; size <= standing.length; size += 1) {
    for (const crashed of combinations(standing, size)) {
      if (!isQuorum(quorums, new Set(standing.filter((i) => !crashed.includes(i))))) return crashed;
    }
  }
  return standing;
}

/** The fewest members whose return gives the cluster a quorum again. */
function fewestReturns(quorums, up) {
  return Math.min(...quorums.map((quorum) => quorum.filter((i) => !up.has(i)).length));
}

const number = (n) => ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][n] ?? String(n);

/** [does the cluster take writes, what the picture shows now, in full]. */
export function describe({ names, quorums, down, word, cut }) {
  const up = new Set(names.map((_, i) => i).filter((i) => !down.includes(names[i])));
  const count = `${up.size} of ${names.length} ${names.length === 1 ? "is" : "are"} up`;
  if (cut > 0 && cut < names.length) {
    const sides = [new Set([...up].filter((i) => i < cut)), new Set([...up].filter((i) => i >= cut))];
    const [left, right] = sides.map((side) => isQuorum(quorums, side));
    const sizes = `${count}, ${sides[0].size} left of the cut and ${sides[1].size} right of it: `;
    if (left && right) {
      return ["split", `${sizes}both sides have a ${word}, so both take writes and neither knows of the other's. This is split brain.`];
    }
    if (left || right) {
      return ["on", `${sizes}the ${left ? "left" : "right"} side has a ${word}, so writes go on there; the other side waits.`];
    }
    const then = isQuorum(quorums, up) ? "they go on when the cut heals" : "healing the cut is not enough";
    return ["off", `${sizes}neither side has a ${word}, so writes stop everywhere; ${then}.`];
  }
  if (isQuorum(quorums, up)) {
    // How many may crash is for the learner to find out.
    if (up.size === names.length) return ["on", `${count}: a ${word}, so writes go on.`];
    const crashed = fewestCrashesToStop(quorums, up);
    const spare = crashed.length - 1;
    if (spare > 0) {
      return ["on", `${count}: a ${word}, so writes go on, and any ${number(spare)} more may crash without stopping them.`];
    }
    const everyone = [...up].every((i) => !isQuorum(quorums, new Set([...up].filter((j) => j !== i))));
    const last = everyone ? "one more crash stops them" : `they stop if ${names[crashed[0]]} crashes`;
    return ["on", `${count}: a ${word}, so writes go on; ${last}.`];
  }
  const missing = fewestReturns(quorums, up);
  const away = names.map((_, i) => i).filter((i) => !up.has(i));
  const anyWillDo = combinations(away, missing).every((back) => isQuorum(quorums, new Set([...up, ...back])));
  const howMany = `${anyWillDo ? "" : "at least "}${number(missing)}`;
  return ["off", `${count}: no ${word}, so writes stop until ${howMany} more ${missing === 1 ? "comes" : "come"} back.`];
}

// ---------------------------------------------------------------- where things stand

/** Places as boxes and members as points, in the coordinates of a picture `WIDTH` wide. */
export function layout(members, withCut) {
  const n = members.length;
  const places = [...new Set(members.map((m) => m.place))];
  if (!withCut && places.length === 1 && places[0] === "") {
    if (n <= 2) return row(members);
    const radius = Math.max(90, (GAP * n) / (2 * Math.PI));
    const angles = members.map((_, i) => (2 * Math.PI * i) / n - Math.PI / 2);
    const points = angles.map((a) => [WIDTH / 2 + radius * Math.cos(a), RADIUS + 26 + radius * (1 + Math.sin(a))]);
    return { height: Math.max(...points.map((p) => p[1])) + RADIUS + 28, points, boxes: [] };
  }
  if (withCut) return row(members);
  const width = Math.min(210, (WIDTH - 20) / places.length - 14);
  const left = (WIDTH - places.length * (width + 14) + 14) / 2;
  const most = Math.max(...places.map((p) => members.filter((m) => m.place === p).length));
  const boxes = places.map((name, i) => ({ name, index: i, x: left + i * (width + 14), y: 10, width, height: 50 + most * GAP }));
  const filled = places.map(() => 0);
  const points = members.map((m) => {
    const box = boxes[places.indexOf(m.place)];
    const point = [box.x + width / 2, box.y + 84 + filled[box.index] * GAP];
    filled[box.index] += 1;
    return point;
  });
  return { height: boxes[0].height + 20, points, boxes };
}

function row(members) {
  const step = Math.min(GAP, (WIDTH - 40) / members.length);
  const first = WIDTH / 2 - (step * (members.length - 1)) / 2;
  return { height: 150, points: members.map((_, i) => [first + i * step, 64]), boxes: [], step };
}

// ---------------------------------------------------------------- the picture

function render({ model, el }) {
  const members = model.get("members");
  const names = members.map((m) => m.name);
  const withCut = model.get("with_cut");
  const place = layout(members, withCut);

  const picture = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${place.height}`, role: "group", class: "ql-scene",
    "aria-label": `Cluster of ${names.length}. Press Enter on a member to fail or revive it.`,
  });
  for (const box of place.boxes) {
    picture.append(
      svg("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 10, class: "ql-place" }),
      svg("text", { x: box.x + box.width / 2, y: box.y + 24, class: "ql-place-name" }, box.name),
    );
  }
  const links = place.points.flatMap((a, i) => place.points.slice(i + 1).map((b, k) => ({ ends: [i, i + 1 + k], a, b })));
  const lines = place.step ? [] : links.map(({ ends, a, b }) => {
    const line = svg("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1], class: "ql-link" });
    picture.append(line);
    return { line, ends };
  });

  const toggle = (name) => {
    const down = model.get("down");
    model.set("down", down.includes(name) ? down.filter((d) => d !== name) : names.filter((n) => n === name || down.includes(n)));
    model.save_changes();
  };
  const discs = names.map((name, i) => {
    const [x, y] = place.points[i];
    const mark = svg("path", { d: "M-11,-11 L11,11 M-11,11 L11,-11", class: "ql-cross" });
    const state = svg("text", { y: RADIUS + 18, class: "ql-state" });
    const disc = svg(
      "g", { transform: `translate(${x} ${y})`, class: "ql-member", role: "switch", tabindex: "0", "aria-label": name, "data-member": name },
      svg("circle", { r: RADIUS }), svg("text", { y: 5, class: "ql-name" }, name), mark, state,
    );
    disc.addEventListener("click", () => toggle(name));
    disc.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(name); }
    });
    picture.append(disc);
    return { disc, state };
  });

  let moveCut = () => {};
  if (withCut) {
    const handle = svg("g", {
      class: "ql-cut", role: "slider", tabindex: "0", "aria-label": "members left of the cut",
      "aria-valuemin": 0, "aria-valuemax": names.length,
    }, svg("line", { y1: 8, y2: 124 }), svg("rect", { x: -13, y: 118, width: 26, height: 22, rx: 5 }),
    svg("path", { d: "M-6,129 L-2,125 M-6,129 L-2,133 M6,129 L2,125 M6,129 L2,133" }));
    const at = (cut) => place.points[0][0] + place.step * (cut - 0.5);
    const put = (cut) => { model.set("cut", Math.max(0, Math.min(names.length, cut))); model.save_changes(); };
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -names.length, End: names.length }[event.key];
      if (step) { event.preventDefault(); put(model.get("cut") + step); }
    });
    handle.addEventListener("pointerdown", (event) => { handle.setPointerCapture(event.pointerId); handle.focus(); });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const x = new DOMPoint(event.clientX, 0).matrixTransform(picture.getScreenCTM().inverse()).x;
      put(Math.round((x - place.points[0][0]) / place.step + 0.5));
    });
    picture.append(handle);
    moveCut = (cut) => {
      handle.setAttribute("transform", `translate(${at(cut)} 0)`);
      handle.setAttribute("aria-valuenow", cut);
      handle.setAttribute("aria-valuetext", `${cut} left, ${names.length - cut} right`);
    };
  }

  const verdict = html("span", { class: "ql-verdict" });
  const sentence = html("p", { class: "ql-sentence", role: "status" });
  const table = html("table", { hidden: "" });
  const reset = html("button", { type: "button", class: "ql-button" }, withCut ? "Revive all and heal" : "Revive all");
  reset.addEventListener("click", () => { model.set("down", []); model.set("cut", 0); model.save_changes(); });
  const asTable = html("button", { type: "button", class: "ql-button", "aria-pressed": "false" }, "Show as table");
  asTable.addEventListener("click", () => {
    table.hidden = !table.hidden;
    asTable.setAttribute("aria-pressed", String(!table.hidden));
    asTable.textContent = table.hidden ? "Show as table" : "Hide table";
  });

  function draw() {
    const down = model.get("down");
    const cut = withCut ? model.get("cut") : 0;
    discs.forEach(({ disc, state }, i) => {
      const isDown = down.includes(names[i]);
      disc.classList.toggle("ql-down", isDown);
      disc.setAttribute("aria-checked", String(!isDown));
      state.textContent = isDown ? "down" : "up";
    });
    for (const { line, ends } of lines) line.classList.toggle("ql-broken", ends.some((i) => down.includes(names[i])));
    moveCut(cut);
    const [state, words] = describe({ names, quorums: model.get("quorums"), down, word: model.get("word"), cut });
    el.dataset.state = state;
    verdict.textContent = { on: "✓ writes go on", off: "✕ writes stop", split: "⚠ split brain" }[state];
    sentence.replaceChildren(verdict, " ", words);
    const side = (i) => (cut > 0 && cut < names.length ? (i < cut ? "left" : "right") : "–");
    const columns = ["member", ...(withCut ? ["side of the cut"] : ["place"]), "state"];
    const rows = members.map((m, i) => [m.name, withCut ? side(i) : m.place || "–", down.includes(m.name) ? "down" : "up"]);
    table.replaceChildren(
      html("thead", {}, html("tr", {}, ...columns.map((c) => html("th", { scope: "col" }, c)))),
      html("tbody", {}, ...rows.map((r) => html("tr", {}, ...r.map((cell) => html("td", {}, cell))))),
    );
  }

  // JupyterLab would take Enter, Space and the arrow keys for its own commands before a member sees them.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  el.classList.add("ql-stage");
  el.append(picture, sentence, table, html("div", { class: "ql-controls" }, reset, asTable));
  draw();
  model.on("change:down change:cut change:quorums", draw);
  return () => model.off("change:down change:cut change:quorums", draw);
}

export default { render };
