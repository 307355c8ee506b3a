// The clients below the members: what each asked, of whom, and what it was told. A request takes no time to the member that is asked.

import { svg } from "./dom.js";
import { ROOM_ABOVE, ROOM_BESIDE, TIMER, around, distance, fromRect } from "./linkwords.js";
import { DISC } from "./scene.js";

const [CROWN_X, CROWN_Y] = [-20, -27]; // where the line of a client begins, over its head
const HEAD_PX = 11; // of the arrow
const CLEAR = 6; // pixels from what it goes round
const COVERED = 100; // pixels that a line rather goes than cover something, at one of so many points of it
const POINTS = 24;
const turns = (from, to, count) => Array.from({ length: count }, (_, i) => Math.PI * (from + ((to - from) * i) / (count - 1)));
const LEAVES = turns(-1, 0, 13); // how a line leaves its client: to the left, upwards, to the right
const COMES = turns(-1, 0.875, 16); // and from where it comes to a member
const REACHES = [30, 110, 220]; // pixels for which it keeps to that, about
const ANSWER_STAYS = 3; // times a message's usual way that the line of an answer stays
const PERSON = "M-7,-8 a7,7 0 1 1 14,0 a7,7 0 1 1 -14,0 M-12,14 a12,12 0 0 1 24,0 Z";

/** What a client asked, in a few words. */
function askedWords({ verb, key, value, mode, via }) {
  if (verb === "write") return `to ${via}: write ${key} = ${value}`;
  if (verb === "read") return `to ${via}: read ${key}${mode === "serializable" ? ", stale or not" : ""}`;
  return `to ${via}: set ${key} to ${value[1]} if it is ${value[0] ?? "not there"}`;
}

/** What it was told, or that it waits. */
function toldWords({ verb }, answer, lost) {
  if (!answer) return "… waits";
  if (answer.error === "timeout" && lost) return "✕ told nothing: connection lost";
  if (answer.error === "timeout") return "✕ told nothing: timeout";
  if (answer.error) return `✕ told: ${answer.error}`;
  return verb === "read" ? `✓ told: ${answer.value ?? "not there"}` : "✓ told: done";
}

/** The clients of a picture, and the lines to whom they ask; `lines` go behind the members. */
export function clientMarks(layout) {
  const marks = Object.entries(layout.clients ?? {}).map(([name, at]) => clientMark(name, at, layout.spots));
  const draw = (state, time, usual) => { for (const mark of marks) mark.draw(state.told[mark.name], time, usual); };
  return { lines: marks.map((mark) => mark.line), nodes: marks.map((mark) => mark.node), draw };
}

const towards = ({ x, y }, angle, far) => ({ x: x + far * Math.cos(angle), y: y + far * Math.sin(angle) });

/** Points of a curve that leaves `a` towards `b` and comes to `d` from `c`. */
const curve = (a, b, c, d) => Array.from({ length: POINTS }, (_, i, part = (i + 1) / (POINTS + 1), rest = 1 - part) => {
  const [one, two, three, four] = [rest ** 3, 3 * rest ** 2 * part, 3 * rest * part ** 2, part ** 3];
  return { x: one * a.x + two * b.x + three * c.x + four * d.x, y: one * a.y + two * b.y + three * c.y + four * d.y };
});

/** The shortest way to a member that covers least of the others, and of all words and logs: from where, by which two points, to where. */
function wayClear(from, name, spots) {
  const others = Object.keys(spots).filter((other) => other !== name).map((other) => spots[other]);
  const rects = Object.values(spots).flatMap((spot) => [ROOM_ABOVE, ROOM_BESIDE[spot.words]].map((rect) => around(spot, rect)));
  const covers = (point) => point.y > from.y // where clients' words stand
    || others.some((spot) => distance(point, spot) < DISC + TIMER + CLEAR) || rects.some((rect) => fromRect(point, rect) < CLEAR);
  const away = LEAVES.flatMap((angle) => REACHES.map((far) => towards(from, angle, far)));
  const ends = COMES.flatMap((angle) => REACHES.map((far) => [towards(spots[name], angle, DISC + TIMER + 2 + far), towards(spots[name], angle, DISC + TIMER + 2)]));
  let best = null;
  for (const first of away) for (const [second, tip] of ends) {
    const points = curve(from, first, second, tip);
    const long = points.reduce((sum, point, i) => sum + distance(point, points[i - 1] ?? from), 0);
    if (best && long >= best.cost) continue;
    const cost = long + COVERED * points.filter(covers).length;
    if (!best || cost < best.cost) best = { cost, first, second, tip };
  }
  return best;
}

function clientMark(client, { x, y }, spots) {
  const [way, head] = [svg("path", { class: "ql-asking-way" }), svg("path")];
  const line = svg("g", {}, way, head);
  const asked = svg("text", { y: 24, class: "ql-asked" });
  const told = svg("text", { y: 43, class: "ql-told" });
  const node = svg("g", { class: "ql-client", role: "img", transform: `translate(${x} ${y})` },
    svg("path", { d: PERSON, transform: "translate(-20 -8)" }), svg("text", { x: 0, y: 0, class: "ql-who" }, client), asked, told);
  const from = { x: x + CROWN_X, y: y + CROWN_Y };
  const ways = new Map();
  const wayTo = (via) => {
    if (!ways.has(via)) ways.set(via, wayClear(from, via, spots));
    return ways.get(via);
  };
  let was = null;

  function draw(last, time, usual) {
    const open = Boolean(last) && (!last.answer || time - last.answer.t < ANSWER_STAYS * usual);
    const now = last ? `${askedWords(last.asked)}\n${toldWords(last.asked, last.answer, last.lost)}\n${open}` : "";
    if (now === was) return;
    was = now;
    const [what, answer] = last ? now.split("\n") : ["", ""];
    asked.textContent = what;
    told.textContent = answer;
    const look = !last?.answer ? "waits" : last.answer.ok ? "done" : "bad";
    node.setAttribute("class", `ql-client ql-client-${look}`);
    node.setAttribute("aria-label", last ? `${client} ${what}. ${answer}` : `${client} has not asked yet`);
    line.style.display = open && spots[last.asked.via] ? "" : "none";
    if (!open || !spots[last.asked.via]) return;
    const { first, second, tip } = wayTo(last.asked.via);
    const turn = Math.atan2(tip.y - second.y, tip.x - second.x);
    const wing = (by) => `${(tip.x - HEAD_PX * Math.cos(turn + by)).toFixed(1)},${(tip.y - HEAD_PX * Math.sin(turn + by)).toFixed(1)}`;
    const at = (point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`;
    way.setAttribute("d", `M${at(from)} C${at(first)} ${at(second)} ${at(tip)}`);
    head.setAttribute("d", `M${wing(0.45)} L${at(tip)} L${wing(-0.45)}`);
    line.setAttribute("class", `ql-asking ql-asking-${look}`);
  }

  return { name: client, node, line, draw };
}
