// What every widget is made of: HTML and SVG elements with their attributes and children.

const GONE = new Set(["dead", "terminating", "autorestarting", "restarting"]);
const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export const svg = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);
export const html = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);

export function button(text, label, onClick, look = "") {
  const node = html("button", { type: "button", class: `ql-button ${look}`, ...(label ? { "aria-label": label, title: label } : {}) }, text);
  node.addEventListener("click", onClick);
  return node;
}

export function choose(label, options, onChange = () => {}) {
  const node = html("select", { "aria-label": label }, ...options.map(([value, text]) => html("option", { value }, text)));
  node.addEventListener("change", () => onChange(node.value));
  return node;
}

const SHORT = 14; // letters of a cell that stays on one line, such as 6.74 days: longer ones beside it make room

export function fillTable(table, { columns, rows }) {
  const look = (words) => (words.length > SHORT ? {} : { class: "ql-short" });
  const cells = (tag, row, attributes = {}) =>
    html("tr", {}, ...row.map(String).map((words) => html(tag, { ...attributes, ...look(words) }, ...unbroken(words))));
  table.replaceChildren(html("thead", {}, cells("th", columns, { scope: "col" })), html("tbody", {}, ...rows.map((row) => cells("td", row))));
}

/** A name such as etcd-1 or us-east-1b, or another short word with hyphens, or a sum. */
const WHOLE = /((?<![\p{L}\d-])[\p{L}\d]{1,12}(?:-[\p{L}\d]{1,10}){1,2}(?![\p{L}\d-])|\d+(?: [+×] \d+)+)/u;

/** A text for the page, in which no line ends within a name such as etcd-1 or a sum such as 2 + 2 + 1; what is read of it is the text as it was. */
export const unbroken = (text) => text.split(WHOLE).map((part, i) => (i % 2 ? html("span", { class: "ql-whole" }, part) : part)).filter(Boolean);

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const WIDE = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\u{1f000}-\u{3ffff}]/u; // as wide as two letters
const widthOf = (sign) => (WIDE.test(sign) ? 2 : 1);

/** How many letters a text is wide, in whatever script. */
export const lettersOf = (text) => [...graphemes.segment(text)].reduce((sum, { segment }) => sum + widthOf(segment), 0);

/** A text cut to the room for so many letters: its beginning, or its `end`, as names differ there. Signs are kept whole. */
export function shortened(text, most, end = false) {
  if (lettersOf(text) <= most) return text;
  const signs = [...graphemes.segment(text)].map(({ segment }) => segment);
  if (end) signs.reverse();
  const kept = [];
  let room = most - 1;
  for (const sign of signs) {
    room -= widthOf(sign);
    if (room < 0) break;
    kept.push(sign);
  }
  return end ? `…${kept.reverse().join("")}` : `${kept.join("")}…`;
}

const MOST_GHOSTS = 3; // the longest texts, as letters are of different widths

/** A node with room for other texts than its own, so that what stands below or beside does not move when one of them comes. Returns
    what goes into the page, and how to make room for more: it is never taken back. */
export function roomy(node, texts = []) {
  let kept = [];
  const whole = html("div", { class: "ql-roomy" }, node);
  const keep = (...more) => {
    const longest = [...new Set([...kept, ...more])].sort((a, b) => b.length - a.length).slice(0, MOST_GHOSTS);
    if (longest.join("\n") === kept.join("\n")) return;
    kept = longest;
    for (const ghost of [...whole.children].slice(1)) ghost.remove(); // the node itself stays: a live region that is put anew is not read out
    whole.append(...kept.map((text) => html("span", { class: "ql-ghost", "aria-hidden": "true" }, ...unbroken(text))));
  };
  keep(...texts);
  return { whole, keep };
}

/** A button that shows a table and hides it again, with `other` words on it while the table is shown; `onSwitch` is called each time. */
export function tableSwitch(table, other, onSwitch = () => {}) {
  table.hidden = true;
  const node = button("Show as table", "", () => {
    table.hidden = !table.hidden;
    node.setAttribute("aria-pressed", String(!table.hidden));
    node.textContent = table.hidden ? "Show as table" : other;
    onSwitch();
  });
  node.setAttribute("aria-pressed", "false");
  return node;
}

/** What every widget does: it keeps the keys that it uses, and dims once nobody answers. Returns how to stop. */
export function setUp(model, el, ...looks) {
  el.classList.add(...looks);
  const stay = leaveByKey(el);
  // JupyterLab would take Enter, Space and arrows for its own commands; Ctrl+S still saves.
  el.addEventListener("keydown", (event) => { if (isOwn(event, el)) event.stopPropagation(); });
  // A restart is told to the view, which is `this`; that a kernel died, and was started anew, only by the kernel's status.
  model.on("comm_live_update", function heard() { if (this?.model?.comm_live === false) el.classList.add("ql-deaf"); });
  keepStill(model.widget_manager?.context);
  const forget = reachByTab(el);
  const kernel = model.widget_manager?.kernel;
  const changed = (_, status) => { if (GONE.has(status)) el.classList.add("ql-deaf"); };
  kernel?.statusChanged?.connect(changed);
  return () => { stay(); forget(); kernel?.statusChanged?.disconnect(changed); };
}

