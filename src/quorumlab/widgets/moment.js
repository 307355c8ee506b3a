// The picture of a moment: each member with its term, vote, timer and log beside it, links with their faults, messages on their way.

import { lettersOf, svg } from "./dom.js";
import { clientMarks } from "./clients.js";
import { linkWords } from "./linkwords.js";
import { belongs, entryShort, entryWords, isOld, isUp, look, quorum, roleWord, votesOf } from "./meaning.js";
import { BOX, logBox, token } from "./messages.js";
import { linkBetween } from "./replay.js";
import { DISC, emptyPicture, linkLine, memberMark, pairsOf } from "./scene.js";

const LOG_ROOM = 150; // pixels for a log
const LETTER = 9.5; // pixels of a letter in a log's box, at most
const BESIDE_LETTERS = 14; // pixels of a box that are none of its letters'
const HEAD = 15; // pixels for the numbers above a log
const ONE_WAY = 0.3; // and where a cut in one direction is, from its sender
const BREAK = 0.58; // where on a link its cut is marked: not in the middle, where the diagonals of a ring cross

/** The picture of a trace. `deeds`, if anything can be done, is told when the learner touches a member, a link or a message. */
export function momentPicture(replay, layout, deeds) {
  const { spots } = layout;
  const names = replay.names.filter((name) => spots[name]);
  const picture = emptyPicture(layout, "The cluster.");
  const words = linkWords(layout);
  const links = pairsOf(names).map(([a, b]) => linkMark(a, b, spots, words.write, deeds));
  const members = names.map((name) => cornerMember(name, spots[name], deeds));
  const messages = svg("g", { "aria-hidden": "true", class: "ql-messages" });
  const clients = clientMarks(layout);
  picture.append(...clients.lines, ...links.map((l) => l.node), ...members.map((m) => m.node), ...clients.nodes, messages, words.node);
  const tokens = new Map();

  function travel(message, part, opacity = 1) {
    if (!tokens.has(message.id)) {
      const node = token(message);
      if (deeds) node.addEventListener("click", () => deeds.onMessage(message.id));
      tokens.set(message.id, node);
      messages.append(node);
    }
    const [x, y] = along(spots[message.sender], spots[message.to], part);
    tokens.get(message.id).setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    tokens.get(message.id).setAttribute("opacity", opacity);
    return message.id;
  }

  function draw(state, time) {
    const shown = logsShown(state);
    for (const member of members) member.draw(state, time, shown, replay);
    clients.draw(state, time, replay.usual);
    for (const link of links) link.draw(state);
    const there = new Set();
    const drawn = (message) => spots[message.sender] && spots[message.to];
    for (const message of [...state.flying.values()].filter(drawn)) {
      there.add(travel(message, (time - message.t) / Math.max(message.arrives - message.t, 1)));
    }
    for (const message of state.lost.filter(drawn)) {
      if (message.dropped !== undefined) {
        const where = (message.dropped - message.t) / Math.max(message.arrives - message.t, 1);
        there.add(travel(message, where, Math.max(0, 1 - (time - message.dropped) / replay.usual)));
        continue;
      }
      const part = (time - message.t) / replay.usual;
      if (part < 1) there.add(travel(message, Math.min(part, 0.5), part < 0.5 ? 1 : 2 - 2 * part));
    }
    for (const [id, node] of tokens) if (!there.has(id)) { node.remove(); tokens.delete(id); }
  }

  return { node: picture, draw };
}

/** A point between two members, a little to the right of the way, so that the two directions do not meet. */
function along({ x: x1, y: y1 }, { x: x2, y: y2 }, part) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy) || 1;
  const ends = Math.min(DISC + 16, length / 2); // a message just sent does not cover its sender's name
  const way = ends + (length - 2 * ends) * part;
  return [x1 + (dx * way) / length - (dy / length) * 9, y1 + (dy * way) / length + (dx / length) * 9];
}

