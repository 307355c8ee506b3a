// The picture of a moment: members in a ring, each with its term, vote, timer and log beside it, messages on their way.

const SCENE_WIDTH = 700;
const DISC = 29;
const BOX = 25; // one log entry
const SHOWN = 6; // entries of a log that have room
const TERM_TINTS = 6;
const BREAK = 0.58; // where on a link its cut is marked: not in the middle, where the diagonals of a ring cross

/** Each type of message: its shape, what stands in it, and its name in the legend. An answer depends on what it says. */
const MESSAGES = {
  pre_vote_request: { shape: "diamond", look: "ask", mark: () => "p?", name: "may I stand? (PreVote)" },
  pre_vote: { shape: "round", look: "ask", mark: (m) => (m.granted === false ? "p✗" : "p✓"), name: "yes or no to that" },
  request_vote: { shape: "diamond", look: "vote", mark: () => "V?", name: "asks for a vote" },
  vote: { shape: "round", look: "vote", mark: (m) => (m.granted === false ? "V✗" : "V✓"), name: "vote, or refusal" },
  append: { shape: "square", look: "append", mark: (m) => (m.entries > 1 ? `+${m.entries}` : "+1"), name: "new entries (Append)" },
  heartbeat: { shape: "round", look: "beat", mark: () => "h", name: "heartbeat, with the commit point" },
  appended: { shape: "round", look: "ack", mark: (m) => (m.ok === false ? "✗" : "✓"), name: "acknowledged" },
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

function token(message) {
  const { shape, look, mark } = MESSAGES[message.type];
  return svg("g", { class: `ql-token ql-${look}` }, svg("path", { d: SHAPES[shape] }), svg("text", { y: 5 }, mark(message)));
}

/** The types of message that a trace has, each as it looks. */
function legend(types) {
  const items = Object.keys(MESSAGES).filter((type) => types.includes(type)).map((type) => html("span", {},
    svg("svg", { viewBox: "-18 -17 36 34", width: 32, height: 30, "aria-hidden": "true" }, token({ type })), MESSAGES[type].name));
  const box = (kind, words) => html("span", {},
    svg("svg", { viewBox: "-1 -1 30 34", width: 28, height: 32, "aria-hidden": "true" }, logBox(1, 0, kind)), words);
  const ring = html("span", {}, svg("svg", { viewBox: "-18 -17 36 34", width: 32, height: 30, "aria-hidden": "true" },
    svg("circle", { r: 12, class: "ql-timer", pathLength: 100, "stroke-dasharray": "65 100", transform: "rotate(-90)" })), "time left until it stands");
  return html("div", { class: "ql-legend" }, ...items, ring, box("ql-committed", "an entry that is committed"), box("", "not yet committed"));
}

function logBox(number, tint, kind) {
  const bar = kind ? [svg("path", { d: `M0,${BOX + 4} H${BOX}`, class: "ql-commit" })] : [];
  return svg("g", { class: `ql-entry ql-term-${tint % TERM_TINTS} ${kind}` },
    svg("rect", { x: 1, y: 1, width: BOX - 2, height: BOX - 2, rx: 3 }), svg("text", { x: BOX / 2, y: 18 }, number), ...bar);
}

/** Where the members stand: a ring, with room beside each for its words and its log. */
function ring(count) {
  const reach = count === 1 ? 0 : count === 2 ? 0 : Math.max(145, 29 * count);
  const points = Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count - (count === 2 ? Math.PI : Math.PI / 2);
    return [SCENE_WIDTH / 2 + Math.cos(angle) * (count === 1 ? 0 : 155), Math.sin(angle) * reach];
  });
  const top = Math.min(...points.map((p) => p[1])) - 66;
  return { points: points.map(([x, y]) => [x, y - top]), height: Math.max(...points.map((p) => p[1])) - top + 62 };
}