// ---------------------------------------------------------------- the notebook around it

const VIEW = "application/vnd.jupyter.widget-view+json";
const STILL = 'class="ql-alive"'; // what the still picture of each of our widgets has in it (base.py)
const kept = Symbol.for("quorumlab.kept"); // each widget loads this module anew, and a page is changed once

/** A page that is saved keeps the still picture of each widget alone: opened again, its live view would be "model not found". */
function keepStill(context) {
  const page = context?.model;
  if (!page?.toJSON || page[kept]) return;
  const whole = page.toJSON;
  page[kept] = true;
  page.toJSON = function toJSON(...given) {
    const saved = whole.apply(this, given);
    for (const cell of saved.cells ?? []) for (const { data } of cell.outputs ?? []) if (isOurs(data)) delete data[VIEW];
    return saved;
  };
}

const isOurs = (data) => data?.[VIEW] && [data["text/html"]].flat().join("").includes(STILL);

const ANSWERS_KEYS = "button:not([disabled]), input, select, [tabindex='0']";

/** After Shift+Enter the next cell is selected, below the new widget: Tab goes up into it, once. */
function reachByTab(el) {
  const cellOf = (node) => node?.closest?.(".jp-Cell");
  const heard = (event) => {
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    forget();
    const [mine, theirs] = [cellOf(el), document.querySelector(".jp-Notebook.jp-mod-commandMode .jp-Cell.jp-mod-active")];
    if (event.key !== "Tab" || event.shiftKey || !mine || ![mine, mine.nextElementSibling].includes(theirs) || el.contains(document.activeElement)) return;
    const first = [...el.querySelectorAll(ANSWERS_KEYS)].find((node) => node.getClientRects().length);
    if (!first) return;
    event.preventDefault();
    event.stopPropagation();
    first.focus();
  };
  function forget() { document.removeEventListener("keydown", heard, true); document.removeEventListener("pointerdown", forget, true); }
  document.addEventListener("keydown", heard, true);
  document.addEventListener("pointerdown", forget, true);
  return forget;
}

/** Whether a key is the widget's: one of a control, while somebody answers it. Of a widget that is deaf the cell is to be run again. */
const isOwn = ({ target, ctrlKey, metaKey }, el) => target !== el && !ctrlKey && !metaKey && !el.classList.contains("ql-deaf");

/** Shift+Enter goes on to the next cell and Esc goes back to the widget's own, from wherever in it the learner is. Handed on as it is,
    Shift+Enter would act on a control, or run the widget's cell anew and with that undo what was done here. Returns how to stop. */
function leaveByKey(el) {
  const heard = (event) => {
    const { key, target, shiftKey, altKey } = event;
    if (event.isComposing || !el.contains(target)) return; // of a word that is being put together, keys are the input method's
    target.toggleAttribute("data-lm-suppress-shortcuts", isOwn(event, el)); // Notebook 7 looks for it before the target hears the key
    if (event.ctrlKey || event.metaKey || el.classList.contains("ql-deaf") || !(key === "Escape" || (key === "Enter" && (shiftKey || altKey)))) return;
    const cell = el.closest(".jp-Cell");
    if (!cell && key === "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (cell && !altKey) goTo(cell, key === "Enter");
  };
  // A control that is switched off or hidden while it has focus would drop it where no key is heard.
  const dropped = ({ target, relatedTarget }) => {
    if (relatedTarget || !(target.disabled || !target.getClientRects().length)) return;
    requestAnimationFrame(() => { if (document.activeElement === document.body) el.focus({ preventScroll: true }); });
  };
  el.tabIndex = -1; // a click on words or a picture is in the widget too
  el.addEventListener("focusout", dropped);
  window.addEventListener("keydown", heard, true); // before the document, where Notebook 7 listens
  return () => { el.removeEventListener("focusout", dropped); window.removeEventListener("keydown", heard, true); };
}

/** Select a cell, or the one after it if there is one: JupyterLab makes that the active cell which has focus, in command mode. */
function goTo(cell, next) {
  for (let to = next ? cell.nextElementSibling : null; to; to = to.nextElementSibling) {
    to.focus(); // of cells under a heading that is closed, none takes it
    if (document.activeElement === to) return;
  }
  cell.focus();
}

/** Listen to a model, with [what, handler] pairs; returns how to stop. */
export function listen(model, pairs) {
  for (const [what, handler] of pairs) model.on(what, handler);
  return () => { for (const [what, handler] of pairs) model.off(what, handler); };
}
