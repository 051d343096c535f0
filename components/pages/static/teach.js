// Teach the starter a thing of one's own: pictures, a name, a lesson that can be watched and stopped, and what was learnt.

import { get, post, remove } from "./api.js";
import { dialog, field } from "./dialog.js";
import { button, h, icon } from "./dom.js";
import { on } from "./live.js";
import { ask, toast, toastFailure } from "./overlays.js";
import { acceptDrops, bring, chooseSource, thumb } from "./sources.js";
import { say, seconds } from "./words.js";

const MOST = 40;
const FEWEST = 3;

let open = null;
let told = "none"; // the state that was last heard of

on("lesson", (lesson) => {
  const before = told;
  told = lesson.state;
  if (open) open.heard(lesson);
  else if (before === "teaching" && lesson.state === "done") toast(say("teach_done", lesson));
});

/** `wear(name, words)` writes into the prompt, `refill()` answers what the bench offers now. */
export function openLessons(offers, wear, refill) {
  open = new Lessons(offers, wear, refill);
}

class Lessons {
  constructor(offers, wear, refill) {
    Object.assign(this, { offers, wear, refill, pictures: [] });
    this.name = h("input", { type: "text", maxlength: 24, autocomplete: "off", spellcheck: "false", placeholder: "zorblax" });
    this.kind = h("input", { type: "text", maxlength: 60, autocomplete: "off", placeholder: say("teach_kind_placeholder") });
    this.files = h("input", { type: "file", accept: "image/*", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true" });
    this.files.addEventListener("change", () => this.bringAll([...this.files.files]));
    this.tiles = h("ul", { class: "lesson-pictures" });
    this.count = h("small", { class: "faint", role: "status" });
    this.form = h(
      "div",
      { class: "lesson-form" },
      this.tiles,
      h("div", { class: "lesson-add" }, this.count, button(say("teach_from_gallery"), { name: "gallery", kind: "outlined small", on: () => this.choose() }), button(say("teach_add"), { name: "plus", kind: "outlined small", on: () => this.files.click() })),
      this.files,
      h("div", { class: "lesson-names" }, field(say("teach_name"), this.name, say("teach_name_note")), field(say("teach_kind"), this.kind, say("teach_kind_note"))),
    );
    this.progress = h("div", { class: "lesson-progress", hidden: true });
    this.known = h("div", { class: "lesson-known" });
    this.begin = button(say("teach_begin"), { kind: "primary", name: "learn", on: () => this.teach() });
    const opened = dialog(say("teach_title"), {
      text: say("teach_text"),
      body: [this.progress, this.form, this.known],
      choices: [button(say("close"), { kind: "outlined", on: () => opened.close() }), this.begin],
      closed: () => (open = null),
    });
    this.opened = opened;
    opened.element.classList.add("lessons");
    acceptDrops(opened.element, say("source_drop_here"), (found) => this.add(found));
    this.show();
    this.showKnown();
    get("/api/lessons/current").then((lesson) => this.heard(lesson, true)).catch(toastFailure);
  }

  async bringAll(files) {
    this.files.value = "";
    for (const file of files.slice(0, MOST - this.pictures.length)) {
      const found = await bring(file);
      if (found) this.add(found);
    }
  }

  async choose() {
    const found = await chooseSource(say("teach_from_gallery"));
    if (found) this.add(found);
  }

  add(found) {
    if (this.pictures.length < MOST && !this.pictures.includes(found.id)) this.pictures.push(found.id);
    this.show();
  }

  show() {
    const tile = (id, index) => {
      const label = say("teach_take_out", { place: index + 1 });
      const out = button(label, { name: "close", quiet: true, on: () => {
        this.pictures = this.pictures.filter((one) => one !== id);
        this.show();
      } });
      return h("li", {}, h("img", { src: thumb(id), alt: "", width: 72, height: 72 }), out);
    };
    const empty = h("li", { class: "lesson-empty" }, icon("picture"), h("span", { text: say("teach_empty") }));
    this.tiles.replaceChildren(...(this.pictures.length ? this.pictures.map(tile) : [empty]));
    this.count.textContent = say("teach_count", { n: this.pictures.length });
    this.begin.disabled = this.pictures.length < FEWEST;
  }

  async teach() {
    try {
      const wish = { name: this.name.value.trim().toLowerCase(), kind: this.kind.value.trim(), pictures: this.pictures };
      this.heard(await post("/api/lessons", wish));
    } catch (failure) {
      toastFailure(failure);
      ({ name: this.name, kind: this.kind })[failure.field]?.focus();
    }
  }

  /** What the server says of the lesson; `first` when it was asked for rather than told. */
  async heard(lesson, first = false) {
    told = lesson.state;
    const teaching = lesson.state === "teaching";
    this.form.hidden = this.begin.hidden = teaching;
    this.progress.hidden = lesson.state === "none" || (first && !teaching);
    if (this.progress.hidden) return;
    if (lesson.state === "done" && !first) {
      this.offers = await this.refill();
      this.pictures = [];
      this.name.value = this.kind.value = "";
      this.show();
      this.showKnown();
    }
    this.progress.className = `lesson-progress ${lesson.state}`;
    this.progress.replaceChildren(...this.story(lesson));
  }

  story(lesson) {
    const { name, words, reason } = lesson;
    if (lesson.state === "done") return [h("p", { role: "status" }, h("strong", { text: say("teach_done", { name, words }) })), button(say("teach_try"), { kind: "primary small", name: "run", on: () => this.use(name) })];
    if (lesson.state === "failed") return [h("p", { role: "alert", class: "trouble", text: say("teach_failed", { reason }) })];
    if (lesson.state === "stopped") return [h("p", { role: "status", text: say("teach_stopped") })];
    const left = lesson.seconds === null ? "" : say("teach_left", { time: seconds(lesson.seconds) });
    const line = lesson.step ? `${say("teach_step", { step: lesson.step, of: lesson.of })}${left && ` · ${left}`}` : say("teach_opening");
    const bar = h("progress", { max: lesson.of, "aria-label": words, ...(lesson.step ? { value: lesson.step } : {}) });
    return [h("p", {}, h("strong", { text: words })), bar, h("div", { class: "lesson-line" }, h("span", { class: "faint", text: line }), button(say("cancel"), { kind: "outlined small", name: "stop", on: () => post("/api/lessons/stop").catch(toastFailure) }))];
  }

  /** What was taught here before, to use or to forget. */
  showKnown() {
    const names = Object.entries(this.offers.taught ?? {}).filter(([name]) => this.offers.lessons.includes(name));
    const row = ([name, words]) =>
      h(
        "li",
        {},
        h("div", {}, h("strong", { text: name }), h("small", { class: "faint", text: words })),
        button(say("teach_try"), { kind: "outlined small", on: () => this.use(name) }),
        button(say("teach_forget", { name }), { name: "trash", quiet: true, on: () => this.forget(name) }),
      );
    this.known.replaceChildren(...(names.length ? [h("h3", { text: say("teach_known") }), h("ul", {}, names.map(row))] : []));
  }

  use(name) {
    this.opened.close();
    this.wear(name, this.offers.taught[name]);
  }

  async forget(name) {
    if (!(await ask({ title: say("teach_forget", { name }), text: say("teach_forget_text"), action: say("delete") }))) return;
    try {
      await remove(`/api/lessons/${encodeURIComponent(name)}`);
    } catch (failure) {
      toastFailure(failure);
    }
    this.offers = await this.refill();
    this.showKnown();
  }
}