function linkMark(a, b, spots, write, deeds) {
  const [from, to] = [spots[a], spots[b]];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const turn = (Math.atan2(dy, dx) * 180) / Math.PI;
  const broken = svg("path", { class: "ql-break" });
  const title = svg("title");
  const touch = linkLine(from, to);
  touch.setAttribute("class", "ql-touch");
  touch.append(title);
  const node = svg("g", { class: `ql-line ${deeds ? "ql-can-act" : ""}`, "data-link": `${a} ${b}` }, linkLine(from, to), touch, broken);
  let [was, isCut] = ["", false];
  if (deeds) node.addEventListener("click", () => deeds.onLink(a, b, isCut));
  const draw = (state) => {
    const both = linkBetween(state, a, b);
    const [one, other] = both.map((link) => link.cut);
    const slow = Math.max(...both.map((link) => link.delay)) / 1000;
    const hidden = ![a, b].every((name) => state.members[name] && belongs(state.members[name]));
    const now = `${one}${other}${slow}${hidden}`;
    if (now === was) return;
    was = now;
    isCut = one || other;
    node.style.display = hidden ? "none" : "";
    node.classList.toggle("ql-cut-link", isCut);
    // A cut in one direction stands near who is not heard, with an arrow.
    const at = one === other ? BREAK : one ? ONE_WAY : 1 - ONE_WAY;
    broken.setAttribute("d", one === other ? "M-9,9 L-1,-9 M1,9 L9,-9" : "M-13,9 L-5,-9 M-5,9 L3,-9 M6,0 H18 M12,-6 L18,0 L12,6");
    broken.setAttribute("transform", `translate(${from.x + dx * at} ${from.y + dy * at}) rotate(${turn + (other && !one ? 180 : 0)})`);
    write([a, b], slow && !hidden ? `+${slow} ms` : "");
    title.textContent = deeds?.has("cut") ? `${a} – ${b}: click to ${isCut ? "heal" : "cut"}` : `${a} – ${b}`;
  };
  return { node, draw };
}

const BESIDE = { left: [-42, 0], right: [42, 0], raised: [42, -24], below: [0, 63] };

/** A member with its words, its log and its timer. */
function cornerMember(name, spot, deeds) {
  const mark = memberMark(name, spot, () => deeds?.onMember(name));
  const role = svg("text", { class: "ql-role", y: -16 });
  const term = svg("text", { class: "ql-term", y: 3 });
  const log = svg("g", { class: "ql-log" });
  const [x, y] = BESIDE[spot.words];
  const beside = svg("g", { class: `ql-beside ql-${spot.words}`, transform: `translate(${x} ${y})`, "aria-hidden": "true" }, role, term, log);
  const timer = svg("circle", { r: DISC + 6, class: "ql-timer", pathLength: 100, "stroke-dasharray": "100 100", transform: "rotate(-90)" });
  mark.node.prepend(timer);
  mark.node.append(beside);
  const was = {};
  const isNew = (what, value) => was[what] !== value && ((was[what] = value), true);
  const back = { left: 1, below: 0.5 }[spot.words] ?? 0; // how much of a log's room is left of its place: an entry stays where it is when others come

  function draw(state, time, shown, replay) {
    const now = state.members[name];
    mark.node.style.display = now ? "" : "none";
    if (!now) return;
    const old = isOld(state, name);
    const words = termWords(state, name, time);
    const next = deeds?.verb(state, name)?.[1] ?? "";
    if (isNew("words", `${look(now)} ${now.learner} ${old} ${words} ${next}`)) {
      mark.set([look(now), ...(now.learner ? ["learning"] : []), ...(old ? ["old"] : [])], isUp(now));
      role.textContent = `${mark.prefix}${old ? "old leader" : roleWord(now)}`;
      term.textContent = words;
      mark.node.setAttribute("aria-description", `${role.textContent}, ${words}.${next ? ` Enter ${next}.` : ""}`);
    }
    if (isNew("log", now.log) | isNew("reach", `${shown.from} ${shown.last} ${shown.width} ${now.commit}`)) {
      log.replaceChildren(...boxes(now, shown));
      log.setAttribute("transform", `translate(${-LOG_ROOM * back} ${10 + HEAD})`);
    }
    const left = timerLeft(now, time, replay);
    if (isNew("timer", left === null ? "" : (100 * (1 - left)).toFixed(1))) {
      timer.style.display = left === null ? "none" : "";
      timer.setAttribute("stroke-dashoffset", was.timer);
    }
  }

  return { node: mark.node, draw };
}

