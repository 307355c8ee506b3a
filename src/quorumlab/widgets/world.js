// The front end of the world map: a button on each region of a picture that Python draws.

import { button, choose, html, listen, setUp } from "./dom.js";
import { showView } from "./figure.js";

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const KEYS = { "+": "more", "=": "more", "-": "less" };

/** The region that an arrow key leads to: the nearest one on that side, what lies straight ahead before what lies aside. */
function nextSpot(spots, from, [dx, dy]) {
  let best = null;
  for (const spot of spots) {
    const [x, y] = [spot.x - from.x, (spot.y - from.y) / 2]; // percents of a picture twice as wide as high
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead > 0 && ahead >= aside / 2 && (!best || ahead + 2 * aside < best.far)) best = { spot, far: ahead + 2 * aside };
  }
  return best?.spot;
}

function radios(tools, onChoice) {
  const name = `ql-${Math.random().toString(36).slice(2)}`;
  const rows = Object.entries(tools).map(([tool, words], i) => {
    const input = html("input", { type: "radio", name, value: tool, ...(i ? {} : { checked: "" }) });
    input.addEventListener("change", () => onChoice(tool));
    return html("label", { class: "ql-tool" }, input, html("span", {}, words));
  });
  return html("fieldset", { class: "ql-tools" }, html("legend", {}, "A click on a region"), ...rows);
}

/** A drop-down list bound to a trait of the model, with its label. */
function labelledChoice(model, words, trait, options) {
  const node = choose(words, options.map((text) => [text, text]), (value) => { model.set(trait, value); model.save_changes(); });
  const draw = () => { node.value = model.get(trait); };
  draw();
  return { row: html("label", { class: "ql-control" }, html("span", {}, words), node), heard: [[`change:${trait}`, draw]] };
}

/** The words of one region, beside it and all on the picture: of the one under the pointer, else of the one with the focus. */
function nameTag(spotOf) {
  const node = html("span", { class: "ql-spot-name", "aria-hidden": "true", hidden: "" }); // a reader hears the button's own name
  let [under, focused] = [null, null];
  const draw = () => {
    const spot = spotOf(under ?? focused);
    node.hidden = !spot;
    if (!spot) return;
    node.textContent = spot.words;
    const up = spot.y > 50 ? "calc(-100% - 18px)" : "18px";
    Object.assign(node.style, { left: `${spot.x}%`, top: `${spot.y}%`, transform: `translate(${-spot.x}%, ${up})` });
  };
  const hear = (spot, name) => {
    const on = (what, change) => spot.addEventListener(what, () => { change(); draw(); });
    on("pointerenter", () => { under = name; });
    on("pointerleave", () => { under = null; });
    on("focus", () => { focused = spot.matches(":focus-visible") ? name : null; }); // a click leaves no words on the picture
    on("blur", () => { focused = null; });
  };
  const forget = () => { under = focused = null; };
  return { node, draw, hear, forget };
}

function render({ model, el }) {
  let tool = Object.keys(model.get("tools"))[0];
  let current = null; // the region that Tab comes to
  const over = html("div", { class: "ql-over", role: "group", "aria-label": "regions on the map" });
  const act = (what, region) => model.send({ act: what, region });
  const start = labelledChoice(model, "start from", "start", model.get("starts"));
  const cloud = labelledChoice(model, "cloud", "cloud", model.get("clouds"));
  const spotOf = (name) => model.get("spots").find((spot) => spot.name === name);
  const tag = nameTag(spotOf);

  function spotButton(name) {
    const node = html("button", { type: "button", class: "ql-spot" });
    tag.hear(node, name);
    node.addEventListener("click", () => act(tool, name));
    node.addEventListener("focus", () => { current = name; stops(); });
    node.addEventListener("keydown", (event) => {
      const next = WAYS[event.key] && nextSpot(model.get("spots"), spotOf(name), WAYS[event.key]);
      if (next) buttons.get(next.name).focus();
      if (KEYS[event.key]) act(KEYS[event.key], name);
      if (WAYS[event.key] || KEYS[event.key]) event.preventDefault();
    });
    return node;
  }
  let buttons = new Map();
  const stops = () => { for (const [name, node] of buttons) node.tabIndex = name === current ? 0 : -1; };

  function drawSpots() {
    const spots = model.get("spots");
    if (spots.some((spot) => !buttons.has(spot.name)) || spots.length !== buttons.size) {
      buttons = new Map(spots.map((spot) => [spot.name, spotButton(spot.name)]));
      over.replaceChildren(...buttons.values(), tag.node);
      current = spots[0].name;
      tag.forget();
      stops();
    }
    for (const { name, words, x, y } of spots) {
      const node = buttons.get(name);
      node.setAttribute("aria-label", words);
      Object.assign(node.style, { left: `${x}%`, top: `${y}%` });
    }
    tag.draw();
  }
  const leave = setUp(model, el, "ql-explorer", "ql-world");
  el.append(
    html("div", { class: "ql-controls" }, start.row, cloud.row, button("Start again", "", () => act("again", ""))),
    radios(model.get("tools"), (chosen) => { tool = chosen; }),
  );
  const { stop, image } = showView(model, el, { over: [over] });
  const land = URL.createObjectURL(new Blob([model.get("land")], { type: "image/svg+xml" }));
  image.style.backgroundImage = `url(${land})`; // sent once, and drawn once
  drawSpots();
  const deaf = listen(model, [["change:spots", drawSpots], ...start.heard, ...cloud.heard]);
  return () => {
    deaf();
    leave();
    stop();
    URL.revokeObjectURL(land);
  };
}

export default { render };
