// What a learner can do to the cluster: by a click on a member, a link or a message, or from here, by keyboard as well. What the
// page has at hand is shown; the rest comes with "More…".

import { button, choose, html } from "./dom.js";
import { isUp } from "./meaning.js";
import { messageName } from "./messages.js";
import { linkBetween } from "./replay.js";
import { pairsOf } from "./scene.js";

/** What a click on a member can mean: in the list, in the hint, and in the words of a key. */
const TOUCHES = {
  crash: { list: "crashes it", hint: "to crash it", undo: { down: ["restart", "revives it"], paused: ["resume", "lets it go on"] } },
  pause: { list: "pauses it", hint: "to pause it", undo: { paused: ["resume", "lets it go on"], down: ["restart", "revives it"] } },
  cut_off: { list: "cuts all its links", hint: "to cut it off", undo: {} },
  time_out: { list: "lets its timer run out", hint: "to let its timer run out", undo: { down: ["restart", "revives it"], paused: ["resume", "lets it go on"] } },
};
const REQUESTS = [["write", "write", "a write"], ["read", "read", "a read"], ["read", "read_stale", "a serializable read"]];
const HINTS = { fork: "Change the future from this moment on:", act: "Do something to the cluster now:" };

export class Deeds {
  constructor(player) {
    const { model, can } = player;
    Object.assign(this, { player, can, open: false, names: [], pairs: [], flying: null });
    this.hint = html("span", { class: "ql-hint" });
    this.touch = choose("a click on a member", [], () => this.show());
    this.touches = html("label", { class: "ql-control" }, "A click on a member", this.touch);
    this.links = choose("link", [], () => this.draw());
    this.cut = button("Cut", "", () => this.act(this.cut.dataset.verb, ...this.pairs[this.links.value]));
    this.linkBar = html("div", { class: "ql-control" }, this.cut, html("span", {}, "the link"), this.links);
    this.healAll = button("Heal all links", "", () => this.act("heal"));
    this.messages = choose("message on its way", []);
    this.lose = button("Lose", "", () => this.act("drop", this.messages.value));
    this.messageBar = html("div", { class: "ql-control" }, this.lose, this.messages);
    this.request = choose("request", []);
    this.through = choose("ask", []);
    const send = button("Send", "", () => this.act(this.request.value, ...(this.through.value ? [this.through.value] : [])));
    this.requestBar = html("div", { class: "ql-control" }, send, this.request, html("span", {}, "to"), this.through);
    this.moreButton = button("More…", "", () => { this.open = !this.open; this.show(); });
    this.node = html("div", { class: "ql-controls ql-changes" }, this.hint, this.touches, this.requestBar, this.messageBar, this.linkBar, this.healAll,
      ...(model.get("more").length ? [this.moreButton] : []));
    this.node.hidden = can === "watch";
    this.show();
  }

  /** Whether something is at hand now. */
  has(act) {
    const { model } = this.player;
    return this.can !== "watch" && (model.get("at_hand").includes(act) || (this.open && model.get("more").includes(act)));
  }

  act(verb, ...names) { this.player.act(verb, ...names); }

  /** Show what is at hand. */
  show() {
    const touches = Object.keys(TOUCHES).filter((act) => this.has(act));
    const chosen = touches.includes(this.touch.value) ? this.touch.value : touches[0] ?? "";
    if (this.touch.options.length !== touches.length) {
      this.touch.replaceChildren(...touches.map((act) => html("option", { value: act }, TOUCHES[act].list)));
    }
    this.touch.value = chosen;
    this.touches.hidden = touches.length < 2;
    const requests = REQUESTS.filter(([act]) => this.has(act));
    if (this.request.options.length !== requests.length) {
      this.request.replaceChildren(...requests.map(([, value, words]) => html("option", { value }, words)));
    }
    this.requestBar.hidden = requests.length === 0;
    this.messageBar.hidden = !this.has("drop");
    this.linkBar.hidden = !this.open || !this.has("cut");
    const hands = [chosen && `a member ${TOUCHES[chosen].hint}`, this.has("cut") && this.pairs.length && "a link to cut it", this.has("drop") && "a message to lose it"].filter(Boolean);
    this.hint.textContent = hands.length ? `${HINTS[this.can]} click ${hands.join(", ").replace(/, ([^,]*)$/, ", or $1")}.` : "";
    this.hint.hidden = !hands.length;
    this.node.classList.toggle("ql-empty", !hands.length);
    this.moreButton.textContent = this.open ? "Fewer" : hands.length ? "More…" : "Change something…";
    this.moreButton.setAttribute("aria-expanded", String(this.open));
    this.player.stage?.classList.toggle("ql-can-drop", this.has("drop"));
    this.player.stage?.classList.toggle("ql-can-cut", this.has("cut"));
    if (this.player.lines) this.player.draw();
  }

