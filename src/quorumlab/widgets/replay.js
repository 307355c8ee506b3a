// A trace, and the state it gives at any moment: the same as `Trace.at` in Python, to which a browser test holds it.
// Times are whole microseconds. A state's members are never changed in place, so that a checkpoint is a shallow copy.

const EVERY = 256; // events from one checkpoint to the next
const FROM_LEADER = new Set(["append", "heartbeat", "install_snapshot"]);
const FINE = Object.freeze({ cut: false, delay: 0 });

/** Plays a trace forward event by event, and backward from the checkpoint before. */
export class Replay {
  constructor(trace) {
    this.events = trace.events;
    this.until = trace.until;
    this.heartbeats = Boolean(trace.settings.record_heartbeats);
    this.names = [...new Set(trace.events.filter((e) => e.kind === "member").map((e) => e.member))];
    this.types = [...new Set(trace.events.filter((e) => e.kind === "message").map((e) => e.type))];
    const travels = trace.events.filter((e) => e.kind === "message" && e.arrives !== null).map((e) => e.arrives - e.t);
    this.usual = travels.sort((a, b) => a - b)[travels.length >> 1] ?? 10_000; // what a message takes
    this.heard = Object.fromEntries(this.names.map((name) => [name, []]));
    for (const e of trace.events) if (FROM_LEADER.has(e.type) && e.arrives !== null) this.heard[e.to].push(e.arrives);
    for (const times of Object.values(this.heard)) times.sort((a, b) => a - b);
    this.now = { count: 0, members: {}, flying: new Map(), lost: [], links: new Map(), requests: {}, ballots: {} };
    this.checkpoints = [copy(this.now)];
    while (this.now.count < this.events.length) {
      this.step();
      if (this.now.count % EVERY === 0) this.checkpoints.push(copy(this.now, this.events[this.now.count - 1].t));
    }
  }

  /** When a message of a leader last reached a member, or -1. */
  lastHeard(name, time) {
    const times = this.heard[name];
    return times[countUntil(times, time, (t) => t) - 1] ?? -1;
  }

  /** The state at a moment; valid until the next call. */
  at(time) {
    const count = countUntil(this.events, time, (e) => e.t);
    if (count < this.now.count || time < (this.time ?? Infinity)) {
      this.now = copy(this.checkpoints[Math.floor(count / EVERY)]);
    }
    while (this.now.count < count) this.step();
    this.time = time;
    const { flying } = this.now;
    for (const [id, message] of flying) if (message.arrives <= time) flying.delete(id);
    this.now.lost = this.now.lost.filter((message) => message.t + this.usual > time);
    return this.now;
  }

  step() {
    const state = this.now;
    const e = this.events[state.count];
    const change = (name, news) => { state.members[name] = { ...state.members[name], ...news }; };
    state.count += 1;
    switch (e.kind) {
      case "member":
        state.members[e.member] = {
          condition: "up", learner: e.learner, role: null, term: 0, voted_for: null, leader: null, commit: 0, timeout: null,
          due: null, voters: [], learners: [], log: [], first: 1, timed: 0, learns: e.learner,
        };
        break;
      case "process": change(e.member, { condition: e.condition }); break;
      case "state": {
        const { t, kind, member, ...news } = e;
        if ("due" in news) news.timed = t;
        // A member that has not yet caught up with its own joining knows of no members at all.
        if (news.voters?.length || news.learners?.length) news.learns = (news.learners ?? state.members[member].learners).includes(member);
        if ("role" in news || "term" in news) state.ballots[member] = [];
        change(member, news);
        break;
      }
      case "log": {
        const { log, first } = state.members[e.member];
        // A snapshot that was not yet on disk is lost in a crash, and the entries before it are back.
        const kept = e.start < first ? [] : log.slice(0, e.start - first);
        change(e.member, { log: [...kept, ...e.entries], first: Math.min(first, e.start) });
        break;
      }
      case "snapshot": {
        const { log, first } = state.members[e.member];
        const folded = e.last_index + 1 - first;
        // A log that does not agree with the snapshot keeps nothing after it.
        const agrees = folded <= 0 || log[folded - 1]?.term === e.last_term;
        change(e.member, { log: agrees ? log.slice(Math.max(folded, 0)) : [], first: e.last_index + 1 });
        break;
      }
      case "message":
        if (e.arrives === null) state.lost.push(e); else state.flying.set(e.id, e);
        if (e.granted && e.arrives !== null) state.ballots[e.to] = [...(state.ballots[e.to] ?? []), e];
        break;
      case "link": {
        const { sender: from, to, cut, delay } = e;
        state.links = new Map(state.links);
        if (cut || delay) state.links.set(linkKey(from, to), { from, to, cut, delay }); else state.links.delete(linkKey(from, to));
        break;
      }
      case "invoke": state.requests = { ...state.requests, [e.op]: e }; break;
      case "return": { const { [e.op]: _, ...rest } = state.requests; state.requests = rest; break; }
      default:
    }
  }
}

/** How many of a list in order of time have happened by then. */
function countUntil(list, time, timeOf) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(list[middle]) <= time) low = middle + 1; else high = middle;
  }
  return low;
}

