// The front end of an explorer: labelled native controls above one picture that Python redraws.
// Python owns the facts; this page only asks for them and shows what comes back.

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

function fillTable(table, { columns, rows }) {
  table.replaceChildren(
    html("thead", {}, html("tr", {}, ...columns.map((c) => html("th", { scope: "col" }, c)))),
    html("tbody", {}, ...rows.map((row) => html("tr", {}, ...row.map((cell) => html("td", {}, cell))))),
  );
}

function render({ model, el }) {
  const image = html("img");
  const sentence = html("p", { class: "ql-sentence", role: "status" });
  const table = html("table", { hidden: "" });
  const asTable = html("button", { type: "button", class: "ql-button", "aria-pressed": "false" }, "Show as table");
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
    image.onload = () => { if (old) URL.revokeObjectURL(old); };
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
  asTable.addEventListener("click", () => {
    table.hidden = !table.hidden;
    image.hidden = !table.hidden;
    asTable.setAttribute("aria-pressed", String(!table.hidden));
    asTable.textContent = table.hidden ? "Show as table" : "Show as picture";
  });

  // JupyterLab would take the arrow keys and Enter for its own commands before a control sees them.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  el.classList.add("ql-explorer");
  el.append(
    html("div", { class: "ql-controls" }, ...Object.values(controls).map((c) => c.row)),
    html("div", { class: "ql-figure" }, image, table),
    sentence,
    asTable,
  );
  drawPicture();
  drawWords();
  model.on("change:picture", drawPicture);
  model.on("change:sentence change:table change:alt change:problem", drawWords);
  model.on("change:positions", drawControls);
  return () => {
    model.off("change:picture", drawPicture);
    model.off("change:sentence change:table change:alt change:problem", drawWords);
    model.off("change:positions", drawControls);
    if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
