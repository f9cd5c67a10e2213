// [data-board]: shots are moved, split and timed by hand; what is written is kept by itself.
(() => {
  "use strict";
  const form = () => document.querySelector("[data-board]");
  if (!form()) return;
  const $ = (selector, root = form()) => root.querySelector(selector);
  const $$ = (selector, root = form()) => [...root.querySelectorAll(selector)];
  const say = (text) => (document.querySelector("#said").textContent = text);
  const STEP = 0.1, LEAST = 0.2; // seconds
  const shots = () => $$("[data-shot]");
  const field = (shot) => $('[name="shot_seconds"]', shot);
  const length = (shot) => Math.max(0, Number(field(shot).value.replace(",", ".")) || 0);
  const typing = (node) => node.matches("textarea, input:not([type=file]), select");
  let timer, wanted = null, keeping = null;

  const press = (button, focus) => {
    if (!button) return;
    clearTimeout(timer);
    wanted = focus ?? button.id;
    form().requestSubmit(button);
  };

  // What is written is kept after a pause, without touching what is being written.
  const keep = () => (keeping = kept().finally(() => (keeping = null)));
  // What is pressed meanwhile waits, so that it does not meet its own keeping as somebody else's.
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || !keeping) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    keeping.then(() => form().requestSubmit(submitter));
  }, true);
  const kept = async () => {
    const data = new FormData(form());
    if ([...data.values()].some((value) => value instanceof File && value.size)) return setTimeout(press, 0, $("#save-board"));
    data.append("do", "save");
    const answer = await fetch(form().action, { method: "POST", body: data }).catch(() => null);
    if (!answer) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.status === 409) return setTimeout(press, 0, $("#save-board"));
    for (const id of ["board-sum", "compiled", "create-board"]) {
      const [now, next] = [document.getElementById(id), page.getElementById(id)];
      if (now && next) now.replaceWith(document.adoptNode(next));
    }
    const version = page.querySelector('[name="version"]');
    if (version) $('[name="version"]').value = version.value;
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
  };

  // The line of time: a boundary between two shots is a slider that moves time from one to the other.
  const draw = () => {
    const line = $("[data-timeline]"), all = shots(), total = all.reduce((sum, shot) => sum + length(shot), 0) || 1;
    const svg = $("svg", line);
    svg.setAttribute("viewBox", `0 0 ${total * 1000} 100`);
    let now = 0;
    all.forEach((shot, at) => {
      const rect = $$("rect", svg)[at], mine = length(shot);
      rect?.setAttribute("x", now * 1000);
      rect?.setAttribute("width", mine * 1000);
      $("[data-times]", shot).textContent = `${now.toFixed(1)}–${(now + mine).toFixed(1)} s`;
      now += mine;
      if (at === all.length - 1) return;
      let edge = $$(".edge", line)[at];
      if (!edge) {
        edge = Object.assign(document.createElement("button"), { type: "button", className: "edge", id: `edge-${at}` });
        edge.setAttribute("role", "slider");
        line.append(edge);
      }
      edge.style.left = `${(now / total) * 100}%`;
      for (const [name, value] of Object.entries({ label: `End of shot ${at + 1}`, valuenow: now.toFixed(1), valuemin: "0", valuemax: total.toFixed(1), valuetext: `${now.toFixed(1)} seconds` })) edge.setAttribute(`aria-${name}`, value);
    });
    for (const edge of $$(".edge", line).slice(Math.max(0, all.length - 1))) edge.remove();
  };
  const shift = (at, by) => {
    const [left, right] = shots().slice(at, at + 2);
    const move = Math.max(LEAST - length(left), Math.min(length(right) - LEAST, by));
    field(left).value = (length(left) + move).toFixed(1);
    field(right).value = (length(right) - move).toFixed(1);
    draw();
    later();
  };

  document.addEventListener("pointerdown", (event) => {
    const edge = event.target.closest(".edge"), handle = event.target.closest("[data-handle]");
    if (edge) {
      const at = Number(edge.id.slice(5)), width = $("[data-timeline]").clientWidth;
      const total = shots().reduce((sum, shot) => sum + length(shot), 0);
      let from = event.clientX;
      edge.setPointerCapture(event.pointerId);
      edge.onpointermove = (move) => {
        const by = Math.trunc((((move.clientX - from) / width) * total) / STEP) * STEP;
        if (!by) return;
        from += (by / total) * width;
        shift(at, by);
      };
      edge.onpointerup = edge.onpointercancel = () => (edge.onpointermove = null);
      return;
    }
    if (!handle) return;
    event.preventDefault();
    const shot = handle.closest("[data-shot]"), before = shots().indexOf(shot);
    shot.classList.add("held");
    const move = ({ clientY }) => {
      const over = shots().find((other) => other !== shot && clientY > other.getBoundingClientRect().top && clientY < other.getBoundingClientRect().bottom);
      if (over) over[shots().indexOf(over) < shots().indexOf(shot) ? "before" : "after"](shot);
    };
    const drop = () => {
      shot.classList.remove("held");
      document.removeEventListener("pointermove", move);
      const after = shots().indexOf(shot);
      if (after !== before) press($("#save-board"), `shot-${after}`);
      if (after !== before) say(`Shot ${before + 1} is shot ${after + 1} now.`);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", drop, { once: true });
  });

  document.addEventListener("keydown", (event) => {
    const { key, target } = event, shot = target.closest?.("[data-shot]");
    if (target.matches?.(".edge")) {
      const by = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP }[key];
      if (!by) return;
      event.preventDefault();
      return shift(Number(target.id.slice(5)), by * (event.shiftKey ? 10 : 1));
    }
    if (!shot) return;
    const at = shots().indexOf(shot), act = (verb, focus) => {
      event.preventDefault();
      event.stopPropagation();
      press($(`#${verb}-${at}`), focus);
    };
    if (event.altKey && key === "ArrowUp" && at > 0) return act("up", `shot-${at - 1}`);
    if (event.altKey && key === "ArrowDown") return act("down", `shot-${Math.min(at + 1, shots().length - 1)}`);
    if (event.ctrlKey && event.shiftKey && key.toLowerCase() === "s") return act("split", target.id);
    if (typing(target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key.toLowerCase() === "s") return act("split", `shot-${at}`);
    if (key.toLowerCase() === "d") return act("duplicate", `shot-${at + 1}`);
    if (key === "Delete" && target === shot) return act("remove", `shot-${Math.max(0, Math.min(at, shots().length - 2))}`);
  }, true);

  document.addEventListener("input", (event) => {
    if (!form().contains(event.target)) return;
    if (event.target.name === "shot_seconds") draw();
    if (event.target.type !== "file") later();
  });
  document.addEventListener("change", (event) => {
    if (form().contains(event.target) && event.target.type === "file") press($("#save-board"), event.target.id);
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!form()) return;
    draw();
    if (wanted) (document.getElementById(wanted) ?? $(".add-shot")).focus({ preventScroll: false });
    wanted = null;
  });
  draw();
})();
