// The wall: moving through it, choosing, dragging, searching, and a document that stays small.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, act, early = false) => document.addEventListener(type, act, early);
  const shelf = $("#shelf"), form = $("#selection"), strip = $("#drop");
  if (!shelf) return;
  const LEAST = 120, MOST = 600, KEEP = 480; // tiles in the document
  const NEAR = "1200px 0px"; // how far ahead the next tiles are asked for
  const wall = () => $("#wall");
  const tiles = () => $$("#wall > .tile");
  const tileOf = (node) => node?.closest?.("#wall > .tile") ?? null;
  const box = (node) => node.getBoundingClientRect();
  const idOf = (tile) => tile.dataset.generation;
  const byId = (id) => document.getElementById(`g-${id}`);
  const say = (text) => ($("#said").textContent = text);
  const typing = (node) => node.closest?.('input:not([type="checkbox"]), textarea, select, dialog, [contenteditable]');

  // One tile is in the tab order; the controls of the others wait until it is theirs.
  let here = null, order = [], held = null;
  const reach = (tile, index) => {
    for (const part of $$('a, button, input:not([type="hidden"])', tile)) if (part.tabIndex !== index) part.tabIndex = index;
  };
  const stand = (tile) => {
    const before = here && byId(here);
    if (before && before !== tile) reach(before, -1);
    here = tile ? idOf(tile) : null;
    if (tile) reach(tile, 0);
  };
  const visit = (tile) => {
    if (!tile) return false;
    stand(tile);
    $(".tile-link", tile).focus();
    return true;
  };
  on("focusin", ({ target }) => tileOf(target) && stand(tileOf(target)));

  // Up and down keep to the column where the movement began.
  let column = null;
  const across = (from, step) => {
    const start = box(from), line = step > 0 ? start.bottom : start.top;
    column ??= start.left + start.width / 2;
    let best = null, row = null, far = Infinity;
    for (let tile = from; (tile = step > 0 ? tile.nextElementSibling : tile.previousElementSibling);) {
      const area = box(tile);
      if (step > 0 ? area.top < line - 1 : area.bottom > line + 1) continue;
      row ??= area.top;
      if (Math.abs(area.top - row) > 2) break;
      const away = Math.max(area.left - column, column - area.right, 0);
      if (away < far) [best, far] = [tile, away];
    }
    return best;
  };
  const beside = (from, step) => {
    const all = tiles();
    return all[all.indexOf(from) + step];
  };
  const ways = {
    ArrowLeft: (tile) => beside(tile, -1), ArrowRight: (tile) => beside(tile, 1),
    k: (tile) => beside(tile, -1), j: (tile) => beside(tile, 1),
    ArrowUp: (tile) => across(tile, -1), ArrowDown: (tile) => across(tile, 1),
    Home: () => tiles()[0], End: () => tiles().at(-1),
  };

  // Choosing. The set is the truth: tiles come and go, morphs forget what was checked.
  const chosen = new Set(), gone = new Set(); // gone: trimmed away, not deleted
  const starts = new Set(); // tiles that began a row when they left
  let last = null, counted = 0;
  const write = (ids) => {
    for (const tile of tiles()) {
      const check = $(".tile-pick input", tile);
      if (check && check.checked !== ids.has(idOf(tile))) check.checked = !check.checked;
    }
    for (const input of $$('[type="hidden"][name="id"]', form)) input.remove();
    for (const id of ids) {
      if (byId(id)) continue;
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: id }));
    }
  };
  const show = () => {
    if (!form) return;
    for (const id of chosen) if (!byId(id) && !gone.has(id)) chosen.delete(id);
    write(chosen);
    const count = $("[data-chosen]", form), words = chosen.size === 1 ? " clip" : " clips";
    count.textContent = chosen.size;
    count.nextSibling.textContent = words;
    if (chosen.size !== counted) say(chosen.size ? `${chosen.size}${words} selected` : "Nothing selected");
    counted = chosen.size;
  };
  const choose = (tile, yes = !chosen.has(idOf(tile))) => {
    chosen[yes ? "add" : "delete"](idOf(tile));
    last = idOf(tile);
    show();
  };
  const range = (tile) => {
    const all = tiles(), from = last && byId(last) ? all.indexOf(byId(last)) : all.indexOf(tile), to = all.indexOf(tile);
    for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(idOf(each));
    last ??= idOf(tile);
    show();
  };
  const all = () => {
    for (const tile of tiles()) if ($(".tile-pick", tile)) chosen.add(idOf(tile));
    show();
  };
  const clear = () => {
    chosen.clear();
    last = null;
    show();
  };
  // Sends one of the selection's actions for these clips, chosen or not.
  const send = (value, ids) => {
    if (!form || !ids.size) return;
    const stay = $(`button[value="${CSS.escape(value)}"]`, form);
    const button = stay ?? Object.assign(document.createElement("button"), { name: "do", value, hidden: true });
    if (!stay) form.append(button);
    write(ids);
    form.requestSubmit(button);
    if (!stay) button.remove();
    write(chosen);
  };

  on("click", (event) => {
    const tile = tileOf(event.target), link = event.target.closest(".tile-link");
    if (event.target.closest("[data-all]")) return all();
    if (!tile || !form) return;
    if (event.target.matches(".tile-pick input")) {
      if (event.shiftKey && last) setTimeout(range, 0, tile);
      else choose(tile, event.target.checked);
      return;
    }
    // Enter, a click without a pointer, always opens.
    if (!link || event.detail === 0) return;
    const add = event.ctrlKey || event.metaKey;
    if (!add && !event.shiftKey && !chosen.size) return;
    event.preventDefault();
    if (event.shiftKey) range(tile);
    else choose(tile);
  });
  form?.addEventListener("reset", () => setTimeout(clear));
  on("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement === form && ctx.response.status < 400) clear();
  });
  // [data-plain]: the browser itself sends this one, so that it can save the answer
  on("submit", (event) => event.submitter?.matches("[data-plain]") && event.stopImmediatePropagation(), true);

  on("keydown", (event) => {
    const { key, target, shiftKey } = event;
    if (event.defaultPrevented || event.altKey || typing(target)) return;
    const tile = tileOf(target);
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() !== "a" || !form || !tiles().length) return;
      event.preventDefault();
      return all();
    }
    if (key === "Escape" && chosen.size) return clear();
    if (key.toLowerCase() === "x") {
      const at = tile ?? tileOf($("#wall > .tile:hover"));
      if (at && form) shiftKey ? range(at) : choose(at);
      return;
    }
    const way = ways[key] ?? (shiftKey && ways[key.toLowerCase()]);
    if (!way) return;
    if (!tile) {
      // j and k step into the wall from anywhere else; the arrows scroll the page as ever.
      if (/^[jk]$/.test(key) && visit(byId(here) ?? tiles()[0])) event.preventDefault();
      return;
    }
    event.preventDefault();
    if (!/^Arrow(Up|Down)$/.test(key)) column = null;
    const next = way(tile);
    if (shiftKey && form) {
      if (!chosen.size) choose(tile, true);
      if (next) range(next);
    }
    if (!next && /^(ArrowDown|ArrowRight|j)$/.test(key)) $("#more a") && htmx.trigger($("#more a"), "click", {}, false);
    visit(next);
  });
  on("pointerdown", () => (column = null));
  // What app.js asks for with the keys f, d and Delete
  on("rushes:do", ({ detail }) => {
    const one = chosen.size ? null : detail.tile && idOf(detail.tile);
    if (form && $(`button[value="${detail.value}"]`, form)) send(detail.value, one ? new Set([one]) : chosen);
  });

  // Dragging one tile, or everything chosen, to a folder, Favorites or Trash
  let load = null;
  const drag = (yes) => {
    document.documentElement.classList.toggle("dragging", yes);
    if (strip) strip.hidden = !yes;
  };
  on("dragstart", (event) => {
    const tile = tileOf(event.target);
    if (!tile || !form) return;
    load = chosen.has(idOf(tile)) ? new Set(chosen) : new Set([idOf(tile)]);
    const ghost = Object.assign(document.createElement("span"), { className: "toast ghost", textContent: load.size === 1 ? "1 clip" : `${load.size} clips` });
    document.body.append(ghost);
    event.dataTransfer.setDragImage(ghost, -12, -12);
    event.dataTransfer.effectAllowed = "all";
    setTimeout(() => {
      ghost.remove();
      drag(true);
    });
  });
  const aim = (event) => load && event.target.closest?.("[data-drop]");
  const mark = (spot) => {
    for (const each of $$("[data-drop].over")) each.classList.toggle("over", each === spot);
    spot?.classList.add("over");
  };
  on("dragover", (event) => {
    if (!load) return;
    const spot = aim(event);
    if (spot) event.preventDefault();
    mark(spot);
  });
  on("drop", (event) => {
    if (!load) return;
    event.preventDefault(); // a link dropped anywhere else would be followed
    const spot = aim(event);
    if (!spot) return;
    const menu = $("details", form);
    if (spot.dataset.drop !== "folders") return send(spot.dataset.drop, load);
    for (const id of load) chosen.add(id);
    show();
    if (menu) setTimeout(() => (menu.open = true));
  });
  on("dragend", () => {
    if (!load) return;
    load = null;
    mark(null);
    drag(false);
  });

  // The document stays bounded: whole rows leave at the far end, and what is seen does not move.
  const hold = (always = false) => {
    const seen = (always || box(wall()).top < 0) && tiles().find((tile) => box(tile).bottom > 64);
    const top = seen && box(seen).top;
    return () => seen?.isConnected && scrollBy({ top: box(seen).top - top, behavior: "instant" });
  };
  const offer = (place, side, id, words) => {
    const base = wall().dataset.here ?? location.pathname + location.search;
    const url = `${base}${base.includes("?") ? "&" : "?"}${side}=${id}`;
    const link = Object.assign(document.createElement("a"), { className: "btn", href: url, textContent: words });
    const trigger = side === "before" ? "revealed, click" : "click";
    for (const [name, value] of Object.entries({ get: url, swap: "none", sync: "this:drop", trigger })) link.setAttribute(`hx-${name}`, value);
    $(place).replaceChildren(link);
    htmx.process(link);
  };
  const leaveTop = () => {
    delete wall().dataset.top;
    offer("#newer", "after", idOf(tiles()[0]), "Show newer clips");
  };
  const trim = () => {
    const list = tiles();
    if (list.length <= MOST) return;
    const area = box(wall()), above = -area.top > area.bottom - innerHeight;
    if (!above) list.reverse();
    const lines = list.map((tile) => Math.round(box(tile).top) * (above ? 1 : -1));
    // Between two rows: on a phone a later tile may fill a hole beside an earlier one.
    const between = (at) => Math.max(...lines.slice(Math.max(0, at - 12), at)) < Math.min(...lines.slice(at, at + 12));
    const far = (tile) => (above ? box(tile).bottom < -innerHeight : box(tile).top > 2 * innerHeight);
    let cut = list.length - KEEP;
    while (cut && !(between(cut) && far(list[cut - 1]))) cut--;
    if (!cut) return;
    const leaving = list.slice(0, cut), keep = hold(), lost = leaving.includes(tileOf(document.activeElement));
    for (const [at, tile] of leaving.entries()) {
      if (above && between(at)) starts.add(idOf(tile));
      gone.add(idOf(tile));
      tile.remove();
    }
    if (above) leaveTop();
    else offer("#more", "before", idOf(tiles().at(-1)), "Show older clips");
    keep();
    if (!byId(here)) stand(tiles().find((tile) => box(tile).bottom > 64));
    if (lost) $(".tile-link", byId(here)).focus({ preventScroll: true });
  };
  // Rows that come back have to end where the old first row begins. They do when they start where a row
  // started before; after a change of size they are tried out. What is too much on top leaves again.
  const align = (first) => {
    if ("top" in wall().dataset || !first?.isConnected || shelf.dataset.view === "list") return;
    const list = tiles(), news = list.slice(0, list.indexOf(first)), fits = () => box(first).left <= box(wall()).left + 1;
    const start = news.findIndex((tile) => starts.has(idOf(tile)));
    const drop = () => news.shift().remove();
    for (let extra = start; extra > 0; extra--) drop();
    for (let tries = 24; tries && news.length > 1 && !fits(); tries--) drop();
    leaveTop();
  };
  const scout = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) htmx.trigger(target, "click", {}, false);
  }, { rootMargin: NEAR });

  const refresh = () => {
    for (const id of gone) if (byId(id)) gone.delete(id);
    const list = tiles();
    if (!byId(here)) {
      // Its tile is gone: the next one takes its place, or the one before.
      const at = order.indexOf(here), there = (id) => byId(id);
      const id = at < 0 ? null : (order.slice(at).find(there) ?? order.slice(0, at).reverse().find(there));
      here = id ?? (list[0] ? idOf(list[0]) : null);
    }
    for (const tile of list) reach(tile, idOf(tile) === here ? 0 : -1);
    order = list.map(idOf);
    if (held && document.activeElement === document.body && byId(here)) $(held, byId(here))?.focus({ preventScroll: true });
    held = null;
    show();
    scout.disconnect();
    for (const link of $$("#newer a, #more a")) scout.observe(link);
    // A few screens are there before one scrolls; they wait until the page has nothing else to do.
    if (list.length < LEAST) (window.requestIdleCallback ?? setTimeout)(() => $("#more a") && htmx.trigger($("#more a"), "click", {}, false));
  };

  let still = null, first = null;
  on("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
    const source = ctx.sourceElement, own = wall();
    const put = tasks.filter((task) => task.target === own), live = ["live", "now"].includes(source?.id);
    const fresh = put.some((task) => task.swapSpec.style === "afterbegin" && [...task.fragment.children].some((item) => !document.getElementById(item.id)));
    const active = tileOf(document.activeElement);
    held = active && (document.activeElement.matches(".tile-link") ? ".tile-link" : document.activeElement.matches("input") ? "input" : ".btn");
    // Newer clips go above those that one came for, even at the top of the page.
    still = hold(!!source?.closest?.("#newer"));
    // Far down, new clips wait above instead of pushing everything along.
    if (live && fresh && "top" in own.dataset && box(own).top < -innerHeight) leaveTop();
    first = source?.closest?.("#newer") ? tiles()[0] : null;
    if (put.some((task) => /^(outer|inner)/.test(task.swapSpec.style))) {
      [still, first, last] = [null, null, null];
      gone.clear();
      starts.clear();
      if (box(own).top < 0) scrollTo({ top: 0, behavior: "instant" });
    }
  }, true);
  on("htmx:after:swap", () => {
    if (first) {
      if (!$("#newer a")) wall().dataset.top = "";
      align(first);
    }
    still?.();
    [still, first] = [null, null];
    trim();
    refresh();
  });

  // [data-search]: the wall follows what is typed, and so does the address
  const search = $("[data-search]"), words = search && $("input", search);
  if (search) {
    let timer;
    const ask = () => {
      clearTimeout(timer);
      htmx.ajax("GET", search.action, { source: search, target: "#wall", swap: "none" });
    };
    search.setAttribute("hx-sync", "this:replace");
    words.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 250);
    });
    search.addEventListener("submit", (event) => {
      event.preventDefault();
      ask();
    });
    words.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !words.value) return;
      event.preventDefault();
      words.value = "";
      ask();
    });
    on("htmx:after:request", ({ detail: { ctx } }) => {
      if (ctx.sourceElement !== search || ctx.response.status >= 400) return;
      const url = new URL(ctx.request.action, location.origin);
      if (!url.searchParams.get("q")) url.searchParams.delete("q");
      history.replaceState(history.state, "", url.pathname + url.search);
    });
  }

  // [data-look]: changes the wall at once and tells the server meanwhile
  on("submit", (event) => {
    const look = event.target.closest("[data-look]");
    if (!look) return;
    event.preventDefault();
    const { name, value, parentElement } = event.submitter;
    const keep = hold();
    shelf.dataset[name] = value;
    for (const button of $$("button", parentElement)) button.setAttribute("aria-pressed", button === event.submitter);
    keep();
    fetch(look.action, { method: "POST", body: new URLSearchParams(new FormData(look, event.submitter)), redirect: "manual" }).catch(() => {});
  });

  // [data-upload]: files go as soon as they are chosen or dropped
  const upload = $("[data-upload]");
  if (upload) {
    const file = $('[type="file"]', upload), bar = $("progress", upload);
    const part = new CustomEvent("rushes:toast", { detail: "The upload did not work. Nothing was kept." });
    const start = (files) => {
      const body = new FormData(), request = new XMLHttpRequest();
      if (!files.length || !bar.hidden) return;
      for (const [name, value] of new FormData(upload)) if (name !== file.name) body.append(name, value);
      for (const item of files) body.append(file.name, item);
      bar.hidden = false;
      request.upload.addEventListener("progress", ({ loaded, total }) => Object.assign(bar, { max: total || 1, value: loaded }));
      request.addEventListener("loadend", () => {
        bar.hidden = true;
        file.value = "";
        if (request.status && request.status < 400) return location.assign(request.responseURL);
        // The answer says which files were not kept and why, and has those that were.
        const page = new DOMParser().parseFromString(request.responseText, "text/html"), why = $("#file-error", page);
        if (!why) return document.dispatchEvent(part);
        $("#file-error")?.remove();
        why.setAttribute("role", "alert");
        upload.append(why);
        file.setAttribute("aria-invalid", "true");
        file.setAttribute("aria-describedby", "file-error");
        wall().replaceChildren(...$$("#wall > .tile", page));
        htmx.process(wall());
        refresh();
      });
      request.open("POST", upload.action);
      request.send(body);
    };
    file.addEventListener("change", () => start(file.files));
    for (const type of ["dragover", "dragleave", "drop"]) {
      upload.addEventListener(type, (event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        upload.classList.toggle("over", type === "dragover");
        if (type === "drop") start(event.dataTransfer.files);
      });
    }
  }

  // The start: what the browser kept checked is chosen
  for (const check of $$(".tile-pick input:checked")) chosen.add(check.value);
  refresh();
  addEventListener("pageshow", show);
})();
