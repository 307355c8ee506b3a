// A trace, and the state it gives at any moment: the same as `moments.fold` in Python, to which a browser test holds it.
// Times are whole microseconds. What is not told is undefined. Members are never changed in place: a checkpoint is a shallow copy.

import { Entries } from "./entries.js";

const EVERY = 256; // events from one checkpoint to the next
const USUAL = 10_000; // what a message takes, where none is seen
const MOST_LOST = 50; // lost messages that are still shown
const CLIENTS = new Set(["read", "write", "cas"]); // all else is asked by the operator
const DROPPED = "dropped";
const FINE = Object.freeze({ cut: false, delay: 0 });

/** How many of a list in order of time have happened by then. */
export function countUntil(list, time, timeOf) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(list[middle]) <= time) low = middle + 1; else high = middle;
  }
  return low;
}

const linkKey = (sender, to) => JSON.stringify([sender, to]); // a name may hold any character
export const linkBetween = (state, a, b) => [state.links.get(linkKey(a, b)) ?? FINE, state.links.get(linkKey(b, a)) ?? FINE];

/** Plays one future forward event by event, and backward from the checkpoint before. A piece brings what `base` has not. */
export class Replay {
  constructor(piece, base, from = 0) {
    this.from = from; // what came before is not shown
    this.events = base ? base.events.slice(0, piece.kept) : [];
    this.story = base ? base.story.slice(0, piece.lines) : [];
    this.checkpoints = base
      ? base.checkpoints.slice(0, Math.floor(piece.kept / EVERY) + 1)
      : [{ count: 0, members: {}, flying: new Map(), lost: [], links: new Map(), requests: {}, told: {}, ballots: null }];
    Object.assign(this, { names: [], changes: [], seen: new Map(), logs: false, timers: false });
    this.index(this.events);
    this.append(piece);
    const travels = this.events.filter((e) => e.kind === "message" && e.arrives !== null).map((e) => e.arrives - e.t);
    this.usual = travels.sort((a, b) => a - b)[travels.length >> 1] ?? USUAL;
  }

  /** Take what has happened since. */
  append({ until, heartbeats, events, story, lines }) {
    Object.assign(this, { until, heartbeats });
    for (const event of events) this.events.push(event);
    this.story.length = lines;
    for (const line of story) this.story.push(line);
    this.index(events);
    this.now = copy(this.checkpoints.at(-1));
    while (this.now.count < this.events.length) {
      this.step();
      if (this.now.count % EVERY) continue;
      this.now = copy(this.now, this.events[this.now.count - 1].t);
      this.checkpoints.push(copy(this.now));
    }
    this.time = undefined;
  }

  /** Note down who there is, what kinds of facts are told, and when. */
  index(events) {
    for (const e of events) {
      if (e.kind === "member" && !this.names.includes(e.member)) this.names.push(e.member);
      if (e.kind === "message" && e.t >= this.from && !this.seen.has(e.type)) this.seen.set(e.type, e.t);
      if (e.kind === "log") this.logs = true;
      if (e.due !== undefined) this.timers = true;
      if (e.kind === "log" || (e.commit !== undefined && e.role === undefined && e.kind === "state")) this.changes.push(e.t);
    }
  }

  /** The next moment at which a line of the story or a log or a commit point stands, or the one before; undefined if there is none. */
  stop(time, direction) {
    const before = direction < 0;
    const found = [[this.story, ([at]) => at], [this.changes, (at) => at]].map(([list, timeOf]) => {
      const at = list[countUntil(list, before ? time - 1 : time, timeOf) - (before ? 1 : 0)];
      return at === undefined ? undefined : timeOf(at);
    }).filter((at) => at !== undefined);
    return found.length ? Math[before ? "max" : "min"](...found) : undefined;
  }

