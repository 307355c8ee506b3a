// What an explorer, an editor and the map show below their controls: one picture that Python redraws, its sentence, its table.

import { fillTable, html, listen, roomy, tableSwitch, unbroken } from "./dom.js";

/** Put picture, sentence and table into `el`; `over` lies on the picture and goes with it; `told` is called with each new
    sentence. Returns the nodes of the sentence, of the words with their room, and of the picture, how to say that Python computes, or no
    longer does, and how to stop. */
export function showView(model, el, { over = [], told = () => {} } = {}) {
  const image = html("img");
  const sentence = html("p", { class: "ql-sentence", role: "status" });
  const words = roomy(sentence, model.get("room"));
  const table = html("table");
  const asTable = tableSwitch(table, "Show as picture", () => { for (const node of [image, ...over]) node.hidden = !table.hidden; });
  const figure = html("div", { class: "ql-figure" }, image, ...over, table);
  let [address, computing] = [null, false];

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
    const said = model.get("problem") || model.get("sentence");
    sentence.replaceChildren(...unbroken(computing ? "computing…" : said));
    words.keep(said);
    el.classList.toggle("ql-refused", Boolean(model.get("problem")));
    fillTable(table, model.get("table"));
    told();
  };
  const compute = (now) => {
    if (now === computing) return;
    computing = now;
    figure.setAttribute("aria-busy", String(now));
    drawWords();
  };
  el.append(figure, words.whole, asTable);
  drawPicture();
  drawWords();
  const deaf = listen(model, [
    ["change:picture", drawPicture], ["change:sentence change:table change:alt change:problem", drawWords],
  ]);
  return { sentence, words: words.whole, image, compute, stop: () => { deaf(); if (address) URL.revokeObjectURL(address); } };
}