/** The second line beside a member: its term and vote, or the votes it has; and where logs cannot be seen, how far it has committed. */
function termWords(state, name, time) {
  const member = state.members[name];
  const said = [member.term === undefined ? "term unknown" : `term ${member.term}`];
  const stands = isUp(member) && (member.role === "candidate" || member.role === "pre-candidate");
  const votes = stands ? votesOf(state, name, time) : undefined;
  if (votes) said.push(`${votes.length} of ${quorum(state, name)} ${member.role === "candidate" ? "votes" : "yes"}`);
  else if (member.voted_for && !stands) said.push(`voted ${member.voted_for === name ? "itself" : member.voted_for}`);
  if (!member.log && member.commit !== undefined && isUp(member) && member.commit) said.push(`committed ${member.commit}`);
  return said.join(", ");
}

/** The part of a member's election timer that is left, or null where it has none or the trace does not tell. */
function timerLeft(member, time, replay) {
  if (!isUp(member) || member.role === "leader" || member.learner || !member.timeout || !(member.due >= time)) return null;
  // Each message of a leader puts the timer off, and a trace without idle heartbeats does not tell until when.
  if (member.leader && !replay.heartbeats) return null;
  return Math.min(1, (member.due - time) / member.timeout);
}

/** Which entries of all logs have room, the newest: their numbers, and how wide the widest is. */
function logsShown(state) {
  const logs = Object.values(state.members).map((member) => member.log).filter(Boolean);
  const last = Math.max(0, ...logs.map((log) => log.last));
  let [from, width] = [last + 1, BOX];
  while (from > 1) {
    const held = logs.map((log) => log.numbered(from - 1)).filter(Boolean);
    const wide = Math.max(width, ...held.map((entry) => lettersOf(entryShort(entry)) * LETTER + BESIDE_LETTERS));
    if (wide * (last - from + 2) > LOG_ROOM) break;
    [from, width] = [from - 1, wide];
  }
  return { from, last, width };
}

/** The newest entries of a log, each under its own number; dots before the first one stand for those that have no room. */
function boxes(member, { from, last, width }) {
  if (!member.log) return [];
  const made = [];
  const number = (words) => svg("text", { x: width / 2, y: -3, class: "ql-number" }, words);
  const held = member.log.last;
  if (held && held < from) {
    return [svg("g", { class: "ql-entry" }, number("…"), svg("title", {}, `entries up to ${held}, older than all that are shown`))];
  }
  for (let index = from; index <= last; index += 1) {
    const entry = member.log.numbered(index);
    const folded = index < member.log.first;
    if (!entry && !folded) continue;
    const box = logBox(entry ? entryShort(entry) : "∙", entry ? entry.term : 0, index <= member.commit, width);
    box.setAttribute("transform", `translate(${(index - from) * width} 0)`);
    box.append(number(index === from && from > 1 ? `…${index}` : index));
    const what = folded ? "folded into a snapshot" : `term ${entry.term}: ${entryWords(entry)}`;
    box.append(svg("title", {}, `entry ${index}, ${what}${index <= member.commit ? ", known here as committed" : ""}`));
    const before = member.log.numbered(index - 1);
    if (before && entry && before.term !== entry.term) box.append(svg("path", { d: `M0,-2 V${BOX + 3}`, class: "ql-new-term" }));
    made.push(box);
  }
  return made;
}
