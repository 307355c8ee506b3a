// The playback: a trace with the controls to play it, the story beside it, and what a learner can do to the cluster.
// Python holds the cluster: what is done goes there as a message, and what followed comes back, in pieces (futures.js).

import { Captions } from "./captions.js";
import { Deeds } from "./deeds.js";
import { button, choose, fillTable, html, listen, roomy, setUp, tableSwitch, unbroken } from "./dom.js";
import { Futures } from "./futures.js";
import { describeMoment, entryWords, isOld, roleWord } from "./meaning.js";
import { legend, typesSeen } from "./messages.js";
import { momentPicture } from "./moment.js";
import { Pace } from "./pace.js";
import { countUntil } from "./replay.js";
import { StoryList, seconds } from "./storylist.js";

const SPEEDS = [0.01, 0.05, 0.2, 1];
const KEYS = { ArrowLeft: -5000, ArrowDown: -5000, ArrowRight: 5000, ArrowUp: 5000, PageDown: -100_000, PageUp: 100_000 };
const ENTRIES = 6; // of a log that the table names

class Player {
  constructor(model, el, futures) {
    Object.assign(this, { model, el, futures, can: model.get("can"), replay: null, waiting: false, names: "" });
    this.startTime = Math.round(model.get("start") * 1e6);
    this.time = this.can === "act" ? futures.shown.until : Math.round(model.get("time") * 1e6);
    this.furthest = this.time;
    this.reached = []; // how far each future has been shown
    this.pace = new Pace(this);
    this.captions = new Captions(this, model.get("scene"));
    this.story = new StoryList((at) => { this.pause(); this.seek(at); });
    this.stage = html("div", { class: "ql-picture" });
    this.makeTransport();
    this.deeds = new Deeds(this);
    this.makeFutures();
    this.sentence = html("p", { class: "ql-sentence", role: "status" });
    this.words = roomy(this.sentence);
    this.problem = html("p", { class: "ql-problem", role: "alert" });
    this.note = html("p", { class: "ql-note" }, model.get("note"));
    this.note.hidden = !model.get("note");
    this.legend = html("div", { class: "ql-legends" });
    this.table = html("table");
    el.append(this.captions.node,
      html("div", { class: "ql-columns" },
        html("div", { class: "ql-main" }, this.stage, this.transport, this.words.whole, this.note, this.problem),
        html("div", { class: "ql-aside" }, this.story.node)),
      this.deeds.node, this.futureBar, this.legend, html("div", { class: "ql-controls" }, tableSwitch(this.table, "Hide table", () => this.draw())), this.table);
  }

  // ---------------------------------------------------------------- the parts

  makeTransport() {
    this.play = button("▶ Play", "", () => (this.pace.plays ? this.pause() : this.start()), `${this.captions.acts.length ? "" : "ql-primary"} ql-play`);
    const back = button("◀ Step", "to the event before", () => this.step(-1));
    const forward = button("Step ▶", "to the next event", () => this.step(1));
    this.slider = html("input", { type: "range", min: this.startTime, step: 1, "aria-label": "time" });
    this.slider.addEventListener("input", () => { this.pause(); this.seek(Number(this.slider.value)); });
    this.slider.addEventListener("keydown", (event) => {
      if (!KEYS[event.key]) return;
      event.preventDefault();
      this.pause();
      this.seek(this.time + KEYS[event.key]);
    });
    this.clock = html("span", { class: "ql-value" });
    const now = this.model.get("speed");
    const speeds = [...new Set([now, ...SPEEDS])].sort((a, b) => a - b);
    const speed = choose("speed", speeds.map((value) => [value, speedWords(value)]), (value) => this.tell("speed", Number(value)));
    speed.value = String(now);
    this.transport = html("div", { class: "ql-controls ql-transport" },
      html("div", { class: "ql-control" }, back, this.play, forward),
      html("div", { class: "ql-control ql-time" }, this.slider, this.clock),
      html("label", { class: "ql-control" }, "speed", speed));
  }

  makeFutures() {
    this.choice = choose("future shown", [], (value) => { this.pause(); this.show(Number(value)); });
    this.back = button("Back to the original", "", () => this.original());
    this.undo = button("Undo", "back to before the last change", () => { this.pause(); this.goBack("parent", "last"); });
    this.anew = html("span", { class: "ql-anew" });
    this.futureBar = html("div", { class: "ql-control ql-futures" }, this.undo, this.back, html("span", {}, "Showing"), this.choice, this.anew);
  }

  // ---------------------------------------------------------------- time

