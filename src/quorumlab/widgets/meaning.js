// What a moment means, in a learner's words. A fact that is not told is never guessed: it is left out, or said to be unknown.

import { shortened } from "./dom.js";
import { linkBetween } from "./replay.js";

const BOX_LETTERS = 5; // letters in a box of a log

export const isUp = (member) => member.condition === "up";
export const belongs = (member) => member.condition !== "removed";
export const lastIndex = (member) => member.log?.last ?? 0;

export function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Who votes, as this member sees it, or else as the members that joined tell. */
function voters(state, name) {
  return state.members[name].voters ?? Object.keys(state.members).filter((n) => belongs(state.members[n]) && !state.members[n].learner);
}

export const quorum = (state, name) => Math.floor(voters(state, name).length / 2) + 1;

/** Who has granted this candidate a vote, itself included, so far; undefined where votes cannot be seen. */
export function votesOf(state, name, time) {
  const member = state.members[name];
  if (!state.ballots || member.voted_for === undefined || member.voters === undefined) return undefined;
  const pre = member.role === "pre-candidate";
  const granted = (state.ballots[name] ?? []).filter((e) => e.arrives <= time && (e.type === "pre_vote") === pre);
  return [...new Set([name, ...granted.filter((e) => e.term === member.term + (pre ? 1 : 0)).map((e) => e.sender)])];
}

/** Whether a member runs and takes no part yet: it has just started, or has never been let in. */
const isStarting = (member) => isUp(member) && member.role === null;

/** Whether a member and the voters that take part and can talk with it make a quorum. */
function reachesQuorum(state, name) {
  const near = voters(state, name).filter((other) => other === name || (
    state.members[other] && isUp(state.members[other]) && !isStarting(state.members[other]) && !linkBetween(state, name, other).some((link) => link.cut)));
  return near.length >= quorum(state, name);
}

/** Members that run and believe they lead, highest term first. */
function leaders(state) {
  const leading = Object.keys(state.members).filter((n) => isUp(state.members[n]) && state.members[n].role === "leader");
  return leading.sort((a, b) => (state.members[b].term ?? 0) - (state.members[a].term ?? 0));
}

/** Whether a member leads a term that is over, as there is a leader of a newer one. */
export function isOld(state, name) {
  const member = state.members[name];
  return isUp(member) && member.role === "leader" && state.members[leaders(state)[0]].term > member.term;
}

/** The state of a member as a class of the sheet: its role, or why it has none. */
export function look(member) {
  if (!isUp(member)) return member.condition ?? "unstarted";
  if (member.learner && (!member.role || member.role === "follower")) return "learner";
  return member.role === undefined ? "unknown" : member.role ?? "starting";
}

/** The same in the learner's words. */
export function roleWord(member) {
  const word = look(member);
  return { unknown: "role unknown", starting: "no role yet", unstarted: "not started" }[word] ?? word;
}

/** An entry's content in a few characters; the same words as `entry_words` in story.py. */
export function entryWords({ kind, data, term }) {
  if (kind === "noop") return `the empty first entry of term ${term}`;
  if (kind === "membership") return `members: ${[...data.voters, ...data.learners.map((name) => `${name} (learner)`)].join(", ")}`;
  return data[0] === "put" ? `${data[1]} = ${data[2]}` : `${data[1]}: ${data[2] ?? "nothing"} → ${data[3]}`;
}

/** What an entry would write, as a box of a log has room for. */
export function entryShort({ kind, data }) {
  if (kind === "noop") return "–";
  if (kind === "membership") return "±";
  return shortened(String(data[0] === "put" ? data[2] : data[3]), BOX_LETTERS);
}

const ofTerm = (member) => (member.term === undefined ? "" : ` term ${member.term}`);

/** What the picture shows at a moment, in full. */
export function describeMoment(state, time) {
  const there = Object.entries(state.members).filter(([, m]) => belongs(m));
  if (there.length === 0) return "Nothing has started yet.";
  const said = leaderWords(state, there);
  for (const [name, m] of there) if (isUp(m)) said.push(standsWords(state, name, m, time));
  const away = ["down", "paused"].map((word) => [word, there.filter(([, m]) => m.condition === word).map(([n]) => n)]);
  const starting = there.filter(([, m]) => isStarting(m)).map(([n]) => n);
  if (starting.length) said.push(`${listed(starting)} ${starting.length > 1 ? "have" : "has"} no role yet.`);
  for (const [word, names] of away) if (names.length) said.push(`${listed(names)} ${names.length > 1 ? "are" : "is"} ${word}.`);
  const cut = new Set([...state.links.values()].filter((link) => link.cut).map(({ sender, to }) => JSON.stringify([sender, to].sort())));
  if (cut.size) said.push(cutWords(state, [...cut].map((pair) => JSON.parse(pair))));
  said.push(logWords(state, there));
  return said.filter(Boolean).join(" ");
}

