// A scene: acts with their captions. An act is played once the learner asks for it, and nothing of a later one is shown before.

import { button, html, unbroken } from "./dom.js";

export class Captions {
  constructor(player, acts) {
    Object.assign(this, { player, acts, reached: 0 });
    if (acts.length) this.reached = this.at(player.startTime); // a scene may begin in the middle
    this.number = html("span", { class: "ql-act" });
    this.words = html("p", { class: "ql-caption", role: "status" });
    this.next = button("", "", () => this.go(), "ql-primary ql-next");
    this.node = html("div", { class: "ql-captions" }, html("div", {}, this.number, this.words), this.next);
    this.node.hidden = acts.length === 0;
  }

  /** Where what may be shown ends, in µs. */
  get end() { return this.acts.length ? this.acts[this.reached].ends : Infinity; }

  /** The act of a moment. */
  at(time) {
    const found = this.acts.findIndex((act) => time <= act.ends);
    return found < 0 ? this.acts.length - 1 : found;
  }

  go() {
    const { player, acts } = this;
    if (player.pace.plays) return player.pause();
    if (!this.own) return player.start();
    if (player.time >= this.end && this.reached === acts.length - 1) return this.again();
    if (player.time >= this.end) {
      this.reached += 1;
      player.load();
      player.seek(acts[this.reached - 1].ends + 1);
    }
    return player.start();
  }

  /** The first act once more; it stops where it ends, as at first. */
  again() {
    const { player } = this;
    this.reached = this.at(player.startTime);
    player.load();
    player.seek(player.startTime);
    return player.start();
  }

  /** Whether the scene itself is shown, and not what a learner has made of it. */
  get own() { return this.player.model.get("shown") === 0; }

  draw(time) {
    const { acts, player } = this;
    if (!acts.length) return;
    const act = this.at(time);
    const said = this.own ? [`Act ${act + 1} of ${acts.length}`, acts[act].caption]
      : ["Your own future", "You have changed the scene, and nobody has written what comes now. “Back to the original” takes you back to the scene."];
    const over = time >= this.end;
    const last = this.reached === acts.length - 1;
    const label = player.pace.plays ? "❚❚ Pause" : !this.own ? "▶ Play on"
      : !over ? `▶ Play act ${act + 1}` : last ? "↺ From the beginning" : `Next: act ${this.reached + 2} ▶`;
    for (const [node, text] of [[this.number, said[0]], [this.words, said[1]], [this.next, label]]) {
      if (node.textContent !== text) node.replaceChildren(...unbroken(text));
    }
  }
}
