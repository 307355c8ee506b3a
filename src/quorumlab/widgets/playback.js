// The playback: a trace with the controls to play it, the story beside it, and the verbs that make another future of it.
// Python holds the cluster: a verb goes there as a message, and the trace of the new future comes back.

const seconds = (time) => `${(time / 1e6).toFixed(3)} s`;
const LINE_MS = 1200; // with reduced motion, playing goes from line to line of the story

function button(text, label, onClick, look = "") {
  const node = html("button", { type: "button", class: `ql-button ${look}`, ...(label ? { "aria-label": label, title: label } : {}) }, text);
  node.addEventListener("click", onClick);
  return node;
}

function choose(label, options, onChange = () => {}) {
  const node = html("select", { "aria-label": label }, ...options.map(([value, text]) => html("option", { value }, text)));
  node.addEventListener("change", () => onChange(node.value));
  return node;
}

function render({ model, el }) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const startTime = Math.round(model.get("start") * 1e6);
  let trace, replay, scene, story;
  let stops = []; // the moments that a step goes to: lines of the story, and changes of a log or of a commit point
  let pairs = []; // every link, as its two ends
  let time = Math.round(model.get("time") * 1e6);
  let playing = null; // the moment of the last frame
  let lineNow = -2;

  // ------------------------------------------------------------ the parts

  const stage = html("div", { class: "ql-picture" });
  const legendPlace = html("div");
  const play = button("▶ Play", "", () => (playing === null ? start() : pause()), "ql-primary ql-play");
  const back = button("◀ Step", "to the event before", () => step(-1));
  const forward = button("Step ▶", "to the next event", () => step(1));
  const slider = html("input", { type: "range", min: startTime, step: 1000, "aria-label": "time" });
  const clock = html("span", { class: "ql-value" });
  slider.addEventListener("input", () => { pause(); seek(Number(slider.value)); });
  slider.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -5000, ArrowDown: -5000, ArrowRight: 5000, ArrowUp: 5000, PageDown: -100_000, PageUp: 100_000 }[event.key];
    if (by) { event.preventDefault(); pause(); seek(time + by); }
  });
  const speeds = [[0.01, "1/100"], [0.05, "1/20"], [0.2, "1/5"], [1, "real time"]];
  if (!speeds.some(([value]) => value === model.get("speed"))) speeds.unshift([model.get("speed"), `× ${model.get("speed")}`]);
  const speed = choose("speed", speeds, (value) => { model.set("speed", Number(value)); model.save_changes(); });
  speed.value = String(model.get("speed"));
  const sentence = html("p", { class: "ql-sentence", role: "status" });
  const problem = html("p", { class: "ql-problem", role: "alert" });
  const lines = html("ol", { class: "ql-story", "aria-label": "what happened" });

  const through = html("select", { "aria-label": "write through" });
  const linkList = html("select", { "aria-label": "link" });
  const cutLink = button("Cut", "", () => act(cutLink.dataset.verb, ...pairs[linkList.value]));
  linkList.addEventListener("change", () => drawCut());
  const futures = choose("future shown", [], (value) => { pause(); model.set("shown", Number(value)); model.save_changes(); });
  const original = button("Back to the original", "", () => { pause(); model.set("shown", 0); model.save_changes(); });
  const futureBar = html("div", { class: "ql-control ql-futures" }, html("span", {}, "Showing"), futures, original);
  const changes = html("div", { class: "ql-controls ql-changes" },
    html("span", { class: "ql-hint" }, "Change the future from this moment on: click a member or a link, or"),
    html("div", { class: "ql-control" }, button("Send a write", "", () => act("write", ...(through.value ? [through.value] : []))), html("span", {}, "through"), through),
    html("div", { class: "ql-control" }, cutLink, html("span", {}, "the link"), linkList), futureBar);
  const transport = html("div", { class: "ql-controls ql-transport" },
    html("div", { class: "ql-control" }, back, play, forward),
    html("div", { class: "ql-control ql-time" }, slider, clock),
    html("label", { class: "ql-control" }, "speed", speed));
  const table = html("table", { hidden: "" });
  const asTable = button("Show as table", "", () => {
    table.hidden = !table.hidden;
    asTable.setAttribute("aria-pressed", String(!table.hidden));
    asTable.textContent = table.hidden ? "Show as table" : "Hide table";
    draw();
  });

  // ------------------------------------------------------------ time

  function draw() {
    const state = replay.at(time);
    scene.draw(state, time);
    slider.value = time;
    clock.textContent = seconds(time);
    slider.setAttribute("aria-valuetext", seconds(time));
    const words = describeMoment(state, time);
    if (sentence.textContent !== words) sentence.textContent = words;
    const line = countUntil(story, time, ([at]) => at) - 1;
    if (line !== lineNow) markLine(line);
    drawCut(state);
    if (!table.hidden) drawTable(state);
  }

  function markLine(line) {
    lines.children[lineNow]?.removeAttribute("aria-current");
    if (lineNow >= 0 && lines.children[lineNow]) lines.children[lineNow].firstChild.tabIndex = -1;
    lineNow = line;
    const node = lines.children[Math.max(line, 0)];
    if (!node) return;
    node.firstChild.tabIndex = 0;
    if (line >= 0) node.setAttribute("aria-current", "true");
    const [top, bottom] = [node.offsetTop, node.offsetTop + node.offsetHeight];
    if (top < lines.scrollTop || bottom > lines.scrollTop + lines.clientHeight) lines.scrollTop = top - lines.clientHeight / 2;
  }

  function seek(to) {
    time = Math.max(startTime, Math.min(replay.until, Math.round(to)));
    draw();
    if (playing === null) tell();
  }

  function tell() {
    model.set("time", time / 1e6);
    model.save_changes();
  }

  /** The next of these moments in order, or the one before. */
  const next = (moments, direction) =>
    direction > 0 ? moments[countUntil(moments, time, (at) => at)] ?? replay.until : moments.findLast((at) => at < time) ?? startTime;

  function step(direction) {
    pause();
    seek(next(stops, direction));
  }

  function start() {
    if (time >= replay.until) time = startTime;
    playing = performance.now();
    play.textContent = "❚❚ Pause";
    sentence.setAttribute("aria-live", "off"); // a reader is told where play stops, not every change on the way
    requestAnimationFrame(frame);
  }

  function pause() {
    if (playing === null) return;
    playing = null;
    play.textContent = "▶ Play";
    sentence.removeAttribute("aria-live");
    tell();
  }

  function frame(now) {
    if (playing === null || !el.isConnected) return;
    if (still.matches) {
      if (now - playing >= LINE_MS) { playing = now; seek(next(story.map(([at]) => at), 1)); }
    } else {
      const passed = Math.max(0, Math.min(now - playing, 100)); // a page that was hidden does not leap
      playing = now;
      seek(time + passed * 1000 * model.get("speed"));
    }
    if (time >= replay.until) pause(); else requestAnimationFrame(frame);
  }

  // ------------------------------------------------------------ another future

  function act(verb, ...names) {
    if (!verb) return;
    pause();
    model.send({ verb, names, at: time / 1e6 });
  }

  function drawCut(state = replay.now) {
    if (!linkList.value) return;
    const cut = linkBetween(state, ...pairs[linkList.value]).some((link) => link.cut);
    cutLink.dataset.verb = cut ? "heal" : "cut";
    if (cutLink.textContent !== (cut ? "Heal" : "Cut")) cutLink.textContent = cut ? "Heal" : "Cut";
  }

  function drawTable(state) {
    const rows = Object.entries(state.members).map(([name, m]) => [
      name, roleWord(m), m.term, m.voted_for ?? "–", m.log.map((e, i) => `${m.first + i} (term ${e.term})`).slice(-SHOWN).join(", ") || "empty", m.commit,
    ]);
    const columns = ["member", "is", "term", "voted for", "last entries of its log", "committed up to"];
    const cells = (tag, row) => html("tr", {}, ...row.map((cell) => html(tag, tag === "th" ? { scope: "col" } : {}, String(cell))));
    table.replaceChildren(html("thead", {}, cells("th", columns)), html("tbody", {}, ...rows.map((row) => cells("td", row))));
  }

  function load() {
    const names = JSON.stringify(replay?.names);
    trace = JSON.parse(model.get("trace"));
    story = model.get("story").filter(([at]) => at >= startTime); // what came before cannot be gone to
    replay = new Replay(trace);
    const changes = trace.events.filter((e) => e.kind === "log" || (e.kind === "state" && "commit" in e && !("role" in e)));
    const moments = [...story.map(([at]) => at), ...changes.map((e) => e.t)];
    stops = [...new Set(moments)].filter((at) => at >= startTime).sort((a, b) => a - b);
    scene = makeScene(replay, act);
    const focused = stage.querySelector(":focus")?.dataset.member;
    stage.replaceChildren(scene.node);
    if (focused) stage.querySelector(`[data-member="${CSS.escape(focused)}"]`)?.focus();
    legendPlace.replaceChildren(legend(replay.types));
    slider.max = replay.until;
    if (names !== JSON.stringify(replay.names)) {
      pairs = replay.names.flatMap((a, i) => replay.names.slice(i + 1).map((b) => [a, b]));
      cutLink.disabled = pairs.length === 0;
      linkList.replaceChildren(...pairs.map(([a, b], value) => html("option", { value }, `${a} – ${b}`)));
      through.replaceChildren(html("option", { value: "" }, "the leader"), ...replay.names.map((n) => html("option", { value: n }, n)));
    }
    lines.replaceChildren(...story.map(([at, words]) => {
      const line = html("button", { type: "button", tabindex: "-1" }, html("span", { class: "ql-when" }, seconds(at)), words);
      line.addEventListener("click", () => { pause(); seek(at); });
      return html("li", {}, line);
    }));
    lineNow = -2;
    time = Math.min(time, replay.until);
    draw();
  }

  function drawFutures() {
    const labels = model.get("futures");
    futures.replaceChildren(...labels.map((label, i) => html("option", { value: i }, label)));
    futures.value = String(model.get("shown"));
    original.disabled = model.get("shown") === 0;
    futureBar.style.display = labels.length > 1 ? "" : "none";
  }

  lines.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const node = by && lines.children[[...lines.children].indexOf(event.target.parentNode) + by];
    if (!by) return;
    event.preventDefault();
    if (node) { node.firstChild.click(); node.firstChild.focus(); }
  });
  // JupyterLab would take Enter, Space and the arrow keys for its own commands before a control sees them.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  el.classList.add("ql-stage", "ql-playback");
  changes.hidden = !model.get("can_change");
  el.append(
    html("div", { class: "ql-columns" }, html("div", { class: "ql-main" }, stage, transport, sentence, problem), html("div", { class: "ql-aside" }, lines)),
    changes, legendPlace, html("div", { class: "ql-controls" }, asTable), table);
  const showProblem = () => { problem.textContent = model.get("problem"); };
  const follow = () => { const to = Math.round(model.get("time") * 1e6); if (playing === null && to !== time) { time = to; draw(); } };
  load(); drawFutures(); showProblem();
  // Only where the page shows the list is it known how far to scroll to the current line.
  const seen = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) { markLine(lineNow); seen.disconnect(); } });
  seen.observe(lines);
  model.on("change:trace", load);
  model.on("change:futures change:shown", drawFutures);
  model.on("change:problem", showProblem);
  model.on("change:time", follow);
  return () => {
    playing = null;
    seen.disconnect();
    for (const [what, handler] of [["change:trace", load], ["change:futures change:shown", drawFutures], ["change:problem", showProblem], ["change:time", follow]]) model.off(what, handler);
  };
}

export default { render };
