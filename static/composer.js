// [data-composer]: draft, keys, picture, send button, errors beside their fields.
(() => {
  "use strict";
  const form = document.querySelector("[data-composer]");
  if (!form) return;
  const $ = (selector) => form.querySelector(selector);
  const prompt = $("#prompt"), file = $("#image"), box = $("#attached"), image = $("#attached img");
  const DRAFT = "rushes:draft";
  let sent = null; // the prompt on its way

  const refresh = () => {
    $(".send").disabled = sent !== null || !prompt.value.trim();
    if (!CSS.supports("field-sizing", "content")) {
      prompt.style.height = "auto";
      prompt.style.height = `${prompt.scrollHeight}px`;
    }
    for (const note of form.querySelectorAll("[data-lost-file]")) note.hidden = file.files.length > 0;
  };
  const write = (text) => {
    prompt.value = text;
    try {
      if (text) localStorage.setItem(DRAFT, text);
      else localStorage.removeItem(DRAFT);
    } catch { /* private windows may refuse */ }
    refresh();
  };
  const point = () => {
    const wrong = $('[aria-invalid="true"]:checked') ?? $('[aria-invalid="true"]') ?? $("#compose-error");
    wrong?.focus();
  };

  // The prompt
  prompt.addEventListener("input", () => write(prompt.value));
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

  // The picture
  const show = () => {
    const [chosen] = file.files;
    URL.revokeObjectURL(image.src);
    box.hidden = !chosen;
    image.hidden = false;
    if (chosen) image.src = URL.createObjectURL(chosen);
    else image.removeAttribute("src");
    $("[data-file-name]").textContent = chosen?.name ?? "";
    refresh();
  };
  const attach = (files) => {
    const picture = [...files].find((item) => /^image\/(png|jpeg|webp)$/.test(item.type));
    if (picture) {
      const list = new DataTransfer();
      list.items.add(picture);
      file.files = list.files;
      show();
    } else if (files.length) {
      document.dispatchEvent(new CustomEvent("rushes:toast", { detail: "A picture has to be a PNG, JPEG or WebP file." }));
    }
    return files.length > 0;
  };
  image.addEventListener("error", () => (image.hidden = true)); // the server says what is wrong with it
  file.addEventListener("change", show);
  $("[data-detach]").addEventListener("click", () => {
    file.value = "";
    show();
    file.focus();
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
    refresh();
  }));
  document.addEventListener("htmx:after:request", mine((ctx) => {
    if (ctx.response.status >= 400) return;
    if (prompt.value === sent) write("");
    file.value = "";
    show();
    $("#settings").open = false;
    if (!matchMedia("(pointer: coarse)").matches) prompt.focus();
  }));
  document.addEventListener("htmx:finally:request", mine((ctx) => {
    sent = null;
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
  addEventListener("pageshow", refresh);
  if (!prompt.value) {
    try {
      prompt.value = localStorage.getItem(DRAFT) ?? "";
    } catch { /* no draft then */ }
  }
  show();
  point();
  if ("focus" in form.dataset) {
    prompt.focus();
    prompt.setSelectionRange(prompt.value.length, prompt.value.length);
  }
})();
