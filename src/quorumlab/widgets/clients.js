// The clients below the members: what each asked, of whom, and what it was told. A request takes no time to the member that is asked.

import { svg } from "./dom.js";
import { DISC } from "./scene.js";

const FEET = 22; // where the line of a client begins, above its middle
const HEAD_PX = 11; // of the arrow
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

function clientMark(client, { x, y }, spots) {
  const line = svg("path", { class: "ql-asking" });
  const asked = svg("text", { y: 24, class: "ql-asked" });
  const told = svg("text", { y: 43, class: "ql-told" });
  const node = svg("g", { class: "ql-client", role: "img", transform: `translate(${x} ${y})` },
    svg("path", { d: PERSON, transform: "translate(-20 -8)" }), svg("text", { x: 0, y: 0, class: "ql-who" }, client), asked, told);
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
    const to = spots[last.asked.via];
    const [dx, dy] = [to.x - x, to.y - (y - FEET)];
    const part = 1 - (DISC + 8) / (Math.hypot(dx, dy) || 1);
    const turn = Math.atan2(dy, dx);
    const wing = (by) => `L${(x + dx * part - HEAD_PX * Math.cos(turn + by)).toFixed(1)},${(y - FEET + dy * part - HEAD_PX * Math.sin(turn + by)).toFixed(1)}`;
    const tip = `${(x + dx * part).toFixed(1)},${(y - FEET + dy * part).toFixed(1)}`;
    line.setAttribute("d", `M${x},${y - FEET} L${tip} ${wing(0.45)} M${tip} ${wing(-0.45)}`);
    line.setAttribute("class", `ql-asking ql-asking-${look}`);
  }

  return { name: client, node, line, draw };
}
