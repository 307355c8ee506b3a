// Messages as they look on their way, and the legend that names them.

import { html, svg } from "./dom.js";

export const BOX = 25; // the height of a log entry, and its least width
const TERM_TINTS = 6;
const no = (granted) => granted === false;

/** Each type of message: its shape, what stands in it, and its name in the legend. An answer depends on what it says. */
const MESSAGES = {
  pre_vote_request: { shape: "diamond", look: "ask", mark: () => "p?", name: "may I stand?" },
  pre_vote: { shape: "round", look: "ask", mark: (m) => (no(m.granted) ? "p✗" : "p✓"), name: "yes or no to that" },
  request_vote: { shape: "diamond", look: "vote", mark: () => "V?", name: "asks for a vote" },
  vote: { shape: "round", look: "vote", mark: (m) => (no(m.granted) ? "V✗" : "V✓"), name: "vote, or refusal" },
  append: { shape: "square", look: "append", mark: (m) => (m.entries > 1 ? `+${m.entries}` : "+1"), name: "new entries (Append)" },
  heartbeat: { shape: "round", look: "beat", mark: () => "h", name: "heartbeat, with the commit point" },
  appended: { shape: "round", look: "ack", mark: (m) => (no(m.ok) ? "✗" : "✓"), name: "acknowledged" },
  install_snapshot: { shape: "square", look: "append", mark: () => "S", name: "snapshot" },
  timeout_now: { shape: "diamond", look: "vote", mark: () => "T", name: "take over now" },
  propose: { shape: "square", look: "read", mark: () => "W", name: "a write, passed on" },
  read_index: { shape: "diamond", look: "read", mark: () => "R", name: "may I answer a read?" },
  readable: { shape: "round", look: "read", mark: () => "R", name: "yes, from here on" },
  refused: { shape: "round", look: "ack", mark: () => "✗", name: "refused" },
};
const SHAPES = {
  diamond: "M0,-16 L17,0 L0,16 L-17,0 Z",
  round: "M-13,0 A13,13 0 1 1 13,0 A13,13 0 1 1 -13,0 Z",
  square: "M-13,-12 H13 V12 H-13 Z",
};

/** The name of a message in words. */
export const messageName = ({ type }) => MESSAGES[type].name;

export function token(message) {
  const { shape, look, mark } = MESSAGES[message.type];
  return svg("g", { class: `ql-token ql-${look}` }, svg("path", { d: SHAPES[shape] }), svg("text", { y: 5 }, mark(message)));
}

/** An entry of a log: what is in it, in a tint for its term, with a bar below if it is `committed`. */
export function logBox(words, tint, committed, width = BOX) {
  const bar = committed ? [svg("path", { d: `M0,${BOX + 4} H${width}`, class: "ql-commit" })] : [];
  return svg("g", { class: `ql-entry ql-term-${tint % TERM_TINTS} ${committed ? "ql-committed" : ""}` },
    svg("rect", { x: 2, y: 1, width: width - 4, height: BOX - 2, rx: 3 }), svg("text", { x: width / 2, y: 18 }, words), ...bar);
}

/** The types of messages of a trace that have been seen by a time, in the legend's order. */
export const typesSeen = (replay, time) => Object.keys(MESSAGES).filter((type) => replay.seen.get(type) <= time);

/** What the stage has shown so far, each as it looks, in the room of all that it will show: nothing below it moves. */
export function legend(replay, types) {
  const room = legendOf(replay, typesSeen(replay, Infinity));
  room.className = "ql-legend-room";
  room.setAttribute("aria-hidden", "true");
  return [room, legendOf(replay, types)];
}

function legendOf(replay, types) {
  const item = (viewBox, drawing, words) =>
    html("span", {}, svg("svg", { viewBox, width: 32, height: 31, "aria-hidden": "true" }, drawing), words);
  const ring = () => svg("circle", { r: 12, class: "ql-timer", pathLength: 100, "stroke-dasharray": "65 100", transform: "rotate(-90)" });
  return html("div", { class: "ql-legend" },
    ...types.map((type) => item("-18 -17 36 34", token({ type }), MESSAGES[type].name)),
    ...(replay.timers ? [item("-18 -17 36 34", ring(), "time left until it stands for election")] : []),
    ...(replay.logs ? [item("-3 -1 32 34", logBox("a", 0, true), "an entry that is committed"), item("-3 -1 32 34", logBox("a", 0, false), "not yet committed"),
      item("-3 -1 32 34", logBox("–", 1, false), "a term's empty first entry, in the term's tint")] : []));
}
