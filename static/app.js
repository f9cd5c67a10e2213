// Rushes in the browser. Each block gives life to one [data-…]; without this file every page still works.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, act) => document.addEventListener(type, act);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const say = (text) => ($("#said").textContent = text);
  document.documentElement.classList.add("js");

  // [data-toast]: a message that stays until it is dismissed or replaced
  const toast = (text) => {
    const box = document.createElement("div");
    box.className = "toast";
    box.textContent = text;
    $("#flash").replaceChildren(box);
  };
  on("rushes:toast", ({ detail }) => toast(detail));
  on("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove());

  // [data-menu]: Escape, a click outside and another menu close it
  on("click", (event) => {
    for (const menu of $$("[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  on("keydown", (event) => {
    const menu = event.key === "Escape" && $("[data-menu][open]");
    if (menu) {
      menu.open = false;
      $("summary", menu).focus();
    }
  });

  // [data-theme-form]: changes colours without loading the page anew
  on("submit", async (event) => {
    const form = event.target.closest("[data-theme-form]");
    if (!form) return;
    event.preventDefault();
    const { value } = event.submitter;
    const body = new URLSearchParams(new FormData(form, event.submitter));
    await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
    if (value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
    const summary = $("summary", form.parentElement);
    summary.replaceChildren($("svg", event.submitter).cloneNode(true));
    summary.setAttribute("aria-label", `Theme: ${event.submitter.textContent.trim()}`);
    const mark = $(".n", form);
    for (const button of $$("button", form)) button.setAttribute("aria-pressed", button === event.submitter);
    if (mark) event.submitter.append(mark);
  });

  // [data-since]: a time that counts up, by the server's clock
  const skew = Date.now() - Number(document.body.dataset.now);
  const span = (ms) => {
    const all = Math.max(0, Math.floor(ms / 1000));
    const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
    return hours ? `${hours} h ${minutes} min` : minutes ? `${minutes} min ${seconds} s` : `${seconds} s`;
  };
  setInterval(() => {
    for (const time of $$("[data-since]")) time.textContent = span(Date.now() - skew - time.dataset.since);
  }, 1000);

  // [data-copy]: copies the text of another element
  on("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = $(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      // Plain http has no clipboard: select the text and copy the selection.
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    const label = $("span", button);
    const words = label.textContent;
    label.textContent = "Copied";
    say("Prompt copied.");
    setTimeout(() => (label.textContent = words === "Copied" ? "Copy prompt" : words), 2000);
  });

  // htmx: answers that are no parts of this page, and parts that the page already has
  const quiet = (ctx) => !ctx || ["live", "now"].includes(ctx.sourceElement?.id);
  on("htmx:after:request", ({ detail: { ctx } }) => {
    const { raw, status } = ctx.response;
    if (quiet(ctx)) return;
    if (raw.redirected) location.assign(raw.url);
    else if (status >= 400 && !ctx.text.includes("<hx-partial")) toast(`That did not work: the server answered ${status}.`);
  });
  on("htmx:error", ({ detail: { ctx } }) => quiet(ctx) || toast("The server cannot be reached. Nothing typed is lost."));
  on("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
    // Only what the page does not have is added. What it has changes in place when the stream
    // says so; any other answer may be older than what the stream said since.
    for (const task of [...tasks]) {
      if (task.type !== "partial" || !["afterbegin", "beforeend"].includes(task.swapSpec.style)) continue;
      for (const item of [...task.fragment.children]) {
        const target = item.id && document.getElementById(item.id);
        if (!target) continue;
        item.remove();
        if (!quiet(ctx)) continue;
        const fragment = document.createDocumentFragment();
        fragment.append(item);
        tasks.push({ ...task, target, fragment, swapSpec: { style: "outerMorph" } });
      }
      if (!task.fragment.firstElementChild) task.target = null;
    }
  });
  // [data-preview]: pointing at a clip plays it, one at a time
  let preview = null;
  const hush = () => {
    preview?.removeAttribute("src");
    preview?.load();
    preview?.remove();
    preview = null;
  };
  const look = (target) => {
    const link = target.closest?.(".tile")?.querySelector("[data-preview]");
    if (link && preview?.nextElementSibling === link) return;
    hush();
    if (!link || calm.matches) return;
    preview = Object.assign(document.createElement("video"), { className: "preview", muted: true, loop: true, playsInline: true, src: link.dataset.preview });
    link.before(preview);
    preview.play().catch(() => {});
  };
  on("pointerover", (event) => event.pointerType === "mouse" && look(event.target));
  on("focusin", (event) => look(event.target));
  document.documentElement.addEventListener("pointerleave", hush);

  // [data-fresh]: a clip that was finished while somebody watched plays at once
  on("htmx:after:swap", () => {
    for (const video of $$("[data-fresh]")) {
      video.muted = true;
      if (video.paused && !calm.matches) video.play().catch(() => {});
    }
  });

  // #live: the stream; when it says nothing for 4 s, the same is asked for every 3 s
  const live = $("#live"), now = $("#now");
  if (live) {
    let timer, asking = false, idle = false, rounds = 0;
    const ask = () => {
      asking = true;
      if (!document.hidden) htmx.ajax("GET", now.dataset.poll, { source: now, target: now, swap: "none" });
      if (++rounds % 5 === 0 && idle) htmx.trigger(live, "live:again");
      timer = setTimeout(ask, 3000);
    };
    const wait = (ms) => {
      if (asking) return;
      clearTimeout(timer);
      timer = setTimeout(ask, ms);
    };
    live.addEventListener("htmx:sse:after:message", () => {
      clearTimeout(timer);
      asking = false;
    });
    live.addEventListener("htmx:before:request", () => (idle = false));
    live.addEventListener("htmx:finally:request", () => (idle = true));
    live.addEventListener("htmx:sse:before:connection", () => wait(4000));
    for (const end of ["htmx:sse:error", "htmx:sse:close", "htmx:error"]) live.addEventListener(end, () => wait(0));
    wait(4000);
  }
})();
