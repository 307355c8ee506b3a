// One question with its choices, a button, and a place where the answer is explained. Python judges; this page only asks.

import { html, listen, setUp, unbroken } from "./dom.js";

/** An answer as the beginning of what is said of it: many end with a full stop of their own. */
const headed = (text) => (/[.!?…]$/.test(text) ? text : `${text}:`);

function render({ model, el }) {
  const group = `ql-${Math.random().toString(36).slice(2)}`; // each widget loads this module anew: a counter would start again
  const inputs = model.get("choices").map((_, i) => html("input", { type: "radio", name: group, value: i, id: `${group}-${i}` }));
  const rows = model.get("choices").map((text, i) =>
    html("label", { class: "ql-choice", for: `${group}-${i}` }, inputs[i], html("span", {}, ...unbroken(text))));
  const button = html("button", { type: "button", class: "ql-button ql-primary" }, model.get("button"));
  const verdict = html("strong");
  const words = html("span");
  const hint = html("p", { class: "ql-hint" });
  const others = html("ul");
  const fold = html("details", { class: "ql-others" }, html("summary", {}, "What speaks against the other answers"), others);
  const feedback = html("div", { class: "ql-feedback", role: "status", tabindex: -1 }, html("p", {}, verdict, " ", words), hint);
  const picked = () => inputs.findIndex((input) => input.checked);

  button.addEventListener("click", () => {
    model.set("chosen", picked());
    model.set("submissions", model.get("submissions") + 1);
    model.save_changes();
  });
  const ready = () => {
    button.disabled = picked() < 0 || model.get("settled");
    feedback.classList.toggle("ql-stale", picked() !== model.get("chosen")); // what was said is not about the answer picked now
  };
  for (const input of inputs) input.addEventListener("change", ready);

  function draw() {
    const settled = model.get("settled");
    const chosen = model.get("chosen");
    inputs.forEach((input, i) => { if (i === chosen) input.checked = true; input.disabled = settled; });
    rows.forEach((row, i) => row.classList.toggle("ql-chosen", settled && i === chosen));
    const standsHere = button.matches(":focus");
    button.hidden = settled;
    el.dataset.verdict = model.get("verdict");
    verdict.textContent = model.get("verdict") ? `${model.get("verdict")}.` : "";
    words.replaceChildren(...unbroken(model.get("feedback")));
    hint.replaceChildren(...unbroken(model.get("hint") && `Hint: ${model.get("hint")}`));
    fold.hidden = model.get("others").length === 0;
    others.replaceChildren(...model.get("others").map(([text, because]) => html("li", {}, html("strong", {}, headed(text)), " ", ...unbroken(because))));
    ready();
    if (settled && standsHere) feedback.focus(); // the button is gone, and focus would fall back to the top of the page
  }

  const leave = setUp(model, el, "ql-question");
  el.append(
    html("fieldset", {}, html("legend", {}, html("strong", {}, model.get("heading")), " ", ...unbroken(model.get("prompt"))), ...rows),
    button, feedback, fold,
  );
  draw();
  const deaf = listen(model, [["change:settled change:verdict change:feedback change:hint change:others change:chosen", draw]]);
  return () => { deaf(); leave(); };
}

export default { render };