  /** Other members. */
  setNames(names) {
    if (names.join("\n") === this.names.join("\n")) return;
    this.names = names;
    this.pairs = pairsOf(names);
    this.cut.disabled = this.pairs.length === 0;
    this.show();
    this.links.replaceChildren(...this.pairs.map(([a, b], value) => html("option", { value }, `${a} – ${b}`)));
    this.through.replaceChildren(html("option", { value: "" }, "the leader"), ...names.map((n) => html("option", { value: n }, n)));
  }

  /** What a click on a member would do now, as [verb, words], or null. */
  verb(state, name) {
    const member = state.members[name];
    const touch = this.touch.value;
    if (!touch || !member) return null;
    if (touch === "cut_off") {
      const others = Object.keys(state.members).filter((other) => other !== name);
      const off = others.every((other) => linkBetween(state, name, other).every((link) => link.cut));
      return off ? ["join", "joins it again"] : ["cut_off", "cuts all its links"];
    }
    return isUp(member) ? [touch, TOUCHES[touch].list] : TOUCHES[touch].undo[member.condition] ?? null;
  }

  onMember(name) {
    const found = this.verb(this.player.replay.now, name);
    if (found) this.act(found[0], name);
    else if (!this.touch.value) this.tellHow(name);
  }

  /** Where a click on a member does nothing yet: how it comes to do something. */
  tellHow(name) {
    const member = this.player.replay.now.members[name];
    const act = Object.keys(TOUCHES).find((touch) => this.player.model.get("more").includes(touch));
    const does = act && member && (isUp(member) ? TOUCHES[act].list : TOUCHES[act].undo[member.condition]?.[1]);
    if (does) this.player.say(`Press “${this.moreButton.textContent}” below; then a click on ${name} ${does}.`);
  }

  onLink(a, b, cut) { if (this.has("cut")) this.act(cut ? "heal" : "cut", a, b); }

  onMessage(id) { if (this.has("drop")) this.act("drop", String(id)); }

  /** What depends on the moment shown. */
  draw(state = this.player.replay.now) {
    if (this.links.value) {
      const cut = linkBetween(state, ...this.pairs[this.links.value]).some((link) => link.cut);
      this.cut.dataset.verb = cut ? "heal" : "cut";
      if (this.cut.textContent !== (cut ? "Heal" : "Cut")) this.cut.textContent = cut ? "Heal" : "Cut";
    }
    const cuts = [...state.links.values()].some((link) => link.cut);
    this.healAll.hidden = !(cuts && (this.has("cut") || this.has("cut_off")));
    if (this.messageBar.hidden || this.player.pace.runs) return;
    const flying = [...state.flying.values()];
    const now = flying.map(({ id }) => id).join(" ");
    if (now === this.flying) return;
    this.flying = now;
    this.messages.replaceChildren(...flying.map((m) => html("option", { value: m.id }, `${messageName(m)}, ${m.sender} → ${m.to}`)));
    this.lose.disabled = this.messages.disabled = flying.length === 0;
    if (!flying.length) this.messages.append(html("option", { value: "" }, "no message is on its way"));
  }
}
