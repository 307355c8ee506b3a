// The story beside the stage: a list of lines of which only those near the current one are in the page, however long it is.

import { html, unbroken } from "./dom.js";

const ROOM = 300; // lines in the page at most
const MORE = 100; // that come in when the reader scrolls near an end
const NEAR = 120; // pixels from an end
const HAND_MS = 300; // after a turn of the wheel, in which the hand that turned it may move the mouse a little

export const seconds = (time) => `${(time / 1e6).toFixed(3)} s`;

/** A wheel that scrolls the page goes on over the story; it is the story's once the mouse itself has moved there. */
function takeWheelLate(node) {
  let wheeled = -Infinity;
  node.addEventListener("wheel", ({ timeStamp }) => { wheeled = timeStamp; }, { passive: true });
  node.addEventListener("pointermove", ({ timeStamp, movementX, movementY }) => {
    if ((movementX || movementY) && timeStamp - wheeled > HAND_MS) node.classList.add("ql-entered");
  });
  // A finger is said to leave as soon as the list scrolls under it; with a mouse beside it, the list stays open until the mouse leaves.
  node.addEventListener("pointerdown", () => node.classList.add("ql-entered"));
  node.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType === "mouse") node.classList.remove("ql-entered"); });
}

export class StoryList {
  /** `onChoose(time)` is called for a line that the learner goes to. */
  constructor(onChoose) {
    this.node = html("ol", { class: "ql-story", "aria-label": "what happened" });
    Object.assign(this, { onChoose, lines: [], known: 0, from: 0, current: -2, stop: null });
    this.node.addEventListener("scroll", () => this.extend());
    takeWheelLate(this.node);
    this.node.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const line = this.from + [...this.node.children].indexOf(event.target.closest("li")) + by;
      if (line < 0 || line >= this.known) return;
      this.onChoose(this.lines[line][0], line);
      this.at(line)?.firstChild.focus();
    });
  }

  /** The node of a line, if it is in the page. */
  at(line) { return this.node.children[line - this.from]; }

  get to() { return this.from + this.node.children.length; }

  /** Another story, or more of the same; its first `known` lines are shown. */
  set(lines, known) {
    const grows = lines === this.lines && known >= this.known;
    Object.assign(this, { lines, known });
    if (grows && this.to < known) {
      if (this.node.children.length < ROOM) this.node.append(...this.made(this.to, Math.min(known, this.from + ROOM)));
      else if (this.nearEnd) this.forward();
    }
    if (grows && this.node.children.length) return;
    this.current = -2;
    this.show(0);
  }

  show(from) {
    this.from = Math.max(0, Math.min(from, this.known - ROOM));
    this.node.replaceChildren(...this.made(this.from, Math.min(this.known, this.from + ROOM)));
    this.stop = null;
  }

  made(from, to) {
    return this.lines.slice(from, to).map(([at, words], i) => {
      const line = html("button", { type: "button", tabindex: "-1" }, html("span", { class: "ql-when" }, seconds(at)), html("span", {}, ...unbroken(words)));
      line.addEventListener("click", () => this.onChoose(at, from + i));
      const current = from + i === this.current ? { "aria-current": "true" } : {};
      return html("li", { "aria-posinset": from + i + 1, "aria-setsize": -1, ...current }, line);
    });
  }

  extend() {
    const { node } = this;
    if (node.scrollTop < NEAR && this.from > 0) {
      const [height, from] = [node.scrollHeight, Math.max(0, this.from - MORE)];
      node.prepend(...this.made(from, this.from));
      this.from = from;
      node.scrollTop += node.scrollHeight - height;
      while (node.children.length > ROOM) node.lastChild.remove();
    } else if (this.nearEnd && this.to < this.known) this.forward();
    if (!this.stop?.isConnected) this.stopAt(node.firstChild);
  }

  get nearEnd() { return this.node.scrollTop + this.node.clientHeight > this.node.scrollHeight - NEAR; }

  /** The next lines come in behind, as many go in front, and what the reader sees stays where it is. */
  forward() {
    const { node } = this;
    const height = node.scrollHeight;
    const more = this.made(this.to, Math.min(this.known, this.to + MORE));
    while (node.children.length + more.length > ROOM) { node.firstChild.remove(); this.from += 1; }
    node.scrollTop -= height - node.scrollHeight;
    node.append(...more);
    if (!this.stop?.isConnected) this.stopAt(node.firstChild);
  }

  /** The list is one tab stop: the current line, or the first in the page where that one is not. */
  stopAt(node) {
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = node?.firstChild ?? null;
    if (this.stop) this.stop.tabIndex = 0;
  }

  /** Mark the current line, -1 being before the first, and bring it into view. */
  mark(line) {
    if (line === this.current && this.stop) return;
    this.at(this.current)?.removeAttribute("aria-current");
    this.current = line;
    const shown = Math.max(line, 0);
    if (this.known && shown >= this.to && shown < this.to + MORE) this.forward(); // the story goes on
    if (this.known && !this.at(shown)) this.show(shown - ROOM / 2);
    const node = this.at(shown);
    this.stopAt(node);
    if (!node) return;
    if (line >= 0) node.setAttribute("aria-current", "true");
    const [top, bottom] = [node.offsetTop, node.offsetTop + node.offsetHeight];
    const { scrollTop, clientHeight } = this.node;
    if (top < scrollTop || bottom > scrollTop + clientHeight) {
      this.node.scrollTop = Math.min(top, Math.max(top - clientHeight / 2, bottom - clientHeight)); // the whole line, or as much of it as there is room for
    }
  }
}