/** The picture of a trace. `act(verb, ...names)` is called when the learner touches a member or a link. */
export function makeScene(replay, act) {
  const { names } = replay;
  const { points, height } = ring(names.length);
  const place = Object.fromEntries(names.map((name, i) => [name, points[i]]));
  const picture = svg("svg", {
    viewBox: `0 0 ${SCENE_WIDTH} ${height}`, role: "group", class: "ql-scene",
    "aria-label": "The cluster. Press Enter on a member to crash or revive it.",
  });
  const links = names.flatMap((a, i) => names.slice(i + 1).map((b) => linkLine(a, b, place, act)));
  const members = names.map((name, i) => memberMark(name, place[name], act, i === 0 && names.length > 2));
  const messages = svg("g", { "aria-hidden": "true", class: "ql-messages" });
  picture.append(...links.map((l) => l.node), ...members.map((m) => m.node), messages);
  const tokens = new Map();

  function draw(state, time) {
    const last = Math.max(0, ...Object.values(state.members).map(lastIndex));
    for (const member of members) member.draw(state, time, last, replay);
    for (const link of links) link.draw(state);
    const shown = new Set();
    for (const message of state.flying.values()) {
      shown.add(message.id);
      travel(message, (time - message.t) / Math.max(message.arrives - message.t, 1));
    }
    for (const message of state.lost) {
      const part = (time - message.t) / replay.usual;
      if (part >= 1 || !place[message.to]) continue;
      shown.add(message.id);
      const node = travel(message, Math.min(part, 0.5));
      node.setAttribute("opacity", part < 0.5 ? 1 : 2 - 2 * part);
    }
    for (const [id, node] of tokens) if (!shown.has(id)) { node.remove(); tokens.delete(id); }
  }

  function travel(message, part) {
    let node = tokens.get(message.id);
    if (!node) {
      node = token(message);
      tokens.set(message.id, node);
      messages.append(node);
    }
    const [x, y] = along(place[message.sender], place[message.to], part);
    node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    return node;
  }

  return { node: picture, draw };
}

/** A point between two members, a little to the right of the way, so that the two directions do not meet. */
function along([x1, y1], [x2, y2], part) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy) || 1;
  const ends = Math.min(DISC + 17, length / 2); // a message just sent does not cover its sender's name
  const way = ends + (length - 2 * ends) * part;
  return [x1 + (dx * way) / length - (dy / length) * 9, y1 + (dy * way) / length + (dx / length) * 9];
}

function linkLine(a, b, place, act) {
  const [[x1, y1], [x2, y2]] = [place[a], place[b]];
  const ends = { x1, y1, x2, y2 };
  const turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  const at = (part) => `translate(${x1 + (x2 - x1) * part} ${y1 + (y2 - y1) * part}) rotate(${turn})`;
  const line = svg("line", { ...ends, class: "ql-link" });
  const broken = svg("path", { d: "M-9,9 L-1,-9 M1,9 L9,-9", class: "ql-break", transform: at(BREAK) });
  const words = svg("text", { class: "ql-state", x: x1 + (x2 - x1) * BREAK, y: y1 + (y2 - y1) * BREAK - 14 });
  const title = svg("title");
  const node = svg("g", { class: "ql-line", "data-link": `${a} ${b}` }, line, svg("line", { ...ends, class: "ql-touch" }, title), broken, words);
  let was = "";
  let isCut = false;
  node.addEventListener("click", () => act(isCut ? "heal" : "cut", a, b));
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
    words.textContent = one === other ? (slow ? `+${slow} ms` : "") : `cut: ${one ? `${a} → ${b}` : `${b} → ${a}`}`;
    title.textContent = `${a} – ${b}: click to ${isCut ? "heal" : "cut"}`;
  };
  return { node, draw };
}

