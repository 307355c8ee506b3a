// The playback: a trace with the controls to play it, the story beside it, and what a learner can do to the cluster.
// Python holds the cluster: what is done goes there as a message, and what followed comes back, in pieces (futures.js).

import { button, choose, fillTable, html, listen, setUp, tableSwitch } from "./dom.js";
import { Futures } from "./futures.js";
import { describeMoment, entryWords, isOld, roleWord } from "./meaning.js";
import { legend } from "./messages.js";
import { momentPicture } from "./moment.js";
import { Pace } from "./pace.js";
import { countUntil, linkBetween } from "./replay.js";
import { pairsOf } from "./scene.js";
import { StoryList, seconds } from "./storylist.js";

const SPEEDS = [[0.01, "1/100"], [0.05, "1/20"], [0.2, "1/5"], [1, "real time"]];
const KEYS = { ArrowLeft: -5000, ArrowDown: -5000, ArrowRight: 5000, ArrowUp: 5000, PageDown: -100_000, PageUp: 100_000 };
const HINTS = {
  fork: "Change the future from this moment on: click a member or a link, or",
  act: "Do something to the cluster now: click a member or a link, or",
};
const ENTRIES = 6; // of a log that the table names

class Player {
  constructor(model, el, futures) {
    Object.assign(this, { model, el, futures, can: model.get("can"), replay: null, waiting: false, names: "" });
    this.startTime = Math.round(model.get("start") * 1e6);
    this.time = this.can === "act" ? futures.shown.until : Math.round(model.get("time") * 1e6);
    this.pace = new Pace(this);
    this.story = new StoryList((at) => { this.pause(); this.seek(at); });
    this.makeTransport();
    this.makeChanges();
    this.sentence = html("p", { class: "ql-sentence", role: "status" });
    this.problem = html("p", { class: "ql-problem", role: "alert" });
    this.note = html("p", { class: "ql-hint" }, model.get("note"));
    this.note.hidden = !model.get("note");
    this.stage = html("div", { class: "ql-picture" });
    this.legend = html("div");
    this.table = html("table");
    el.append(
      html("div", { class: "ql-columns" },
        html("div", { class: "ql-main" }, this.stage, this.transport, this.sentence, this.note, this.problem),
        html("div", { class: "ql-aside" }, this.story.node)),
      this.changes, this.legend, html("div", { class: "ql-controls" }, tableSwitch(this.table, "Hide table", () => this.draw())), this.table);
  }

  // ---------------------------------------------------------------- the parts

  makeTransport() {
    this.play = button("▶ Play", "", () => (this.pace.plays ? this.pause() : this.start()), "ql-primary ql-play");
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
    const speeds = SPEEDS.some(([value]) => value === now) ? SPEEDS : [[now, `× ${now}`], ...SPEEDS];
    const speed = choose("speed", speeds, (value) => this.tell("speed", Number(value)));
    speed.value = String(now);
    this.transport = html("div", { class: "ql-controls ql-transport" },
      html("div", { class: "ql-control" }, back, this.play, forward),
      html("div", { class: "ql-control ql-time" }, this.slider, this.clock),
      html("label", { class: "ql-control" }, "speed", speed));
  }

  makeChanges() {
    const show = (number) => this.tell("shown", Number(number));
    this.through = html("select", { "aria-label": "write through" });
    this.links = html("select", { "aria-label": "link" });
    this.links.addEventListener("change", () => this.drawCut());
    this.cut = button("Cut", "", () => this.act(this.cut.dataset.verb, ...this.pairs[this.links.value]));
    this.choice = choose("future shown", [], (value) => { this.pause(); show(value); });
    this.original = button("Back to the original", "", () => { this.pause(); show(0); });
    this.futureBar = html("div", { class: "ql-control ql-futures" }, html("span", {}, "Showing"), this.choice, this.original);
    const write = button("Send a write", "", () => this.act("write", ...(this.through.value ? [this.through.value] : [])));
    this.changes = html("div", { class: "ql-controls ql-changes" },
      html("span", { class: "ql-hint" }, HINTS[this.can] ?? ""),
      html("div", { class: "ql-control" }, write, html("span", {}, "through"), this.through),
      html("div", { class: "ql-control" }, this.cut, html("span", {}, "the link"), this.links), this.futureBar);
    this.changes.hidden = this.can === "watch";
  }

