// [data-span]: the kept part of a clip, between two handles on a track; the two fields stay the truth.
(() => {
  "use strict";
  const form = document.querySelector("[data-cut]"), span = form?.querySelector("[data-span]");
  if (!span) return;
  const video = document.querySelector(".stage video"), total = Number(form.dataset.seconds) || 1, frame = 1 / Number(form.dataset.fps);
  const fields = { from: span.querySelector("#from"), to: span.querySelector("#to") };
  const read = (name) => Math.min(total, Math.max(0, Number(fields[name].value.replace(",", ".")) || 0));
  const track = Object.assign(document.createElement("div"), { className: "track" });
  const kept = Object.assign(document.createElement("div"), { className: "kept" });
  track.append(kept);
  const handles = {};
  const draw = () => {
    const [from, to] = [read("from"), read("to")];
    kept.style.left = `${(from / total) * 100}%`;
    kept.style.width = `${(Math.max(0, to - from) / total) * 100}%`;
    for (const [name, at] of [["from", from], ["to", to]]) {
      handles[name].style.left = `${(at / total) * 100}%`;
      handles[name].setAttribute("aria-valuenow", at.toFixed(2));
      handles[name].setAttribute("aria-valuetext", `${at.toFixed(2)} seconds`);
    }
  };
  const set = (name, at) => {
    const bound = name === "from" ? Math.min(at, read("to") - frame) : Math.max(at, read("from") + frame);
    const value = Math.min(total, Math.max(0, bound));
    fields[name].value = String(Math.round(value * 1000) / 1000);
    if (video) video.currentTime = Math.min(value, total - frame / 2);
    draw();
  };
  for (const [name, label] of [["from", "Beginning"], ["to", "End"]]) {
    const handle = Object.assign(document.createElement("button"), { type: "button", className: `edge ${name}` });
    for (const [key, value] of Object.entries({ role: "slider", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": String(total) })) handle.setAttribute(key, value);
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      handle.onpointermove = ({ clientX }) => {
        const box = track.getBoundingClientRect();
        set(name, ((clientX - box.left) / box.width) * total);
      };
    });
    for (const type of ["pointerup", "pointercancel"]) handle.addEventListener(type, () => (handle.onpointermove = null));
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      set(name, read(name) + by * (event.shiftKey ? 1 : frame));
    });
    handles[name] = handle;
    track.append(handle);
  }
  span.prepend(track);
  span.addEventListener("input", draw);
  // I and O take the moment that is shown.
  document.addEventListener("keydown", (event) => {
    const name = { i: "from", o: "to" }[event.key.toLowerCase()];
    if (!name || !video || event.target.matches("input:not([type=range]), textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    set(name, video.currentTime);
  });
  draw();
})();
