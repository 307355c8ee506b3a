// Where the words of a slow link stand, such as “+40 ms”: along their link, clear of its messages, of the members and of one another.

import { svg } from "./dom.js";
import { DISC, pairsOf } from "./scene.js";

const WORDS_LETTER = 9; // pixels of a letter, at most
const THICK = 10; // half the height of words, with a little air
const MIDDLE = 5; // from the middle of a line of words to its foot
const LANES = [30, 48, 66, 84]; // from a link to the middle of its words: its messages keep within 22 (`along` in moment.js)
const PARTS = [0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78, 0.1, 0.9, 0.94]; // where on the link, the best first
export const TIMER = 8; // from a disc to the outer edge of its timer
export const ROOM_ABOVE = [-20, -57, 20, 0];
/** What a member's words and its log cover: left, top, right and bottom from its middle (`BESIDE` in moment.js). */
export const ROOM_BESIDE = { left: [-192, -34, -42, 56], right: [42, -34, 192, 56], raised: [42, -58, 192, 32], below: [-75, 30, 75, 119] };
const NAME = [-60, 8, 60, 30]; // of a place, from the middle of its upper edge

export const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
export const fromRect = ({ x, y }, [left, top, right, bottom]) => Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
export const around = ({ x, y }, [left, top, right, bottom]) => [x + left, y + top, x + right, y + bottom];
const count = (list, test) => list.reduce((sum, item) => sum + (test(item) ? 1 : 0), 0);

function fromLine(point, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const part = Math.max(0, Math.min(1, ((point.x - a.x) * dx + (point.y - a.y) * dy) / (dx * dx + dy * dy || 1)));
  return distance(point, { x: a.x + part * dx, y: a.y + part * dy });
}

/** Every place for words so long beside the link from `a` to `b`: their middle, their turn in degrees, and a row of discs that covers them. */
function* places(a, b, length) {
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  const turn = (angle * 180) / Math.PI;
  const upright = turn > 90 ? turn - 180 : turn <= -90 ? turn + 180 : turn;
  const discs = Math.ceil(length / THICK);
  for (const lane of LANES) for (const part of PARTS) for (const side of [lane, -lane]) {
    const [x, y] = [a.x + (b.x - a.x) * part + side * Math.sin(angle), a.y + (b.y - a.y) * part - side * Math.cos(angle)];
    const row = Array.from({ length: discs }, (_, i) => {
      const off = (length / 2 - THICK) * ((2 * i) / (discs - 1) - 1);
      return { x: x + off * Math.cos(angle), y: y + off * Math.sin(angle) };
    });
    yield { x, y, turn: upright, row };
  }
}

/** What is worst first: members or the edge, then other words, then other links. */
function cost({ row }, { width, height, spots, boxes }, ends, placed) {
  const covers = (spot) => row.some((point) => distance(point, spot) < DISC + TIMER + THICK
    || [ROOM_ABOVE, ROOM_BESIDE[spot.words]].some((rect) => fromRect(point, around(spot, rect)) < THICK));
  const title = (box) => row.some((point) => fromRect(point, around({ x: box.x + box.width / 2, y: box.y }, NAME)) < THICK);
  const outside = ({ x, y }) => Math.min(x, y, width - x, height - y) < THICK;
  const worst = count(Object.values(spots), covers) + count(boxes, title) + count(row, outside);
  const words = count(placed, (other) => row.some((point) => other.row.some((its) => distance(point, its) < 2 * THICK)));
  const lines = worst || words ? 0 : count(pairsOf(Object.keys(spots)), ([a, b]) => !(ends.includes(a) && ends.includes(b))
    && row.some((point) => fromLine(point, spots[a], spots[b]) < THICK));
  return worst * 1e4 + words * 100 + lines;
}

/** The layer of all such words. `write(ends, words)` puts words to the link between two members, or takes them away with "". */
export function linkWords(layout) {
  const { spots } = layout;
  const node = svg("g", { "aria-hidden": "true", class: "ql-link-words" });
  const placed = new Map();
  function write(ends, words) {
    const key = JSON.stringify(ends);
    placed.get(key)?.text.remove();
    placed.delete(key);
    if (!words) return;
    const all = [...places(spots[ends[0]], spots[ends[1]], words.length * WORDS_LETTER)];
    const others = [...placed.values()];
    const costs = all.map((place) => cost(place, layout, ends, others));
    const { x, y, turn, row } = all[costs.indexOf(Math.min(...costs))];
    const text = svg("text", { class: "ql-state", y: MIDDLE, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)})` }, words);
    placed.set(key, { row, text });
    node.append(text);
  }
  return { node, write };
}
