// A picture that Python draws anew, its alt text, the sentence below it, and the same facts as a table.

import { fillTable, html, tableSwitch } from "./dom.js";

/** The parts of a pictured widget; `over` is what lies on the picture and goes with it. `leave` frees what they hold. */
export function pictureOf(model, el, ...over) {
  const image = html("img");
  const sentence = html("p", { class: "ql-sentence", role: "status" });
  const table = html("table");
  const asTable = tableSwitch(table, "Show as picture", () => { for (const node of [image, ...over]) node.hidden = !table.hidden; });
  let address = null;

  function drawPicture() {
    const bytes = model.get("picture");
    if (!bytes || !bytes.byteLength) return;
    const old = address;
    address = URL.createObjectURL(new Blob([bytes], { type: "image/svg+xml" }));
    if (old) image.addEventListener("load", () => URL.revokeObjectURL(old), { once: true });
    image.src = address;
    image.width = model.get("width");
  }
  function drawWords() {
    image.alt = model.get("alt");
    sentence.textContent = model.get("problem") || model.get("sentence");
    el.classList.toggle("ql-refused", Boolean(model.get("problem")));
    fillTable(table, model.get("table"));
  }
  drawPicture();
  drawWords();
  return {
    nodes: [html("div", { class: "ql-figure" }, image, ...over, table), sentence, asTable],
    heard: [["change:picture", drawPicture], ["change:sentence change:table change:alt change:problem", drawWords]],
    leave: () => { if (address) URL.revokeObjectURL(address); },
  };
}