function memberMark(name, [x, y], act, isTop) {
  const isLeft = x < SCENE_WIDTH / 2 - 1;
  const hexagon = `M${-DISC - 3},0 L${-DISC / 2 - 1},-28 L${DISC / 2 + 1},-28 L${DISC + 3},0 L${DISC / 2 + 1},28 L${-DISC / 2 - 1},28 Z`;
  const role = svg("text", { class: "ql-role", y: -16 });
  const term = svg("text", { class: "ql-term", y: 3 });
  const log = svg("g", { class: "ql-log", transform: "translate(0 10)" });
  // At the top it is raised, to keep clear of the link to the right.
  const beside = svg("g", { class: `ql-beside ${isLeft ? "ql-left" : ""}`, transform: `translate(${isLeft ? -42 : 42} ${isTop ? -24 : 0})`, "aria-hidden": "true" }, role, term, log);
  const timer = svg("circle", { r: DISC + 7, class: "ql-timer", pathLength: 100, "stroke-dasharray": "100 100", transform: "rotate(-90)" });
  const label = name.length > 7 ? `…${name.slice(-5)}` : name;
  const node = svg(
    "g", { transform: `translate(${x} ${y})`, class: "ql-member", role: "switch", tabindex: "0", "aria-label": name, "data-member": name },
    timer, svg("circle", { r: DISC, class: "ql-disc" }), svg("path", { d: hexagon, class: "ql-hexagon" }),
    svg("path", { d: "M-17,-17 L17,17 M-17,17 L17,-17", class: "ql-cross" }),
    svg("text", { y: 5, class: "ql-name" }, label),
    svg("path", { d: "M-15,-33 L-18,-51 L-8,-43 L0,-54 L8,-43 L18,-51 L15,-33 Z", class: "ql-crown" }),
    svg("path", { d: "M-6,-53 V-37 M5,-53 V-37", class: "ql-pause" }), beside,
  );
  let [now, was, wasLog, wasTimer] = [null, "", null, null];
  const touch = () => act({ up: "crash", down: "restart", paused: "resume" }[now?.condition], name);
  node.addEventListener("click", touch);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); touch(); }
  });

  function draw(state, time, last, replay) {
    now = state.members[name];
    node.style.display = now ? "" : "none";
    if (!now) return;
    const stands = now.condition === "up" && (now.role === "candidate" || now.role === "pre-candidate");
    const votes = stands ? votesOf(state, name, time).length : 0;
    const isNow = `${roleWord(now)} ${now.learns} ${now.term} ${now.voted_for} ${votes}`;
    if (isNow !== was) { was = isNow; words(stands, votes); }
    const logIs = `${last} ${now.commit}`;
    if (now.log !== wasLog?.log || logIs !== wasLog.logIs) {
      wasLog = { log: now.log, logIs };
      log.replaceChildren(...boxes(now, last));
      if (isLeft) log.setAttribute("transform", `translate(${-Math.min(last, SHOWN) * BOX} 10)`);
    }
    const left = timerLeft(now, time, replay, name);
    const dash = left === null ? "" : (100 * (1 - left)).toFixed(1);
    if (dash !== wasTimer) {
      wasTimer = dash;
      timer.style.display = left === null ? "none" : "";
      timer.setAttribute("stroke-dashoffset", dash);
    }
  }

  function words(stands, votes) {
    const word = roleWord(now);
    node.setAttribute("class", `ql-member ql-is-${word} ${now.learns ? "ql-learns" : ""}`);
    node.setAttribute("aria-checked", String(now.condition === "up"));
    const voted = now.voted_for === name ? "itself" : now.voted_for;
    role.textContent = label === name ? word : `${name}: ${word}`;
    term.textContent = stands
      ? `term ${now.term}, ${votes} of ${quorum(now)} ${now.role === "candidate" ? "votes" : "yes"}`
      : `term ${now.term}${voted ? `, voted ${voted}` : ""}`;
    const next = { up: "Enter crashes it", down: "Enter revives it", paused: "Enter lets it go on" }[now.condition] ?? "";
    node.setAttribute("aria-description", `${word}, ${term.textContent}. ${next}`);
  }

  return { node, draw };
}

/** The part of a member's election timer that is left, or null where it has none or the trace does not tell. */
function timerLeft(member, time, replay, name) {
  if (member.condition !== "up" || member.role === "leader" || member.learns || member.due === null || !member.timeout || member.due < time) return null;
  // Each message of a leader puts the timer off. Not every trace has all of them, or says until when.
  if (member.leader !== null && (!replay.heartbeats || replay.lastHeard(name, time) > member.timed)) return null;
  return Math.min(1, (member.due - time) / member.timeout);
}

/** The newest entries of a log, each under its own number's place in all logs. */
function boxes(member, last) {
  const made = [];
  const from = Math.max(1, last - SHOWN + 1);
  for (let index = from; index <= last; index += 1) {
    const entry = entryAt(member, index);
    const folded = index < member.first;
    if (!entry && !folded) continue;
    const box = logBox(index, entry ? entry.term : 0, index <= member.commit ? "ql-committed" : "");
    box.setAttribute("transform", `translate(${(index - from) * BOX} 0)`);
    const what = folded ? "folded into a snapshot" : `term ${entry.term}: ${entryWords(entry)}`;
    box.append(svg("title", {}, `entry ${index}, ${what}${index <= member.commit ? ", known here as committed" : ""}`));
    const before = entryAt(member, index - 1);
    if (before && entry && before.term !== entry.term) box.append(svg("path", { d: `M0,-3 V${BOX + 3}`, class: "ql-new-term" }));
    made.push(box);
  }
  return made;
}