  /** The state at a moment; valid until the next call. */
  at(time) {
    const count = countUntil(this.events, time, (e) => e.t);
    if (count < this.now.count || time < (this.time ?? Infinity)) this.now = copy(this.checkpoints[Math.floor(count / EVERY)]);
    while (this.now.count < count) this.step();
    this.time = time;
    const { flying } = this.now;
    for (const [id, message] of flying) if (message.arrives <= time) flying.delete(id);
    this.now.lost = this.now.lost.filter((message) => (message.dropped ?? message.t) + this.usual > time);
    return this.now;
  }

  step() {
    const event = this.events[this.now.count];
    this.now.count += 1;
    FOLDS[event.kind]?.(this.now, event);
  }
}

function copy(state, time = -1) {
  const flying = new Map([...state.flying].filter(([, message]) => message.arrives > time));
  return { ...state, members: { ...state.members }, ballots: state.ballots && { ...state.ballots }, lost: state.lost.slice(-MOST_LOST), flying };
}

// ---------------------------------------------------------------- what each kind of event changes

function change(state, name, news) {
  state.members[name] = { ...state.members[name], ...news };
}

function changeState(state, { t, member, ...news }) {
  delete news.kind;
  if (news.due !== undefined) news.timed = t;
  const { voters, learners } = { ...state.members[member], ...news };
  // A member that has not yet caught up with its own joining knows of no members at all.
  if (voters?.length || learners?.length) news.learner = Boolean(learners?.includes(member));
  if (state.ballots && (news.role !== undefined || news.term !== undefined)) state.ballots[member] = [];
  change(state, member, news);
}

function changeLink(state, link) {
  state.links = new Map(state.links);
  if (link.cut || link.delay) state.links.set(linkKey(link.sender, link.to), link);
  else state.links.delete(linkKey(link.sender, link.to));
}

/** Votes are counted from messages: `ballots` is null while none has been seen. */
function sent(state, message) {
  state.ballots ??= {};
  if (message.arrives === null) state.lost.push(message); else state.flying.set(message.id, message);
  if (message.granted && message.arrives !== null) state.ballots[message.to] = [...(state.ballots[message.to] ?? []), message];
}

/** Somebody took a message out of the network: it fades where it was, and no vote in it counts. */
function dropped(state, { t, id, reason }) {
  const message = state.flying.get(id);
  if (reason !== DROPPED || !message) return;
  state.flying.delete(id);
  state.lost = [...state.lost, { ...message, dropped: t }];
  const votes = state.ballots?.[message.to];
  if (votes?.includes(message)) state.ballots[message.to] = votes.filter((vote) => vote !== message);
}

/** What each client asked last, what it was told of that, and whether whom it asked was gone by then, and its connection with it. */
function told(state, asked, answer) {
  const lost = Boolean(answer) && ["down", "removed"].includes(state.members[asked.via]?.condition);
  if (CLIENTS.has(asked.verb)) state.told = { ...state.told, [asked.client]: { asked, answer, lost } };
}

const logOf = (state, name, first = 1) => state.members[name].log ?? new Entries([], 0, 0, first);
const FOLDS = {
  member: (state, e) => { state.members[e.member] = { condition: null, learner: e.learner, disk_delay: 0, timed: 0, started: 0 }; },
  process: (state, { t, member, condition }) => {
    if (condition === "down" || condition === "removed") return change(state, member, { condition, role: null, leader: null });
    const starts = condition === "up" && state.members[member].condition !== "paused";
    return change(state, member, starts ? { condition, started: t } : { condition });
  },
  state: changeState,
  log: (state, e) => change(state, e.member, { log: logOf(state, e.member, e.start).put(e.start, e.entries) }),
  snapshot: (state, e) => change(state, e.member, { log: logOf(state, e.member).fold(e.last_index, e.last_term) }),
  disk: (state, e) => change(state, e.member, { disk_delay: e.delay }),
  message: sent,
  lost: dropped,
  link: changeLink,
  invoke: (state, e) => { state.requests = { ...state.requests, [e.op]: e }; told(state, e, null); },
  return: (state, e) => {
    const { [e.op]: asked, ...rest } = state.requests;
    state.requests = rest;
    if (asked && state.told[asked.client]?.asked === asked) told(state, asked, e);
  },
};