  // ---------------------------------------------------------------- time

  draw() {
    const { time, replay } = this;
    const state = replay.at(time);
    this.picture.draw(state, time);
    this.slider.value = time;
    this.clock.textContent = seconds(time);
    this.slider.setAttribute("aria-valuetext", seconds(time));
    const words = describeMoment(state, time);
    if (this.sentence.textContent !== words) this.sentence.textContent = words;
    this.story.mark(countUntil(this.lines, time, ([at]) => at) - 1);
    this.drawCut(state);
    if (!this.table.hidden) fillTable(this.table, tableOf(state));
  }

  seek(to) {
    this.time = Math.max(this.startTime, Math.min(this.replay.until, Math.round(to)));
    this.draw();
    if (!this.pace.runs) this.tell("time", this.time / 1e6);
  }

  tell(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  step(direction) {
    this.pause();
    const to = this.replay.stop(this.time, direction) ?? (direction > 0 ? this.replay.until : this.startTime);
    if (direction > 0) this.pace.glide(to); else this.seek(to);
  }

  start() {
    if (this.time >= this.replay.until) this.time = this.startTime;
    this.play.textContent = "❚❚ Pause";
    this.sentence.setAttribute("aria-live", "off"); // a reader is told where play stops, not every change on the way
    this.pace.play();
  }

  pause() {
    const was = this.pace.runs;
    this.pace.stop();
    this.play.textContent = "▶ Play";
    this.sentence.removeAttribute("aria-live");
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

  drawCut(state = this.replay.now) {
    if (!this.links.value) return;
    const cut = linkBetween(state, ...this.pairs[this.links.value]).some((link) => link.cut);
    this.cut.dataset.verb = cut ? "heal" : "cut";
    if (this.cut.textContent !== (cut ? "Heal" : "Cut")) this.cut.textContent = cut ? "Heal" : "Cut";
  }

  // ---------------------------------------------------------------- what comes from Python

  /** Another future, or more of the one shown. */
  load() {
    const { shown } = this.futures;
    if (!shown) return; // it is on its way
    const follows = shown === this.replay && this.can === "act" && !this.pace.plays && this.time >= this.slider.max;
    if (shown !== this.replay || shown.names.join("\n") !== this.names) this.open(shown);
    // What came before the start cannot be gone to.
    const skipped = countUntil(shown.story, this.startTime - 1, ([at]) => at);
    this.lines = skipped ? shown.story.slice(skipped) : shown.story;
    this.story.set(this.lines);
    this.slider.max = shown.until;
    this.time = follows ? shown.until : Math.min(this.time, shown.until);
    this.draw();
  }

  open(shown) {
    this.replay = shown;
    const act = this.can === "watch" ? null : (...deed) => this.act(...deed);
    this.picture = momentPicture(shown, this.model.get("positions"), act);
    const focused = this.stage.querySelector(":focus")?.dataset.member;
    this.stage.replaceChildren(this.picture.node);
    if (focused) this.stage.querySelector(`[data-member="${CSS.escape(focused)}"]`)?.focus();
    this.legend.replaceChildren(legend(shown, this.startTime));
    if (this.names === shown.names.join("\n")) return;
    this.names = shown.names.join("\n");
    this.pairs = pairsOf(shown.names);
    this.cut.disabled = this.pairs.length === 0;
    this.links.replaceChildren(...this.pairs.map(([a, b], value) => html("option", { value }, `${a} – ${b}`)));
    this.through.replaceChildren(html("option", { value: "" }, "the leader"), ...shown.names.map((n) => html("option", { value: n }, n)));
  }

  drawFutures() {
    const labels = this.model.get("futures");
    this.choice.replaceChildren(...labels.map((label, i) => html("option", { value: i }, label)));
    this.choice.value = String(this.model.get("shown"));
    const first = this.model.get("shown") === 0;
    if (first && this.original.matches(":focus")) this.choice.focus(); // a disabled button would lose it
    this.original.disabled = first;
    this.futureBar.style.display = labels.length > 1 ? "" : "none";
  }

  follow() {
    const to = Math.round(this.model.get("time") * 1e6);
    if (to === this.time || (this.pace.runs && !this.waiting)) return;
    this.time = Math.min(to, this.replay.until);
    this.draw();
  }
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
