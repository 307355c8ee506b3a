// A native progress bar with its count in words. The words are announced once, when all is done, not at every step.

import { html, listen } from "./dom.js";

function render({ model, el }) {
  const words = html("span");
  const bar = html("progress");
  const end = html("span", { role: "status" });
  el.classList.add("ql-progress");
  el.append(html("label", {}, words, bar), end);

  function draw() {
    const [done, total] = [model.get("done"), model.get("total")];
    const count = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${model.get("label")}`;
    words.textContent = done < total ? count : "";
    bar.max = total;
    bar.value = done;
    bar.setAttribute("aria-valuetext", count);
    bar.setAttribute("aria-label", model.get("label"));
    end.textContent = done < total ? "" : `${total.toLocaleString("en")} ${model.get("label")}: done`;
  }

  draw();
  return listen(model, [["change:done", draw]]);
}

export default { render };