function cutWords(state, pairs) {
  const oneWay = pairs.filter(([a, b]) => !linkBetween(state, a, b).every((link) => link.cut)).length;
  if (pairs.length === 1) return `One link is cut${oneWay ? " in one direction" : ""}.`;
  const which = oneWay === pairs.length ? "all" : oneWay;
  return `${pairs.length} links are cut${oneWay ? `, ${which} of them in one direction only` : ""}.`;
}

function leaderWords(state, there) {
  const [leader, ...others] = leaders(state);
  if (leader === undefined) {
    const hidden = there.some(([, m]) => isUp(m) && m.role === undefined && !m.learner);
    return [hidden ? "Nobody is known to lead." : "Nobody leads, so writes wait.", tooFewWords(state, there)];
  }
  const term = ofTerm(state.members[leader]);
  const said = [reachesQuorum(state, leader)
    ? `${leader} leads${term} and reaches a majority, so writes go on.`
    : `${leader} still believes it leads${term}, but it reaches no majority, so its writes wait.`];
  for (const name of others) {
    said.push(isOld(state, name)
      ? `${name} still believes it leads${ofTerm(state.members[name])}, which is over.`
      : `${name} believes that it leads${ofTerm(state.members[name])}, too.`);
  }
  return said;
}

/** Why nobody can be elected, if nobody can: "" if somebody may be. */
function tooFewWords(state, there) {
  const standing = there.filter(([, m]) => isUp(m) && !isStarting(m) && !m.learner).map(([name]) => name);
  // One that has not caught up with its own joining runs, and knows of no voters.
  const asked = standing.find((name) => voters(state, name).length) ?? there[0][0];
  const [all, needed] = [voters(state, asked), quorum(state, asked)];
  if (all.length < 2 || standing.some((name) => reachesQuorum(state, name))) return "";
  const up = all.filter((name) => state.members[name] && isUp(state.members[name])).length;
  const why = up < needed ? `${up || "none"} of ${all.length} voters ${up > 1 ? "are" : "is"} up, and a leader needs ${needed}`
    : `a leader needs ${needed} of ${all.length} voters, and none reaches so many`;
  return `Nobody can be elected: ${why}.`;
}

function standsWords(state, name, member, time) {
  const votes = votesOf(state, name, time)?.length;
  const of = (what) => (votes === undefined ? "" : `: ${votes} of the ${quorum(state, name)} ${what} it needs`);
  if (member.role === "candidate") return `${name} stands for${ofTerm(member) || " election"}${of("votes")}.`;
  return member.role === "pre-candidate" ? `${name} asks whether it should stand${of("answers")}.` : "";
}

function logWords(state, there) {
  const known = there.map(([, m]) => m.commit).filter((commit) => commit !== undefined);
  const commit = Math.max(0, ...known);
  if (!known.length || (!commit && known.length < there.length)) return "";
  const committed = commit ? `Committed: ${commit === 1 ? "entry 1" : `entries 1 to ${commit}`}` : "Nothing is committed yet";
  const [leader] = leaders(state);
  const index = leader === undefined ? 0 : lastIndex(state.members[leader]);
  const entry = state.members[leader]?.log?.numbered(index);
  if (!entry || index <= commit) return `${committed}${knowsWords(there, commit)}.`;
  const asked = voters(state, leader);
  const holders = asked.filter((n) => state.members[n]?.log?.numbered(index)?.term === entry.term);
  return `${committed}${knowsWords(there, commit)}. Entry ${index} (${entryWords(entry)}) is on ${holders.length} of ${asked.length} members, and `
    + `is committed once the leader knows that ${quorum(state, leader)} have it.`;
}

/** Which of the members that run do not know yet how far entries are committed; nothing where that is seen only now and then.
    A paused member learns nothing, so none waits for it; but what it knew it knows. */
function knowsWords(there, commit) {
  const seen = there.filter(([, m]) => m.log && m.commit !== undefined);
  const behind = seen.filter(([, m]) => isUp(m) && m.commit < commit).map(([name]) => name);
  const knows = seen.filter(([, m]) => (isUp(m) || m.condition === "paused") && m.commit >= commit).map(([name]) => name);
  if (!behind.length || !knows.length) return "";
  return knows.length === 1 ? `, and so far only ${knows[0]} knows that`
    : `, and ${listed(behind)} ${behind.length > 1 ? "do" : "does"} not know that yet`;
}
