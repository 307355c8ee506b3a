// The front end of an explorer: labelled native controls above one picture that Python redraws.
// Python owns the facts; this page only asks for them and shows what comes back.

import { html, listen, roomy, setUp } from "./dom.js";
import { showView } from "./figure.js";

function control(spec, value, change) {
  const id = `ql-${Math.random().toString(36).slice(2)}`; // each widget loads this module anew: a counter would start again
  const label = html("label", { for: id }, spec.label);
  if (spec.kind === "slider") {
    const shown = html("span", { class: "ql-value", "aria-hidden": "true" }); // the slider itself speaks its value
    const input = html("input", { id, type: "range", min: 0, max: spec.texts.length - 1, step: 1 });
    const say = (index) => {
      shown.textContent = spec.texts[index];
      input.setAttribute("aria-valuetext", spec.texts[index]);
    };
    input.addEventListener("input", () => { say(input.value); change(Number(input.value)); });
    const set = (index) => { input.value = index; say(index); };
    set(value);
    return { row: html("div", { class: "ql-control" }, label, input, roomy(shown, spec.texts).whole), set };
  }
  if (spec.kind === "choice") {
    const input = html("select", { id }, ...spec.texts.map((text, i) => html("option", { value: i }, text)));
    input.addEventListener("change", () => change(Number(input.value)));
    const set = (index) => { input.value = index; };
    set(value);
    return { row: html("div", { class: "ql-control" }, label, input), set };
  }
  const input = html("input", { id, type: "checkbox" });
  input.addEventListener("change", () => change(input.checked ? 1 : 0));
  const set = (index) => { input.checked = index === 1; };
  set(value);
  return { row: html("div", { class: "ql-control ql-switch" }, input, label), set };
}

const SOON_MS = 300; // what comes sooner needs no sign that it is coming

/** Watch whether picture and words are those of what the controls say, and tell `compute` once they have not been for a while. */
function watchLag(model, compute) {
  let timer = null;
  const late = () => Object.entries(model.get("positions")).some(([name, at]) => model.get("drawn")[name] !== at);
  const look = () => {
    if (late()) { timer ??= setTimeout(() => compute(late()), SOON_MS); return; }
    clearTimeout(timer);
    timer = null;
    compute(false);
  };
  return { look, stop: () => clearTimeout(timer) };
}

function render({ model, el }) {
  const controls = {};
  for (const spec of model.get("controls")) {
    controls[spec.name] = control(spec, model.get("positions")[spec.name], (position) => {
      model.set("positions", { ...model.get("positions"), [spec.name]: position });
      model.save_changes();
    });
  }
  const drawControls = () => {
    for (const [name, position] of Object.entries(model.get("positions"))) controls[name].set(position);
  };
  const leave = setUp(model, el, "ql-explorer", ...(model.get("guessed") ? ["ql-guessed"] : []));
  el.append(html("div", { class: "ql-controls" }, ...Object.values(controls).map((c) => c.row)));
  const { compute, stop } = showView(model, el);
  const lag = watchLag(model, compute);
  const deaf = listen(model, [["change:positions", drawControls], ["change:positions change:drawn", lag.look]]);
  return () => {
    deaf();
    lag.stop();
    leave();
    stop();
  };
}

export default { render };
