// A native progress bar with its count in words. The words are announced once, when all is done, not at every step.

function render({ model, el }) {
  const label = document.createElement("label");
  const words = document.createElement("span");
  const bar = document.createElement("progress");
  const end = document.createElement("span");
  end.setAttribute("role", "status");
  label.append(words, bar);
  el.classList.add("ql-progress");
  el.append(label, end);

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
  model.on("change:done", draw);
  return () => model.off("change:done", draw);
}

export default { render };
