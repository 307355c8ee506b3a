// The cluster stage: members in their places, failed and revived in the browser, with no round trip to Python.

import { button, fillTable, html, listen, roomy, setUp, svg, tableSwitch, unbroken } from "./dom.js";
import { DISC, emptyPicture, linkLine, memberMark, pairsOf } from "./scene.js";
import { describe, everyState } from "./verdict.js";

export { describe };

const FRAME = "\u00a0".repeat(8); // as wide as a verdict's frame and its bold letters are wider
const VERDICTS = { on: "✓ writes go on", off: "✕ writes stop", split: "⚠ split brain" };

/** A handle that cuts a row of members, `put(n)` being called for a move to where n stand left of it. */
function cutHandle(picture, { spots, step }, names, now, put) {
  const first = spots[names[0]].x;
  const handle = svg("g", {
    class: "ql-cut", role: "slider", tabindex: "0", "aria-label": "members left of the cut", "aria-valuemin": 0, "aria-valuemax": names.length,
  }, svg("line", { y1: 8, y2: 124 }), svg("rect", { x: -13, y: 118, width: 26, height: 22, rx: 5 }),
  svg("path", { d: "M-6,129 L-2,125 M-6,129 L-2,133 M6,129 L2,125 M6,129 L2,133" }));
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -names.length, End: names.length }[event.key];
    if (by) { event.preventDefault(); put(now() + by); }
  });
  handle.addEventListener("pointerdown", (event) => { handle.setPointerCapture(event.pointerId); handle.focus(); });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const { x } = new DOMPoint(event.clientX, 0).matrixTransform(picture.getScreenCTM().inverse());
    put(Math.round((x - first) / step + 0.5));
  });
  const draw = (cut) => {
    handle.setAttribute("transform", `translate(${first + step * (cut - 0.5)} 0)`);
    handle.setAttribute("aria-valuenow", cut);
    handle.setAttribute("aria-valuetext", `${cut} left, ${names.length - cut} right`);
  };
  return { node: handle, draw };
}

/** The members, the links between them and the cut; `set(news)` is called for what the learner does. */
function stagePicture(model, names, set) {
  const layout = model.get("positions");
  const { spots } = layout;
  const picture = emptyPicture(layout, `Cluster of ${names.length}. Press Enter on a member to fail or revive it.`);
  const links = layout.step ? [] : pairsOf(names).map((ends) => ({ ends, line: linkLine(...ends.map((name) => spots[name])) }));
  const toggle = (name) => {
    const down = model.get("down");
    set({ down: down.includes(name) ? down.filter((d) => d !== name) : names.filter((n) => n === name || down.includes(n)) });
  };
  const members = names.map((name) => {
    const mark = memberMark(name, spots[name], () => toggle(name));
    const state = svg("text", { y: DISC + 18, class: "ql-state" });
    mark.node.append(state);
    return { name, mark, state };
  });
  picture.append(...links.map(({ line }) => line), ...members.map(({ mark }) => mark.node));
  const cut = model.get("with_cut")
    ? cutHandle(picture, layout, names, () => model.get("cut"), (to) => set({ cut: Math.max(0, Math.min(names.length, to)) }))
    : null;
  if (cut) picture.append(cut.node);

  function draw(down) {
    for (const { name, mark, state } of members) {
      const word = down.includes(name) ? "down" : "up";
      mark.set([word], word === "up");
      state.textContent = mark.prefix + word;
    }
    for (const { line, ends } of links) line.classList.toggle("ql-broken", ends.some((name) => down.includes(name)));
    cut?.draw(model.get("cut"));
  }

  return { node: picture, draw };
}

function tableOf(members, withCut, down, cut) {
  const side = (i) => (cut > 0 && cut < members.length ? (i < cut ? "left" : "right") : "–");
  const where = withCut ? "side of the cut" : members.some((m) => m.place) ? "place" : null;
  return {
    columns: ["member", ...(where ? [where] : []), "state"],
    rows: members.map((m, i) => [m.name, ...(where ? [withCut ? side(i) : m.place || "–"] : []), down.includes(m.name) ? "down" : "up"]),
  };
}

function render({ model, el }) {
  const members = model.get("members");
  const names = members.map((m) => m.name);
  const withCut = model.get("with_cut");
  const set = (news) => {
    for (const [name, value] of Object.entries(news)) model.set(name, value);
    model.save_changes();
  };
  const picture = stagePicture(model, names, set);
  const verdict = html("span", { class: "ql-verdict" });
  const sentence = html("p", { class: "ql-sentence", role: "status" });
  const said = everyState({ names, quorums: model.get("quorums"), word: model.get("word"), withCut });
  const inFull = ([state, words]) => `${VERDICTS[state]}${FRAME}${words}`;
  const room = roomy(sentence, said.map(inFull));
  const table = html("table");
  const reset = button(withCut ? "Revive all and heal" : "Revive all", "", () => set({ down: [], ...(withCut ? { cut: 0 } : {}) }));

  function draw() {
    const down = model.get("down");
    const cut = withCut ? model.get("cut") : 0;
    picture.draw(down);
    const [state, words] = describe({ names, quorums: model.get("quorums"), down, word: model.get("word"), cut });
    el.dataset.state = state;
    verdict.textContent = VERDICTS[state];
    sentence.replaceChildren(verdict, " ", ...unbroken(words));
    room.keep(inFull([state, words]));
    fillTable(table, tableOf(members, withCut, down, cut));
  }

  const leave = setUp(model, el, "ql-stage");
  el.append(picture.node, room.whole, html("div", { class: "ql-controls" }, reset, tableSwitch(table, "Hide table")), table);
  draw();
  const deaf = listen(model, [["change:down change:cut change:quorums", draw]]);
  return () => { deaf(); leave(); };
}

export default { render };
