// All futures of a playback as the browser holds them: opened with everything so far, and given what is new piece by piece.

import { Replay } from "./replay.js";

const read = (buffer) => JSON.parse(new TextDecoder().decode(buffer));

export class Futures {
  constructor(model) {
    Object.assign(this, { from: Math.round(model.get("start") * 1e6), model, replays: [], readers: new Set(), asked: false });
    this.take(read(model.get("record")));
    model.on("msg:custom", (_, buffers) => { if (buffers?.length) this.take(read(buffers[0])); });
    model.on("change:counts", () => this.check());
    this.check();
  }

  /** The future shown. */
  get shown() { return this.replays[this.model.get("shown")]; }

  take(pieces) {
    for (const piece of pieces) {
      const { future, base, kept } = piece;
      const known = this.replays[base]?.events.length;
      if (base === null) this.replays[future] = new Replay(piece, null, this.from);
      else if (base === future && known === kept) this.replays[future].append(piece);
      else if (base !== future && known >= kept) this.replays[future] = new Replay(piece, this.replays[base], this.from);
      else return this.ask();
    }
    this.asked = false;
    for (const reader of this.readers) reader();
    return undefined;
  }

  /** A page that was just opened may have missed a piece. */
  check() {
    if (this.model.get("counts").some((count, i) => !(this.replays[i]?.events.length >= count))) this.ask();
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    this.model.send({ missed: true });
  }
}