  draw() {
    const { time, replay } = this;
    const state = replay.at(time);
    this.picture.draw(state, time);
    this.captions.draw(time);
    this.drawLegend();
    this.slider.value = time;
    this.clock.textContent = seconds(time);
    this.slider.setAttribute("aria-valuetext", seconds(time));
    this.tellMoment(describeMoment(state, time));
    this.tellStory();
    this.story.mark(countUntil(this.lines, time, ([at]) => at) - 1);
    this.deeds.draw(state);
    if (!this.table.hidden) fillTable(this.table, tableOf(state));
  }

  tellMoment(words) {
    if (this.sentence.textContent !== words) this.sentence.replaceChildren(...unbroken(words));
    this.words.keep(words);
  }

  /** Something to a learner who has just done something, until time goes on. */
  say(words) {
    this.pause();
    this.tellMoment(words);
  }

  /** The story as far as it has been shown: a list of what is still to come would tell the end. What runs by itself has happened. */
  tellStory() {
    const shown = this.model.get("shown");
    this.reached[shown] = Math.max(this.reached[shown] ?? 0, this.can === "act" ? Infinity : this.time);
    const known = countUntil(this.lines, this.reached[shown], ([at]) => at);
    if (this.lines !== this.story.lines || known !== this.story.known) this.story.set(this.lines, known);
  }

  seek(to) {
    this.time = Math.max(this.startTime, Math.min(this.end, Math.round(to)));
    this.draw();
    if (!this.pace.runs) this.tell("time", this.time / 1e6);
  }

  /** Where what is shown ends: a scene ends with the act that is played. */
  get end() { return this.captions.own ? Math.min(this.replay.until, this.captions.end) : this.replay.until; }

