// [data-player]: our own bar instead of the browser's. Keys work while the focus is inside the player.
(() => {
  "use strict";
  const SPEEDS = [1, 1.5, 2, 0.25, 0.5];
  const known = new WeakSet();

  const take = (box) => {
    const $ = (selector) => box.querySelector(selector);
    const button = (name) => $(`[data-do="${name}"]`);
    const [video, ...rest] = box.querySelectorAll("video"), seek = $("[data-seek]");
    const frame = 1 / (Number(box.dataset.fps) || 24);
    const clock = (at) => `${Math.floor(at / 60)}:${(at % 60).toFixed(1).padStart(4, "0")}`;
    const tell = () => {
      lead();
      if (document.activeElement !== seek || !video.paused) seek.value = video.currentTime;
      $("[data-clock]").textContent = clock(video.currentTime);
      seek.setAttribute("aria-valuetext", `${video.currentTime.toFixed(1)} of ${seek.max} seconds`);
    };
    // [data-sync]: the other takes follow the first; a little faster or slower when they drift by a frame
    const lead = (leap) => {
      for (const other of rest) {
        const late = Math.min(video.currentTime, other.duration || 0) - other.currentTime;
        const off = Math.abs(late) > (video.paused ? frame / 4 : frame);
        if (off && (leap || video.paused || Math.abs(late) > 0.3) && !other.seeking) other.currentTime += late;
        other.playbackRate = video.playbackRate * (off && !video.paused ? Math.min(2, Math.max(0.5, 1 + late * 2)) : 1);
        if (video.paused !== other.paused && !other.ended) {
          if (video.paused) other.pause();
          else other.play().catch(() => {});
        }
      }
    };
    const go = (at) => {
      video.currentTime = Math.min(Math.max(0, at), video.duration || Number(seek.max));
      lead(true);
      tell();
    };
    const step = (frames) => {
      video.pause();
      go(video.currentTime + frames * frame);
    };
    const acts = {
      play: () => (video.paused ? video.play().catch(() => {}) : video.pause()),
      back: () => step(-1),
      forward: () => step(1),
      speed: () => (video.playbackRate = SPEEDS[(SPEEDS.indexOf(video.playbackRate) + 1) % SPEEDS.length]),
      loop: () => button("loop").setAttribute("aria-pressed", (video.loop = !video.loop)),
      mute: () => {
        video.muted = !video.muted;
        for (const other of rest) other.muted = video.muted;
      },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : box.requestFullscreen?.().catch(() => {})),
    };
    const keys = { " ": "play", k: "play", ",": "back", ".": "forward", f: "full", m: "mute" };

    for (const each of [video, ...rest]) {
      each.controls = false;
      each.addEventListener("click", acts.play);
    }
    for (const other of rest) other.loop = false;
    video.tabIndex = 0;
    $(".player").hidden = false;
    for (const type of ["play", "pause"]) {
      video.addEventListener(type, () => {
        button("play").toggleAttribute("data-on", !video.paused);
        button("play").setAttribute("aria-label", video.paused ? "Play" : "Pause");
        const follow = () => {
          tell();
          if (!video.paused) requestAnimationFrame(follow);
        };
        follow();
      });
    }
    for (const type of ["timeupdate", "seeked"]) video.addEventListener(type, tell);
    video.addEventListener("loadedmetadata", () => (seek.max = video.duration));
    video.addEventListener("ratechange", () => {
      button("speed").textContent = `${video.playbackRate}×`;
      button("speed").setAttribute("aria-label", `Speed, ${video.playbackRate} times`);
    });
    video.addEventListener("volumechange", () => {
      button("mute").toggleAttribute("data-on", video.muted);
      button("mute").setAttribute("aria-pressed", video.muted);
    });
    seek.addEventListener("input", () => go(Number(seek.value)));
    box.addEventListener("click", (event) => acts[event.target.closest("[data-do]")?.dataset.do]?.());
    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " && event.target.closest("button")) return;
      const name = keys[event.key.toLowerCase()];
      const jump = event.target !== seek && { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!name && !jump) return;
      event.preventDefault();
      if (name) acts[name]();
      else go(video.currentTime + jump);
    });
    if (video.readyState > 0) seek.max = video.duration;
    tell();
  };

  const look = () => {
    for (const box of document.querySelectorAll("[data-player]")) {
      if (known.has(box)) continue;
      known.add(box);
      take(box);
    }
  };
  document.addEventListener("htmx:after:swap", look);
  look();
})();
