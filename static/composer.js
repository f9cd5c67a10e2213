// [data-composer]: draft, coach, keys, picture and its crop, send button, errors beside their fields.
(() => {
  "use strict";
  const form = document.querySelector("[data-composer]");
  if (!form) return;
  const $ = (selector) => form.querySelector(selector);
  const prompt = $("#prompt"), file = $("#image"), box = $("#attached"), image = $("#attached img");
  const touch = matchMedia("(pointer: coarse)");
  let sent = null; // the prompt on its way

  const refresh = () => {
    $(".send").disabled = sent !== null || !prompt.value.trim();
    if (!CSS.supports("field-sizing", "content")) {
      prompt.style.height = "auto";
      prompt.style.height = `${prompt.scrollHeight}px`;
    }
    for (const note of form.querySelectorAll("[data-lost-file]")) note.hidden = file.files.length > 0;
    frame();
  };
  const point = () => {
    const wrong = $('[aria-invalid="true"]:checked') ?? $('[aria-invalid="true"]') ?? $("#compose-error");
    const shut = wrong?.closest("details:not([open])");
    (shut?.querySelector("summary") ?? wrong)?.focus();
  };

  // The draft: the server keeps it; what it did not answer for stays in this browser
  const DRAFT = "rushes:draft", keeps = "draft" in form.dataset;
  let due = 0;
  const local = (text) => {
    try {
      if (text) localStorage.setItem(DRAFT, text);
      else if (text === "") localStorage.removeItem(DRAFT);
      return localStorage.getItem(DRAFT) ?? "";
    } catch {
      return ""; // private windows may refuse
    }
  };
  const save = async () => {
    if (!due) return;
    clearTimeout(due);
    due = 0;
    const text = prompt.value, all = new FormData(form), body = new URLSearchParams();
    for (const name of ["prompt", "model", "aspect", "resolution", "seconds", "variations", "preset"]) {
      if (all.has(name)) body.set(name, all.get(name));
    }
    const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true }).catch(() => null);
    if (answer?.ok && !answer.redirected && prompt.value === text) local("");
  };
  const keep = () => {
    if (!keeps) return;
    local(prompt.value);
    clearTimeout(due);
    due = setTimeout(save, 800);
  };
  const look = () => $("#coach")?.dispatchEvent(new Event("coach:look"));
  const write = (text) => {
    prompt.value = text;
    keep();
    refresh();
    look();
  };
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => document.hidden && save()); // a phone may end a hidden page

  // The prompt
  prompt.addEventListener("input", () => {
    keep();
    refresh();
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!$(".send").disabled) form.requestSubmit($(".send"));
  });
  document.addEventListener("click", (event) => {
    const sample = event.target.closest("[data-use-prompt]");
    if (!sample || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    write(sample.dataset.usePrompt);
    prompt.focus();
  });

  // The coach: a phrase goes to the end of the prompt, joined as grammar asks; Ctrl+Z takes it out
  const NEAR = /^(above|across|after|along|among|around|as|at|before|behind|below|beneath|beside|between|by|from|in|inside|into|near|on|over|through|toward|under|while|with)\b/i;
  const join = (text, phrase, mark) => {
    if (!text || /[.!?…]["”’)]?$/.test(text)) return (text && " ") + phrase[0].toUpperCase() + phrase.slice(1);
    const clause = mark === "action" && !/,/.test(text);
    return (/[,;:–—-]$/.test(text) || clause || NEAR.test(phrase) ? " " : ", ") + phrase;
  };
  form.addEventListener("click", (event) => {
    const phrase = event.target.closest("[data-insert]");
    if (!phrase) return;
    event.preventDefault();
    phrase.closest("details").open = false;
    const text = prompt.value.trimEnd(), more = join(text, phrase.value, phrase.closest("[data-mark]").dataset.mark);
    prompt.focus();
    prompt.setSelectionRange(text.length, prompt.value.length);
    if (!document.execCommand("insertText", false, more)) {
      prompt.setRangeText(more, text.length, prompt.value.length, "end");
      prompt.dispatchEvent(new Event("input", { bubbles: true }));
    }
    prompt.scrollTop = prompt.scrollHeight;
  });
  // A menu that is open stays open when an answer comes in behind it.
  document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
    if (!["coach", "sheet"].includes(ctx.sourceElement?.id)) return;
    for (const task of tasks) {
      for (const menu of task.fragment.querySelectorAll("details[id]")) menu.open ||= document.getElementById(menu.id)?.open;
    }
  });

  // The crop: the picture fills the chosen shape; across and down in percent of what lies outside, zoom in percent
  const crop = $("[data-crop]"), across = $("#crop_x"), down = $("#crop_y"), zoom = $("#zoom");
  const frame = () => {
    const [wide, high] = ($('[name="aspect"]:checked')?.value ?? "").split(":");
    if (wide / high) crop.style.setProperty("--r", wide / high);
    image.style.objectPosition = image.style.transformOrigin = `${across.value}% ${down.value}%`;
    image.style.scale = zoom.value / 100;
  };
  const whole = () => {
    [across.value, down.value, zoom.value] = [50, 50, 100];
    frame();
  };
  const fingers = new Map();
  let at = null, pinch = null; // where a drag is, finer than the fields; zoom over distance
  const pull = (x, y) => {
    const { clientWidth: w, clientHeight: h } = crop, shape = image.naturalWidth / image.naturalHeight / (w / h);
    const slack = [Math.max(1, shape) * w, Math.max(1, 1 / shape) * h].map((side, i) => (side * zoom.value) / 100 - [w, h][i]);
    at = [x, y].map((by, i) => (slack[i] < 1 ? at[i] : Math.min(100, Math.max(0, at[i] - (by * 100) / slack[i]))));
    [across.value, down.value] = at;
    frame();
  };
  const spread = () => {
    const [one, two] = [...fingers.values()];
    return Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
  };
  crop.addEventListener("pointerdown", (event) => {
    crop.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
    at = [Number(across.value), Number(down.value)];
    if (fingers.size === 2) pinch = zoom.value / spread();
    if (!touch.matches) setTimeout(() => across.focus({ preventScroll: true }));
  });
  crop.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) zoom.value = pinch * spread();
    pull((event.clientX - before.clientX) / fingers.size, (event.clientY - before.clientY) / fingers.size);
  });
  for (const type of ["pointerup", "pointercancel"]) crop.addEventListener(type, ({ pointerId }) => fingers.delete(pointerId));
  crop.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom.value -= Math.sign(event.deltaY) * Math.max(1, Math.abs(event.deltaY) / 8);
    frame();
  }, { passive: false });
  box.addEventListener("keydown", (event) => {
    if (event.target !== across && event.target !== down) return;
    const [field, step] = { ArrowLeft: [across, -1], ArrowRight: [across, 1], ArrowUp: [down, -1], ArrowDown: [down, 1] }[event.key] ?? [];
    if (!field) return;
    event.preventDefault();
    field.value = Number(field.value) + step * (event.shiftKey ? 10 : 2);
    field.focus(); // the one that moves is the one that is read out
    frame();
  });
  box.addEventListener("input", frame);
  form.addEventListener("change", ({ target }) => {
    if (target.name === "strength") $("[data-wording]").textContent = target.dataset.words;
    if (target.closest("#sheet")) keep();
    frame();
  });

  // The picture: a file, or one of the library that the page came with
  const show = () => {
    const [chosen] = file.files, kept = $('[type="hidden"][name="image_from"]');
    URL.revokeObjectURL(image.src);
    if (chosen) image.src = URL.createObjectURL(chosen);
    else if (!kept) image.removeAttribute("src");
    if (chosen) kept?.remove();
    if (chosen || !kept) $("[data-file-name]").textContent = chosen?.name ?? "";
    image.hidden = false;
    box.hidden = !image.hasAttribute("src");
    refresh();
  };
  const changed = () => {
    whole();
    show();
    $("#attach").open = false;
    if (!box.hidden && !touch.matches) prompt.focus();
  };
  const clear = () => {
    file.value = "";
    $('[type="hidden"][name="image_from"]')?.remove();
    whole();
    show();
  };
  const attach = (files) => {
    const picture = [...files].find((item) => /^image\/(png|jpeg|webp)$/.test(item.type));
    if (picture) {
      const list = new DataTransfer();
      list.items.add(picture);
      file.files = list.files;
      changed();
    } else if (files.length) {
      document.dispatchEvent(new CustomEvent("rushes:toast", { detail: "A picture has to be a PNG, JPEG or WebP file." }));
    }
    return files.length > 0;
  };
  image.addEventListener("error", () => (image.hidden = true)); // the server says what is wrong with it
  file.addEventListener("change", changed);
  $("[data-detach]").addEventListener("click", () => {
    clear();
    $("#attach summary").focus();
  });
  prompt.addEventListener("paste", (event) => {
    if (attach(event.clipboardData.files)) event.preventDefault();
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(type, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("over", type === "dragover");
      if (type === "drop") attach(event.dataTransfer.files);
    });
  }

  // What was sent and what came back
  const mine = (act) => ({ detail: { ctx } }) => ctx?.sourceElement === form && act(ctx);
  document.addEventListener("htmx:before:request", mine(() => {
    sent = prompt.value;
    clearTimeout(due);
    due = 0;
    refresh();
  }));
  document.addEventListener("htmx:after:request", mine((ctx) => {
    if (ctx.response.status >= 400) return;
    if (prompt.value === sent) write("");
    clear();
    $("#settings").open = false;
    if (!touch.matches) prompt.focus();
  }));
  document.addEventListener("htmx:finally:request", mine((ctx) => {
    sent = null;
    if (prompt.value) keep();
    refresh();
    if (ctx.response?.status === 422) point();
  }));
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    // A morph changes the attribute; what a person clicked before would outlive it.
    if (ctx.sourceElement === form || ctx.sourceElement?.id === "sheet") {
      for (const option of form.querySelectorAll("#sheet input")) option.checked = option.defaultChecked;
    }
    refresh();
  });

  // The start
  addEventListener("pageshow", () => {
    refresh();
    if (prompt.value !== prompt.defaultValue) look();
  });
  if (keeps && !prompt.value && (prompt.value = local())) keep();
  show();
  point();
  if ("focus" in form.dataset) {
    prompt.focus();
    prompt.setSelectionRange(prompt.value.length, prompt.value.length);
  }
})();
