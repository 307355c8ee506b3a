// What both stages draw: boxes of places, members as discs, links between them. Positions come from Python (views/layout.py).

import { shortened, svg } from "./dom.js";

export const DISC = 30;
const HEXAGON = `M${-DISC - 2},0 L${-DISC / 2},-28 L${DISC / 2},-28 L${DISC + 2},0 L${DISC / 2},28 L${-DISC / 2},28 Z`;
const CROWN = "M-15,-34 L-18,-52 L-8,-44 L0,-55 L8,-44 L18,-52 L15,-34 Z";

export function emptyPicture({ width, height, boxes }, label) {
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", class: "ql-scene", "aria-label": label });
  for (const { name, x, y, width: wide, height: high, depth } of boxes) {
    picture.append(
      svg("rect", { x, y, width: wide, height: high, rx: 10, class: `ql-place ql-depth-${depth}` }),
      svg("text", { x: x + wide / 2, y: y + 24, class: "ql-place-name" }, name),
    );
  }
  return picture;
}

/** A member. Its disc alone is the switch: `onTouch` is called for a click there, and for Enter or Space alone. */
export function memberMark(name, { x, y }, onTouch) {
  const label = shortened(name, 7, true);
  const disc = svg("g", { class: "ql-switch" },
    svg("circle", { r: DISC, class: "ql-disc" }), svg("path", { d: HEXAGON, class: "ql-hexagon" }),
    svg("path", { d: "M-17,-17 L17,17 M-17,17 L17,-17", class: "ql-cross" }),
    svg("text", { y: 5, class: "ql-name" }, label, svg("title", {}, name)),
    svg("path", { d: CROWN, class: "ql-crown" }), svg("path", { d: "M-6,-54 V-38 M5,-54 V-38", class: "ql-pause" }));
  const node = svg("g", {
    transform: `translate(${x} ${y})`, class: "ql-member", role: "switch", tabindex: "0", "aria-label": name, "data-member": name,
  }, disc);
  disc.addEventListener("click", onTouch);
  node.addEventListener("keydown", (event) => {
    const alone = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey; // else it is a key of the page
    if (alone && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); onTouch(); }
  });
  const set = (looks, isUp) => {
    node.setAttribute("class", ["ql-member", ...looks.map((look) => `ql-is-${look}`)].join(" "));
    node.setAttribute("aria-checked", String(isUp));
  };
  return { node, set, prefix: label === name ? "" : `${name}: ` };
}

export function linkLine(a, b) {
  return svg("line", { x1: a.x, y1: a.y, x2: b.x, y2: b.y, class: "ql-link" });
}

/** Every pair of these, in order. */
export const pairsOf = (names) => names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b]));
