// The front end of an explorer: labelled native controls above one picture that Python redraws.
// Python owns the facts; this page only asks for them and shows what comes back.

import { fillTable, html, listen, setUp, tableSwitch } from "./dom.js";

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
    return { row: html("div", { class: "ql-control" }, label, input, shown), set };
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

function render({ model, el }) {
  const image = html("img");
  const sentence = html("p", { class: "ql-sentence", role: "status" });
  const table = html("table");
  const asTable = tableSwitch(table, "Show as picture", () => { image.hidden = !table.hidden; });
  let address = null;

  const controls = {};
  for (const spec of model.get("controls")) {
    controls[spec.name] = control(spec, model.get("positions")[spec.name], (position) => {
      model.set("positions", { ...model.get("positions"), [spec.name]: position });
      model.save_changes();
    });
  }

  function drawPicture() {
    const bytes = model.get("picture");
    if (!bytes || !bytes.byteLength) return;
    const old = address;
    address = URL.createObjectURL(new Blob([bytes], { type: "image/svg+xml" }));
    if (old) image.addEventListener("load", () => URL.revokeObjectURL(old), { once: true });
    image.src = address;
    image.width = model.get("width");
  }
  const drawWords = () => {
    image.alt = model.get("alt");
    sentence.textContent = model.get("problem") || model.get("sentence");
    el.classList.toggle("ql-refused", Boolean(model.get("problem")));
    fillTable(table, model.get("table"));
  };
  const drawControls = () => {
    for (const [name, position] of Object.entries(model.get("positions"))) controls[name].set(position);
  };
  const leave = setUp(model, el, "ql-explorer");
  el.append(
    html("div", { class: "ql-controls" }, ...Object.values(controls).map((c) => c.row)),
    html("div", { class: "ql-figure" }, image, table),
    sentence,
    asTable,
  );
  drawPicture();
  drawWords();
  const deaf = listen(model, [
    ["change:picture", drawPicture], ["change:sentence change:table change:alt change:problem", drawWords], ["change:positions", drawControls],
  ]);
  return () => {
    deaf();
    leave();
    if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
