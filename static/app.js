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
      event.preventDefault();
      menu.open = false;
      $("summary", menu).focus();
    }
  });

  // An open menu stays inside the window, and under its chip where the chips scroll.
  document.addEventListener("toggle", ({ target }) => {
    const pop = target.open && target.matches("[data-menu]") && $(".pop", target);
    if (!pop) return;
    pop.style.translate = "";
    const area = pop.getBoundingClientRect(), room = document.documentElement.clientWidth - 8;
    const wish = target.closest(".chips") ? $("summary", target).getBoundingClientRect().left : area.left;
    const left = Math.max(8, Math.min(wish, room - area.width));
    if (Math.abs(left - area.left) > 1) pop.style.translate = `${left - area.left}px`;
  }, true);

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

  // [data-copy]: copies the text of another element; [data-copy=""]: the address of this page
  on("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy ? $(button.dataset.copy).textContent : location.origin + location.pathname;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Plain http has no clipboard: select the text and copy the selection.
      const aside = Object.assign(document.createElement("span"), { className: "sr", textContent: text });
      document.body.append(aside);
      getSelection().selectAllChildren(aside);
      document.execCommand("copy");
      aside.remove();
    }
    const label = $("span", button);
    button.dataset.words ??= label.textContent;
    label.textContent = "Copied";
    say("Copied.");
    setTimeout(() => (label.textContent = button.dataset.words), 2000);
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
      for (const menu of $$("details[id]", task.fragment)) if (quiet(ctx) && document.getElementById(menu.id)?.open) menu.open = true;
      if (task.type !== "partial" || !["afterbegin", "beforeend"].includes(task.swapSpec.style)) continue;
      for (const item of [...task.fragment.children]) {
        const target = item.id && document.getElementById(item.id);
        if (!target) {
          // Above a wall that was cut off at the top there is more that nobody has seen yet.
          if (quiet(ctx) && task.target?.matches("#wall:not([data-top])") && task.swapSpec.style === "afterbegin") item.remove();
          continue;
        }
        if (ctx.sourceElement.closest("#newer")) {
          target.remove();
          continue;
        }
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
  const wished = () => {
    try {
      return localStorage.getItem("rushes:notify") === "on" && window.Notification?.permission === "granted";
    } catch {
      return false;
    }
  };
  if ($("#live")) {
    let timer, slow, asking = false, idle = false, rounds = 0;
    const heard = (type, act) => on(type, (event) => event.target.id === "live" && act(event));
    const poll = () => htmx.ajax("GET", $("#now").dataset.poll, { source: $("#now"), target: $("#now"), swap: "none" });
    const ask = () => {
      asking = true;
      if (!document.hidden) poll();
      if (++rounds % 5 === 0 && idle) htmx.trigger($("#live"), "live:again");
      timer = setTimeout(ask, 3000);
    };
    const wait = (ms) => {
      if (asking) return;
      clearTimeout(timer);
      timer = setTimeout(ask, ms);
    };
    heard("htmx:sse:after:message", () => {
      clearTimeout(timer);
      asking = false;
    });
    heard("htmx:before:request", () => (idle = false));
    heard("htmx:finally:request", () => (idle = true));
    heard("htmx:sse:before:connection", () => wait(4000));
    for (const end of ["htmx:sse:error", "htmx:sse:close", "htmx:error"]) heard(end, () => wait(0));
    wait(4000);
    // A hidden page has no stream; who wants to be told is told every half minute.
    on("visibilitychange", () => {
      clearInterval(slow);
      if (document.hidden && wished()) slow = setInterval(poll, 30000);
    });
  }

  // [data-bell]: what is new counts in the title until the bell is opened; a hidden page may notify
  const name = document.title;
  let latest = Number($("[data-bell]")?.dataset.latest);
  const ring = () => {
    const bell = $("[data-bell]");
    if (!bell) return;
    const count = Number(bell.dataset.unread);
    document.title = count ? `(${count}) ${name}` : name;
    if (Number(bell.dataset.latest) <= latest) return;
    latest = Number(bell.dataset.latest);
    if (!document.hidden || !wished()) return;
    try {
      new Notification("Rushes", { body: bell.dataset.news, tag: "rushes" }).onclick = () => window.focus();
    } catch { /* some phones allow this to service workers only */ }
  };
  on("htmx:after:swap", ring);
  ring();
  document.addEventListener("toggle", ({ target: bell }) => {
    if (!bell.open || !bell.matches("[data-bell]") || bell.dataset.unread === "0") return;
    fetch("/activity/seen", { method: "POST", keepalive: true }).catch(() => {});
    bell.dataset.unread = "0";
    $("summary", bell).setAttribute("aria-label", "Activity");
    $(".count", bell)?.remove();
    ring();
  }, true);

  // [data-notify]: asks the browser, keeps the answer here
  const notify = $("[data-notify]");
  if (notify) {
    const words = () => {
      const state = !window.Notification ? "This browser cannot notify on this address; it needs https." : Notification.permission === "denied" ? "Blocked by the browser. Allow notifications for this address in its settings." : wished() ? "On in this browser, while the library, a clip or the queue is open." : "Off in this browser.";
      notify.setAttribute("aria-pressed", wished());
      $("[data-notify-words]").textContent = state;
    };
    notify.addEventListener("click", async () => {
      const off = wished();
      if (!off) await window.Notification?.requestPermission();
      try {
        localStorage.setItem("rushes:notify", off ? "off" : "on");
      } catch { /* private windows may refuse */ }
      words();
    });
    words();
  }

  // Shortcuts: one table for every page. What belongs to moving and choosing is in wall.js.
  const sheet = $("#keys"), page = $("main.clip");
  const pointed = () => document.activeElement.closest("[data-generation]") ?? $(".tile:hover")?.closest("[data-generation]") ?? page;
  const choosing = () => $("#selection :is([type='hidden'][name='id'])") ?? $(".tile-pick :checked");
  const press = (selector, root) => {
    const control = root && $(selector, root);
    control?.click();
    return control;
  };
  const ask = (value, tile) => document.dispatchEvent(new CustomEvent("rushes:do", { detail: { value, tile } }));
  const focus = (id) => {
    const field = document.getElementById(id);
    if (!field) return location.assign(`/#${id}`);
    field.focus();
    field.select?.();
  };
  const save = (spot) => {
    const clip = $("[data-preview]", spot);
    if (clip) Object.assign(document.createElement("a"), { href: clip.dataset.preview, download: "" }).click();
  };
  const remove = () => {
    const tile = document.activeElement.closest(".tile[data-generation]");
    if (choosing() || tile) ask("trash", tile);
    else press('form[action$="/delete"] button', page);
  };
  const keys = {
    "/": () => focus("q"),
    "?": () => sheet?.showModal(),
    c: () => focus("prompt"),
    f: (spot) => (choosing() ? ask("favorite") : press('form[action$="/favorite"] button', spot)),
    d: (spot) => (choosing() ? press('#selection [value="download"]', document) : spot && (press("a[download]", spot) ?? save(spot))),
    e: (spot) => {
      const clip = spot && (spot.dataset.generation ?? $("[data-generation]", spot)?.dataset.generation);
      if (clip) location.assign(`/?from=${clip}`);
    },
    r: (spot) => press('form[action$="/retry"] button', spot),
    j: () => press('a[rel="next"]', page),
    k: () => press('a[rel="prev"]', page),
    z: () => press(".toast .btn:not([data-dismiss])", $("#flash")),
    Delete: remove,
    Backspace: remove,
  };
  on("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.altKey || event.repeat || $("dialog[open]")) return;
    if (target.closest('input:not([type="checkbox"], [type="range"]), textarea, select, [contenteditable]')) return;
    if ((event.ctrlKey || event.metaKey) && (key !== "z" || event.shiftKey)) return;
    const act = Object.hasOwn(keys, key) && keys[key];
    if (!act || (/^[jk]$/.test(key) && !page)) return;
    event.preventDefault();
    act(pointed());
  });
  // [data-keys]: the sheet without a key; a link to the same words without script
  on("click", (event) => {
    if (!sheet || !event.target.closest("[data-keys]")) return;
    event.preventDefault();
    sheet.showModal();
  });
})();