  tell(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  step(direction) {
    this.pause();
    const to = this.replay.stop(this.time, direction) ?? (direction > 0 ? this.end : this.startTime);
    if (direction > 0) this.pace.glide(Math.min(to, this.end)); else this.seek(to);
  }

  start() {
    if (this.time >= this.end) this.time = this.startTime;
    this.play.textContent = "❚❚ Pause";
    this.sentence.setAttribute("aria-live", "off"); // a reader is told where play stops, not every change on the way
    this.pace.play();
    this.captions.draw(this.time);
  }

  pause() {
    const was = this.pace.runs;
    this.pace.stop();
    this.play.textContent = "▶ Play";
    this.sentence.removeAttribute("aria-live");
    this.captions.draw(this.time);
    if (was) this.tell("time", this.time / 1e6);
  }

  // ---------------------------------------------------------------- what a learner does

  /** Play stands still until Python has answered, and goes on from there. */
  act(verb, ...names) {
    if (!verb || this.waiting) return;
    if (this.can === "act") this.pause();
    this.wait(true);
    this.model.send({ verb, names, at: this.time / 1e6 });
  }

  wait(waiting) {
    this.waiting = waiting;
    this.el.classList.toggle("ql-busy", waiting);
  }

  /** Show a future, at a moment of it in seconds. */
  show(number, at = this.time / 1e6) {
    this.model.set("time", at); // first: of the future shown, only what lies before that has been seen
    this.model.set("shown", number);
    this.model.save_changes();
  }

  /** To the future that was changed, at the moment of the change; or to the original, at the moment of the first. */
  goBack(to, when) {
    const fork = this.model.get("forks")[this.model.get("shown")];
    this.show(to === "parent" ? fork.parent : 0, fork[when]);
  }

  original() { this.pause(); this.goBack("original", "first"); }

  // ---------------------------------------------------------------- what comes from Python

  /** Another future, or more of the one shown. */
  load() {
    const { shown } = this.futures;
    if (!shown) return; // it is on its way
    const follows = shown === this.replay && this.can === "act" && !this.pace.plays && this.time >= this.slider.max;
    if (shown !== this.replay && this.can !== "act" && (!this.pace.runs || this.waiting)) this.time = Math.round(this.model.get("time") * 1e6);
    if (shown !== this.replay || shown.names.join("\n") !== this.names) this.open(shown);
    // What came before the start cannot be gone to.
    const skipped = countUntil(shown.story, this.startTime - 1, ([at]) => at);
    const all = skipped ? shown.story.slice(skipped) : shown.story;
    this.lines = this.end < shown.until ? all.filter(([at]) => at <= this.end) : all;
    this.slider.max = this.end;
    this.clock.style.minWidth = `${seconds(this.end).length}ch`;
    this.time = follows ? shown.until : Math.min(this.time, this.end);
    this.draw();
  }

  open(shown) {
    this.replay = shown;
    this.picture = momentPicture(shown, this.model.get("positions"), this.can === "watch" ? null : this.deeds);
    this.deeds.setNames(shown.names);
    const focused = this.stage.querySelector(":focus")?.dataset.member;
    this.stage.replaceChildren(this.picture.node);
    if (focused) this.stage.querySelector(`[data-member="${CSS.escape(focused)}"]`)?.focus();
    this.names = shown.names.join("\n");
    this.seen = "";
    this.drawLegend();
  }

  /** The signs that have been shown so far: those of a crash come with the first crash. */
  drawLegend() {
    this.furthest = Math.max(this.furthest, this.time);
    const types = typesSeen(this.replay, this.furthest);
    const seen = `${types} ${this.replay.timers} ${this.replay.logs}`;
    if (seen === this.seen) return;
    this.seen = seen;
    this.legend.replaceChildren(...legend(this.replay, types));
  }

  drawFutures() {
    const labels = this.model.get("futures");
    this.choice.replaceChildren(...namesOfFutures(labels, this.model.get("forks")).map((name, i) => html("option", { value: i }, name)));
    this.choice.value = String(this.model.get("shown"));
    const shown = this.model.get("shown");
    this.anew.textContent = this.model.get("forks")[shown].anew;
    const first = shown === 0;
    if (first && (this.back.matches(":focus") || this.undo.matches(":focus"))) this.choice.focus(); // a disabled button would lose it
    this.back.disabled = this.undo.disabled = first;
    this.futureBar.hidden = labels.length < 2;
  }

  follow() {
    const to = Math.round(this.model.get("time") * 1e6);
    if (to === this.time || (this.pace.runs && !this.waiting)) return;
    this.time = Math.min(to, this.end);
    this.draw();
  }
}

/** Futures by what was done: one that goes on from another is told as that one and the last thing done, so that a list has room for it. */
function namesOfFutures(labels, forks) {
  const done = (i) => labels[i].slice(labels[i].indexOf(": ") + 2);
  return labels.map((label, i) => {
    const { parent } = forks[i];
    return parent && done(i).startsWith(`${done(parent)}, then `) ? `future ${i}: future ${parent}, then ${done(i).slice(done(parent).length + 7)}` : label;
  });
}

/** How much slower or faster than real time: 1/20, or 2 times. */
function speedWords(speed) {
  const slower = Number((1 / speed).toPrecision(3));
  return speed === 1 ? "real time" : speed < 1 ? `1/${slower}` : `${speed} times`;
}

/** The facts of a moment, one row a member; what is not told is said to be unknown. */
function tableOf(state) {
  const said = (fact, none = "–") => (fact === undefined ? "unknown" : fact ?? none);
  const entry = (log, number) => `${number}: ${entryWords(log.numbered(number))} (term ${log.numbered(number).term})`;
  const entries = ({ log }) => (log
    ? Array.from({ length: Math.min(ENTRIES, log.last - log.first + 1) }, (_, i, n = log.last) => entry(log, n - i)).reverse().join(", ") || "empty"
    : "unknown");
  return {
    columns: ["member", "is", "term", "voted for", "last entries of its log", "committed up to"],
    rows: Object.entries(state.members).map(([name, m]) => [
      name, isOld(state, name) ? "old leader" : roleWord(m), said(m.term), said(m.voted_for), entries(m), said(m.commit)]),
  };
}

export default () => {
  let futures = null;
  return {
    initialize({ model }) { futures = new Futures(model); },
    render({ model, el }) {
      const leave = setUp(model, el, "ql-stage", "ql-playback");
      const player = new Player(model, el, futures);
      const load = () => player.load();
      const showProblem = () => { player.problem.textContent = model.get("problem"); };
      player.load();
      player.drawFutures();
      showProblem();
      // Only where the page shows the list is it known how far to scroll to the current line.
      const seen = new IntersectionObserver(([entry]) => {
        if (!entry.isIntersecting) return;
        player.story.stop = null;
        player.draw();
        seen.disconnect();
      });
      seen.observe(player.story.node);
      futures.readers.add(load);
      const deaf = listen(model, [
        ["change:shown", load], ["change:positions", () => { player.replay = null; load(); }], ["change:futures change:shown", () => player.drawFutures()],
        ["change:problem", showProblem], ["change:time", () => player.follow()], ["change:answered", () => player.wait(false)],
      ]);
      return () => { player.pace.stop(); seen.disconnect(); futures.readers.delete(load); deaf(); leave(); };
    },
  };
};