function copy(state, time = -1) {
  const flying = new Map([...state.flying].filter(([, message]) => message.arrives > time));
  return { ...state, members: { ...state.members }, ballots: { ...state.ballots }, lost: state.lost.slice(-50), flying };
}

// ---------------------------------------------------------------- what a state means

const isUp = (member) => member.condition === "up";
const lastIndex = (member) => member.first + member.log.length - 1;
const entryAt = (member, index) => member.log[index - member.first];
const linkKey = (from, to) => JSON.stringify([from, to]); // a name may hold any character
const linkBetween = (state, a, b) => [state.links.get(linkKey(a, b)) ?? FINE, state.links.get(linkKey(b, a)) ?? FINE];
const belongs = (member) => member.condition !== "removed";

function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Who has granted this candidate a vote, itself included, so far. */
function votesOf(state, name, time) {
  const member = state.members[name];
  const pre = member.role === "pre-candidate";
  const granted = (state.ballots[name] ?? []).filter((e) => e.arrives <= time && (e.type === "pre_vote") === pre);
  return [...new Set([name, ...granted.filter((e) => e.term === member.term + (pre ? 1 : 0)).map((e) => e.sender)])];
}

const quorum = (member) => Math.floor(member.voters.length / 2) + 1;

/** Whether a member and the voters that run and can talk with it make a quorum. */
function reachesQuorum(state, name) {
  const near = state.members[name].voters.filter((other) => other === name || (
    state.members[other] && isUp(state.members[other]) && !linkBetween(state, name, other).some((link) => link.cut)));
  return near.length >= quorum(state.members[name]);
}

/** Members that run and believe they lead, highest term first. */
function leaders(state) {
  const leading = Object.keys(state.members).filter((n) => isUp(state.members[n]) && state.members[n].role === "leader");
  return leading.sort((a, b) => state.members[b].term - state.members[a].term);
}

/** The role of a member in the learner's words. */
function roleWord(member) {
  if (member.condition !== "up") return member.condition;
  if (member.role === "follower" && member.learns) return "learner";
  return member.role ?? "starting";
}

/** An entry's content in a few characters; the same words as `entry_words` in story.py. */
function entryWords({ kind, data, term }) {
  if (kind === "noop") return `the empty first entry of term ${term}`;
  if (kind === "membership") return "a change of members";
  return data[0] === "put" ? `${data[1]} = ${data[2]}` : `${data[1]}: ${data[2] ?? "nothing"} → ${data[3]}`;
}

/** What the picture shows at a moment, in full. */
export function describeMoment(state, time) {
  const there = Object.entries(state.members).filter(([, m]) => belongs(m));
  if (there.length === 0) return "Nothing has started yet.";
  const up = there.filter(([, m]) => isUp(m));
  const said = [];
  const [leader, ...old] = leaders(state);
  const standing = up.filter(([, m]) => m.role === "candidate" || m.role === "pre-candidate");
  if (leader === undefined) {
    said.push("Nobody leads, so writes wait.");
  } else if (reachesQuorum(state, leader)) {
    said.push(`${leader} leads term ${state.members[leader].term} and reaches a majority, so writes go on.`);
  } else {
    said.push(`${leader} still believes it leads term ${state.members[leader].term}, but it reaches no majority, so its writes wait.`);
  }
  for (const name of old) said.push(`${name} still believes it leads term ${state.members[name].term}, which is over.`);
  for (const [name, m] of standing) {
    const votes = votesOf(state, name, time);
    said.push(m.role === "candidate"
      ? `${name} stands for term ${m.term}: ${votes.length} of the ${quorum(m)} votes it needs.`
      : `${name} asks whether it should stand: ${votes.length} of the ${quorum(m)} answers it needs.`);
  }
  const away = ["down", "paused"].map((word) => [word, there.filter(([, m]) => m.condition === word).map(([n]) => n)]);
  for (const [word, names] of away) if (names.length) said.push(`${listed(names)} ${names.length > 1 ? "are" : "is"} ${word}.`);
  const cut = new Set([...state.links.values()].filter((link) => link.cut).map(({ from, to }) => linkKey(...[from, to].sort())));
  if (cut.size) said.push(`${cut.size === 1 ? "One link is" : `${cut.size} links are`} cut.`);
  said.push(logWords(state, there, leader));
  return said.filter(Boolean).join(" ");
}

function logWords(state, there, leader) {
  const commit = Math.max(...there.map(([, m]) => m.commit));
  const committed = commit ? `Committed: ${commit === 1 ? "entry 1" : `entries 1 to ${commit}`}` : "Nothing is committed yet";
  const lead = leader === undefined ? null : state.members[leader];
  if (lead && lastIndex(lead) > lead.commit && lastIndex(lead) > commit) {
    const index = lastIndex(lead);
    const entry = entryAt(lead, index);
    const holders = lead.voters.filter((n) => state.members[n] && entryAt(state.members[n], index)?.term === entry.term);
    return `${committed}. Entry ${index} (${entryWords(entry)}) is on ${holders.length} of ${lead.voters.length}: committed once the leader knows of ${quorum(lead)}.`;
  }
  return `${committed}.`;
}
