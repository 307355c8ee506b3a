// The front end of an editor: a text to change, and below it what Python makes of it: its words first, as one of them may be a problem. The text is sent once the writer pauses.

import { button, html, listen, setUp } from "./dom.js";
import { showView } from "./figure.js";

const PAUSE_MS = 250;
const MOST_ROWS = 24;

const INDENT = 2;

/** What Enter puts in after these words of a line: its line end, and the indentation of what belongs to them. */
function newLine(before) {
  const [, spaces, dash] = /^( *)(- +)?/u.exec(before);
  const deeper = dash?.length ?? (before.endsWith(":") ? INDENT : 0);
  return `\n${spaces}${" ".repeat(deeper)}`;
}

/** Put words in place of what is selected; the browser can undo it. */
function type(field, words) {
  if (!document.execCommand("insertText", false, words)) field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
}

/** Enter keeps the indentation, and Backspace takes a step of it back. */
function indent(event, field) {
  const { key, shiftKey, altKey, ctrlKey, metaKey, isComposing } = event;
  if (shiftKey || altKey || ctrlKey || metaKey || isComposing) return;
  const before = field.value.slice(0, field.selectionStart).split("\n").at(-1);
  if (key === "Enter") {
    event.preventDefault();
    type(field, newLine(before));
  } else if (key === "Backspace" && field.selectionStart === field.selectionEnd && /^ +$/u.test(before) && before.length % INDENT === 0) {
    field.selectionStart -= INDENT; // the browser takes what is selected
  }
}

function render({ model, el }) {
  const id = `ql-${Math.random().toString(36).slice(2)}`; // each widget loads this module anew: a counter would start again
  const label = html("label", { for: id }, model.get("label"));
  const numbers = html("div", { class: "ql-lines", "aria-hidden": "true" }); // a problem names its line in words
  const field = html("textarea", {
    id, class: "ql-text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", wrap: "off", "aria-describedby": `${id}-said`,
  });
  const again = button("Start again", "", () => { field.value = model.get("start"); send(); field.focus(); });
  let waiting = 0;

  const lines = () => field.value.split("\n").length;
  function number() {
    const wrong = model.get("line");
    field.rows = Math.min(MOST_ROWS, lines());
    numbers.replaceChildren(...Array.from({ length: lines() }, (_, i) =>
      html("span", i + 1 === wrong ? { class: "ql-wrong" } : {}, `${i + 1 === wrong ? "▸ " : ""}${i + 1}\n`)));
    numbers.style.height = `${field.clientHeight}px`;
    numbers.scrollTop = field.scrollTop;
  }
  function send() {
    clearTimeout(waiting);
    model.set("text", field.value);
    model.save_changes();
  }
  field.addEventListener("input", () => {
    number();
    clearTimeout(waiting);
    waiting = setTimeout(send, PAUSE_MS);
  });
  field.addEventListener("change", send); // the writer has left the field
  field.addEventListener("scroll", () => { numbers.scrollTop = field.scrollTop; });
  // All keys are the field's, so that JupyterLab neither selects cells nor undoes one; Ctrl+S still saves the page.
  field.addEventListener("keydown", (event) => { if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) event.stopPropagation(); });
  field.addEventListener("keydown", (event) => indent(event, field));

  const leave = setUp(model, el, "ql-explorer", "ql-editor");
  el.append(label, html("div", { class: "ql-paper" }, numbers, field), again);
  const { sentence, words, stop } = showView(model, el, {
    told: () => {
      field.setAttribute("aria-invalid", String(Boolean(model.get("problem"))));
      number();
    },
  });
  el.querySelector(".ql-paper").after(words); // below the picture, a problem would be off the screen
  sentence.id = `${id}-said`;
  const drawText = () => { if (field.value !== model.get("text")) { field.value = model.get("text"); number(); } };
  drawText();
  const deaf = listen(model, [["change:text", drawText], ["change:line", number]]);
  requestAnimationFrame(number); // only on the page has the field a height
  return () => {
    clearTimeout(waiting);
    deaf();
    leave();
    stop();
  };
}

export default { render };
