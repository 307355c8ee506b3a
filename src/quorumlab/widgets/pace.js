// How fast time passes on the stage: play hurries through silence and slows down where something happens; a step shows the
// last flight before it. With reduced motion nothing moves: play goes from line to line of the story.

import { countUntil } from "./replay.js";

const LINE_MS = 1200; // a line of the story, with reduced motion
const STEP_MS = 450; // the flight that a step shows
const SILENCE_MS = 1500; // what a silence takes at most, however long it is
const SILENCE_IN_A_SCENE_MS = 400; // there the caption says what is waited for
const FLIGHTS = 2; // times a message's usual way that something is watched, before and after it happens

export class Pace {
  constructor(player) {
    Object.assign(this, { player, mode: "", last: 0, from: 0, to: 0, quiet: null });
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  get plays() { return this.mode === "play"; }

  get runs() { return this.mode !== ""; }

  play() { this.begin("play"); }

  /** Go to a moment, and show what was on its way there. */
  glide(to) {
    const { player } = this;
    const from = Math.max(player.time, to - FLIGHTS * player.replay.usual);
    if (this.still.matches || from >= to) return player.seek(to);
    Object.assign(this, { from, to });
    return this.begin("glide");
  }

  begin(mode) {
    const idle = !this.runs;
    Object.assign(this, { mode, last: performance.now(), began: performance.now() });
    if (idle) requestAnimationFrame((now) => this.frame(now));
  }

  /** Stop at once; a step goes to its end. */
  stop() {
    const { mode } = this;
    this.mode = "";
    if (mode === "glide") this.player.seek(this.to);
  }

  frame(now) {
    const { player } = this;
    if (!this.runs || !player.el.isConnected) return;
    const passed = Math.max(0, Math.min(now - this.last, 100)); // a page that was hidden does not leap
    if (this.mode === "glide") this.glideOn(now);
    else if (player.waiting) this.last = now;
    else if (this.still.matches) this.nextLine(now);
    else {
      this.last = now;
      player.seek(player.time + passed * 1000 * this.speed());
    }
    if (this.plays && player.time >= player.end) player.pause();
    if (this.runs) requestAnimationFrame((later) => this.frame(later));
  }

  glideOn(now) {
    const part = Math.min(1, Math.max(0, now - this.began) / STEP_MS);
    if (part === 1) this.stop(); else this.player.seek(this.from + (this.to - this.from) * part);
  }

  nextLine(now) {
    if (now - this.last < LINE_MS) return;
    this.last = now;
    const { player } = this;
    const [at] = player.lines[countUntil(player.lines, player.time, ([t]) => t)] ?? [player.end];
    player.seek(at);
  }

  /** Simulated by real time: what the learner chose, or more where nothing happens for long. */
  speed() {
    const { replay, time, model } = this.player;
    const chosen = model.get("speed");
    if (this.player.can === "act") return chosen;
    if (!this.quiet || time < this.quiet.from || time >= this.quiet.to || this.quiet.replay !== replay) {
      const around = FLIGHTS * replay.usual;
      const before = replay.stop(time + 1, -1) ?? 0;
      const next = replay.stop(time, 1) ?? replay.until;
      if (time < before + around || next - around <= time) return chosen;
      this.quiet = { replay, from: time, to: next - around };
    }
    return Math.max(chosen, (this.quiet.to - this.quiet.from) / 1000 / (this.player.captions.acts.length ? SILENCE_IN_A_SCENE_MS : SILENCE_MS));
  }
}
