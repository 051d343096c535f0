// One picture of a job in its final box: waiting, forming behind a ring, done with its actions, or gone.

import { copySeed, downloadMenu, moreMenu, reproduce, useSettings } from "./actions.js";
import { button, h, keepingFocus, svg } from "./dom.js";
import { flagOf } from "./flag.js";
import { preview } from "./previews.js";
import { say, seconds } from "./words.js";

const RADIUS = 26;
const AROUND = 2 * Math.PI * RADIUS;

export class Picture {
  constructor(job, index) {
    this.job = job;
    this.index = index;
    this.preview = h("img", { class: "preview", alt: "", hidden: true });
    this.ring = new Ring();
    this.box = h("div", { class: "box" }, h("div", { class: "sky", "aria-hidden": "true" }), this.preview, this.ring.element);
    this.bar = h("div", { class: "bar" });
    this.element = h("figure", { class: "picture" }, this.box, this.bar);
    this.element.style.setProperty("--ratio", `${job.draft.width} / ${job.draft.height}`);
    this.element.style.setProperty("--width", `${job.draft.width}px`);
    this.image = null; // the finished picture that is shown
    this.look = null; // its id, and what holds it back
  }

  update(job) {
    this.job = job;
    const view = job.pictures[this.index];
    this.element.dataset.state = view.image ? "done" : job.state;
    if (view.image) return this.finish(view.image);
    if (job.state === "done") return this.remove();
    if (view.preview && view.preview !== this.preview.getAttribute("src")) {
      this.preview.src = view.preview;
      this.preview.hidden = false;
      this.glow(view.preview);
    }
    this.preview.style.setProperty("--blur", `${Math.round(14 * (1 - view.step / Math.max(1, view.of)))}px`);
    this.ring.show(job, view);
  }

  /** Puts the finished picture over the last preview once it is decoded, so that nothing flickers; one of earlier waits
   *  until it is near the screen. */
  async finish(image) {
    const look = `${image.id} ${image.flag?.state ?? ""}`;
    if (this.look === look) return;
    this.look = look;
    this.image = image;
    const alt = say("picture_alt", { prompt: image.prompt, seed: image.seed });
    const formed = !this.preview.hidden;
    const picture = preview(image, alt, { class: "final", width: formed ? this.box.clientWidth : 0 });
    if (formed) await picture.decode().catch(() => {});
    if (this.look !== look) return;
    const open = { class: "open", href: `#image/${image.id}`, "aria-label": say("open_picture", { prompt: image.prompt }) };
    keepingFocus(this.element, () => {
      this.box.replaceChildren(...[this.preview, h("a", open, picture), flagOf(image)].filter(Boolean));
      this.bar.replaceChildren(...doneBar(image));
    });
    this.glow(image.thumb);
  }

  /** Whether this is what is shown: a picture, or with null the place of one that is gone. */
  shows(id) {
    return id ? this.image?.id === id : this.element.dataset.state === "removed";
  }

  remove() {
    this.image = this.look = null;
    this.element.dataset.state = "removed";
    this.box.replaceChildren(h("p", { class: "gone", text: say("picture_gone") }));
    this.bar.replaceChildren();
  }

  /** The light that the picture throws on the card around it. */
  glow(url) {
    this.element.style.setProperty("--glow", `url("${url}")`);
  }
}

function doneBar(image) {
  const seed = h(
    "button",
    { type: "button", class: "seed", title: say("seed_copy", { seed: image.seed }), on: { click: () => copySeed(image.seed) } },
    String(image.seed),
  );
  const menuOf = (open) => (event) => open(event.currentTarget, image);
  const popup = { quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false" };
  return [
    seed,
    button(say("download"), { name: "download", ...popup, on: menuOf(downloadMenu) }),
    button(say("use_settings"), { name: "settings", quiet: true, kind: "settings", on: () => useSettings(image) }),
    button(say("reproduce"), { name: "again", quiet: true, kind: "again", on: () => reproduce(image) }),
    button(say("more"), { name: "more", ...popup, on: menuOf(moreMenu) }),
  ];
}

/** How far a picture is: an arc, the step inside it, and what the seconds go into below. */
class Ring {
  constructor() {
    this.arc = svg("circle", { class: "arc", cx: 30, cy: 30, r: RADIUS, "stroke-dasharray": AROUND, "stroke-dashoffset": AROUND });
    this.step = h("span", { class: "step" });
    this.note = h("span", { class: "note" });
    const circles = svg("svg", { viewBox: "0 0 60 60", "aria-hidden": "true" }, svg("circle", { class: "track", cx: 30, cy: 30, r: RADIUS }), this.arc);
    this.element = h("div", { class: "ring" }, h("div", { class: "dial" }, circles, this.step), this.note);
  }

  show(job, view) {
    const running = job.state === "running";
    const share = running && view.of ? view.step / view.of : 0;
    this.element.hidden = job.state === "failed" || job.state === "cancelled";
    this.element.classList.toggle("waiting", !running || (view.step === 0 && job.phase === "loading"));
    this.arc.setAttribute("stroke-dashoffset", AROUND * (1 - share));
    this.step.textContent = running && view.step ? `${view.step}/${view.of}` : "";
    this.note.textContent = running ? progressNote(job, view) : queueNote(job);
  }
}

function progressNote(job, view) {
  if (job.phase === "drawing" && view.step === 0) return say("phase_drawing");
  const left = job.eta === null ? null : say("time_left", { time: seconds(job.eta) });
  if (job.phase === "drawing") return left ?? say("phase_drawing");
  return say(`phase_${job.phase}`);
}

/** The place in the queue in words, with the wait when it is known. */
export function queueNote(job) {
  const position = job.ahead ? say("queued_ahead", { n: job.ahead }) : say("queued_next");
  return job.ahead && job.eta ? say("queued_about", { position, time: seconds(job.eta) }) : position;
}
