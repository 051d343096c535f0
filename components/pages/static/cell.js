// One cell: its words and settings, edited in place; the pictures it made or is making; what can be done with it now.

import { openDraft } from "./actions.js";
import { ControlRows } from "./cell-controls.js";
import { inputsRow } from "./cell-inputs.js";
import { Settings, factsOf } from "./cell-settings.js";
import { button, h, keepingFocus } from "./dom.js";
import { markdown } from "./note.js";
import { noticeLines } from "./notice.js";
import { Axes } from "./cell-axes.js";
import { SeriesBoard } from "./series.js";
import { menu } from "./overlays.js";
import { Picture, queueNote } from "./picture.js";
import { errorWords, say } from "./words.js";

const ACTIVE = new Set(["queued", "running"]);
const LOOK_AGAIN_AFTER = 3000; // milliseconds

let sessions = 0;

/** A field that saves as one types. One visit to it is one undo. `along(value)`: other fields that follow its value. */
export function live(book, cellId, name, field, read = () => field.value, along = () => ({})) {
  let gesture = "";
  field.addEventListener("focus", () => (gesture = `${cellId.slice(0, 12)}-${name}-${Date.now()}-${(sessions += 1)}`));
  field.addEventListener("input", () => book.type(cellId, { [name]: read(), ...along(read()) }, gesture));
  field.addEventListener("change", () => book.flush());
}

export class CellView {
  constructor(notebook, cell) {
    this.notebook = notebook;
    this.book = notebook.book;
    this.id = cell.id;
    this.pictures = [];
    this.isNote = cell.kind === "note";
    this.build(cell);
  }

  build(cell) {
    this.grip = h("button", { type: "button", class: "grip button quiet" });
    this.number = h("span", { class: "number" });
    this.kind = h("span", { class: "kind" });
    this.mark = h("span", { class: "mark", hidden: true });
    this.tools = h("div", { class: "tools" });
    this.thumbs = h("div", { class: "thumbs", "aria-hidden": "true" });
    this.shutWords = h("span", { class: "shut-words" });
    this.header = h("header", {}, h("div", { class: "heading" }, this.grip, this.number, this.kind, this.mark, this.shutWords, this.thumbs), this.tools);
    this.body = h("div", { class: "body" }, this.isNote ? this.buildNote() : this.buildDrawing(cell));
    this.element = h("article", { class: `card cell ${this.isNote ? "text" : "run"}`, tabindex: -1, data: { cell: this.id } }, this.header, this.body);
    this.primary = button(say("notebook_run"), { name: "run", kind: "outlined go", on: () => this.act() });
    this.more = button(say("notebook_cell_more"), { name: "more", quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false", on: () => this.openMenu() });
    this.folder = button(say("notebook_fold"), { name: "fold", quiet: true, kind: "folder", on: () => this.fold() });
    this.tools.append(...(this.isNote ? [] : [this.primary]), this.folder, this.more);
    this.element.addEventListener("keydown", (event) => this.keys(event));
    this.grip.append(...button("", { name: "grip", quiet: true }).childNodes);
    this.grip.addEventListener("pointerdown", (event) => this.notebook.drag.start(this, event));
  }

  buildDrawing(cell) {
    this.title = h("h2", { class: "said" });
    this.words = h("textarea", { class: "words", rows: 1, spellcheck: "true", placeholder: say("prompt_placeholder"), "aria-label": say("prompt_label") });
    live(this.book, this.id, "prompt", this.words);
    this.words.addEventListener("input", () => grow(this.words));
    this.facts = h("p", { class: "facts" });
    this.settings = new Settings(this, this.notebook.options, cell.kind);
    this.inputs = h("div", { class: "inputs" });
    this.maps = new ControlRows(this.notebook, this.id);
    this.axes = new Axes(this.notebook, this.id);
    this.notice = h("div", { class: "notice", hidden: true });
    this.clash = h("div", { class: "clash", role: "alert", hidden: true });
    this.grid = h("div", { class: "pictures" });
    return [this.title, this.words, this.clash, this.settings.row, this.settings.fold, this.inputs, this.maps.element, this.axes.element, this.notice, this.grid, this.facts];
  }

  buildNote() {
    this.shown = h("div", { class: "note", tabindex: 0, role: "button", "aria-label": say("notebook_note_edit") });
    this.words = h("textarea", { class: "words", rows: 3, spellcheck: "true", placeholder: say("notebook_note_placeholder"), "aria-label": say("notebook_note"), hidden: true });
    this.clash = h("div", { class: "clash", role: "alert", hidden: true });
    live(this.book, this.id, "text", this.words);
    this.words.addEventListener("input", () => grow(this.words));
    this.words.addEventListener("blur", () => this.writing(false));
    this.shown.addEventListener("click", (event) => event.target.closest("a") || this.writing(true));
    this.shown.addEventListener("keydown", (event) => {
      if (event.target !== this.shown || event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.writing(true);
    });
    return [this.shown, this.words, this.clash];
  }

  writing(value) {
    if (this.words.hidden === !value) return;
    this.words.hidden = !value;
    this.shown.hidden = value;
    if (value) {
      grow(this.words);
      this.words.focus();
    } else this.showNote();
  }

  /** Everything anew from the document; a field that is being typed in keeps its words. */
  update(cell, { lead }) {
    this.cell = cell;
    const number = this.book.number(this.id);
    this.element.classList.toggle("lead", lead);
    this.element.classList.toggle("shut", cell.folded);
    this.element.dataset.fresh = cell.state;
    this.number.textContent = String(number);
    this.kind.textContent = say(`notebook_kind_${cell.kind}`);
    this.grip.setAttribute("aria-label", say("notebook_move", { number }));
    this.grip.title = say("notebook_move_hint");
    this.showFold(cell);
    this.showClash();
    if (this.isNote) return this.updateNote();
    const prompt = this.book.value(this.id, "prompt") ?? "";
    write(this.words, prompt);
    grow(this.words);
    this.words.hidden = cell.kind === "upscale" && !cell.draft.creativity && !prompt;
    this.title.textContent = prompt || say(`notebook_kind_${cell.kind}`);
    this.element.setAttribute("aria-label", prompt || say(`notebook_kind_${cell.kind}`));
    this.settings.update(cell);
    inputsRow(this.inputs, this.notebook, cell);
    this.maps.update(cell);
    this.axes.update(cell);
    this.show();
  }

  updateNote() {
    this.element.setAttribute("aria-label", say("notebook_note"));
    write(this.words, this.book.value(this.id, "text") ?? "");
    this.showNote();
  }

  showNote() {
    const text = this.book.value(this.id, "text") ?? "";
    if (text === this.noteText) return;
    this.noteText = text;
    this.shown.classList.toggle("blank", !text.trim());
    this.shown.replaceChildren(...(text.trim() ? markdown(text) : [h("p", { text: say("notebook_note_placeholder") })]));
  }

  showFold(cell) {
    const words = say(cell.folded ? "notebook_unfold" : "notebook_fold");
    this.folder.replaceChildren(...button(words, { name: cell.folded ? "unfold" : "fold", quiet: true }).childNodes);
    this.folder.setAttribute("aria-label", words);
    this.folder.title = words;
    this.folder.setAttribute("aria-expanded", String(!cell.folded));
    this.shutWords.textContent = cell.folded ? (cell.draft?.prompt ?? cell.text ?? "") : "";
    const shown = cell.folded ? cell.outputs.filter((one) => one.image).slice(0, 4) : [];
    const key = shown.map((one) => one.image).join(" ");
    if (this.thumbs.dataset.key === key) return;
    this.thumbs.dataset.key = key;
    this.thumbs.replaceChildren(...shown.map((one) => h("img", { src: `/i/${one.image}/thumb256`, alt: "", width: 32, height: 32, loading: "lazy" })));
  }

  showClash() {
    const names = this.book.conflicts.get(this.id);
    this.clash.hidden = !names;
    if (!names) return void delete this.clash.dataset.theirs;
    const theirs = names.map((name) => String((name === "text" ? this.cell.text : this.cell.draft?.[name]) ?? "")).join(", ");
    if (this.clash.dataset.theirs === theirs) return; // said once, and a button in focus stays
    this.clash.dataset.theirs = theirs;
    this.clash.replaceChildren(
      h("p", {}, h("strong", { text: say("notebook_clash") }), " ", say("notebook_clash_theirs", { theirs: theirs.slice(0, 200) })),
      h("div", {}, button(say("notebook_keep_mine"), { kind: "outlined", on: () => this.book.keepMine(this.id) }), button(say("notebook_take_theirs"), { kind: "outlined", on: () => this.takeTheirs() })),
    );
  }

  takeTheirs() {
    this.words.blur();
    this.book.takeTheirs(this.id);
  }

  // Pictures and progress

  /** A job has news: one of this cell's, or of its series. */
  hear(job) {
    if (this.cell.series) {
      if (!this.board || job.series?.series_id !== this.board.id) return;
      this.board.update(job);
      this.showNotice(null);
    } else if (job.id === this.cell.job) this.show();
  }

  /** The pictures of a series stand on a board of their own. */
  showSeries() {
    const { series_id: id, state, planned, outputs } = this.cell;
    const active = state === "running" && !planned;
    if (id && this.board?.id !== id) {
      this.board = new SeriesBoard(id);
      this.grid.replaceChildren(this.board.element);
    }
    this.element.classList.add("series");
    this.element.classList.toggle("crossed", this.cell.kind === "grid");
    this.element.classList.toggle("folded", !id);
    this.element.dataset.state = active ? "running" : (stateOf(null, this.cell) ?? "none");
    this.showMark(null, false);
    this.showNotice(null);
    this.showPrimary(null, active);
    this.facts.replaceChildren(...factsOf(this.cell, null).map((text) => h("span", { text })));
    this.element.classList.toggle("unmade", !outputs.length);
  }

  /** The job is known from the event stream, the pictures of earlier runs from the document. */
  show() {
    if (this.cell.series) return this.showSeries();
    const job = this.book.job(this.cell);
    this.job = job;
    const made = this.cell.outputs;
    const waits = job?.state === "queued" && job.ahead > 0;
    const active = job && ACTIVE.has(job.state);
    if (active && !(waits && made.length)) this.showJob(job);
    else if (job?.state === "done" && this.shows(job) && !sameImages(job, made)) this.showJob(job); // the document follows
    else this.showMade(made);
    this.element.classList.toggle("folded", Boolean((waits && !made.length) || (!active && !this.pictures.length)));
    this.element.dataset.state = active ? job.state : (stateOf(job, this.cell) ?? "none");
    if (job) this.element.dataset.job = job.id;
    this.showMark(job, active);
    this.showNotice(job);
    this.showPrimary(job, active);
    const ended = job?.state === "done" ? job.created_at : null;
    this.facts.replaceChildren(...factsOf(this.cell, ended).map((text) => h("span", { text })));
  }

  shows(job) {
    return this.grid.dataset.key === `job ${job.id}`;
  }

  showJob(job) {
    if (!this.shows(job)) this.fill(`job ${job.id}`, job.pictures.map((_, index) => new Picture(job, index)));
    for (const picture of this.pictures) picture.update(job);
  }

  async showMade(made) {
    const ids = made.map((output) => output.image);
    if (this.pictures.length === ids.length && ids.every((id, index) => this.pictures[index].shows(id))) return this.renew();
    const key = `made ${ids.join(" ")}`;
    if (this.grid.dataset.key === key) return;
    this.grid.dataset.key = key;
    const views = await Promise.all(ids.map((id) => (id ? (this.book.pictures.get(id) ?? this.book.picture(id)) : null)));
    if (this.grid.dataset.key !== key) return;
    if (views.includes(undefined)) return this.lookLater();
    this.fill(key, views.map((image, index) => madePicture(this.cell, image, index)));
    this.element.classList.toggle("folded", !this.pictures.length);
  }

  /** Nobody answered what the pictures are: what is shown stays until somebody does. */
  lookLater() {
    this.grid.dataset.key = "";
    clearTimeout(this.later);
    this.later = setTimeout(() => this.element.isConnected && this.show(), LOOK_AGAIN_AFTER);
  }

  fill(key, pictures) {
    this.pictures = pictures;
    this.grid.dataset.key = key;
    this.element.dataset.count = pictures.length;
    keepingFocus(this.grid, () => this.grid.replaceChildren(...pictures.map((picture) => picture.element)));
  }

  showMark(job, active) {
    const { state, planned, outputs, inputs } = this.cell;
    let words = "";
    if (active) words = job.state === "queued" && job.ahead > 0 ? queueNote(job) : "";
    else if (planned) words = say("notebook_planned");
    else if (job?.state === "cancelled" && state !== "fresh") words = say("state_cancelled");
    else if (state === "failed") words = say("notebook_failed");
    else if (state === "stale" && !outputs.length) words = say("notebook_new");
    else if (state === "stale") {
      const above = Object.values(inputs).some((one) => this.book.cell(one.cell)?.state !== "fresh");
      words = say(above ? "notebook_stale_input" : "notebook_stale");
    }
    this.element.classList.toggle("unmade", !outputs.length);
    this.mark.textContent = words;
    this.mark.hidden = !words;
  }

  showNotice(job) {
    const { state, refused } = this.cell;
    this.notice.hidden = state !== "failed" && !refused;
    if (!this.notice.hidden) this.notice.replaceChildren(...noticeLines(refused ? { ...refused, ...errorWords(refused.code) } : job?.error ?? this.board?.error ?? errorWords("engine_error")));
  }

  showPrimary(job, active) {
    const busy = active || this.cell.planned || (!job && this.cell.state === "running"); // news of the job may come later
    const again = this.cell.state === "failed" || (job?.state === "cancelled" && this.cell.state !== "fresh");
    const wanted = busy ? "cancel" : again ? "try_again" : "notebook_run";
    if (this.primary.dataset.wanted === wanted) return;
    this.primary.dataset.wanted = wanted;
    this.primary.setAttribute("aria-label", say(wanted)); // a phone shows the icon alone
    this.primary.replaceChildren(...button(say(wanted), { name: busy ? "close" : again ? "again" : "run" }).childNodes);
  }

  /** Deleted pictures leave their place empty at once. */
  remove(ids) {
    for (const picture of this.pictures) if (ids.has(picture.image?.id)) picture.remove();
    this.board?.remove(ids);
  }

  /** What was changed about pictures: one that is released shows itself. */
  renew() {
    this.board?.renew((id) => this.book.pictures.get(id));
    for (const picture of this.pictures) {
      const known = this.book.pictures.get(picture.image?.id);
      if (known?.id) picture.finish(known); // else it is still being asked for
    }
  }

  /** Pictures that were taken back are shown again. */
  reshow() {
    this.board?.reshow();
    if (this.isNote || !this.pictures.some((picture) => picture.element.dataset.state === "removed")) return;
    this.grid.dataset.key = "";
    this.pictures = [];
    this.show();
  }

  // What can be done

  act() {
    if (this.primary.dataset.wanted === "cancel") return this.book.stop({ cell: this.id });
    return this.run();
  }

  /** A second press before the first one is answered asks for nothing more. */
  async run(onward = false) {
    if (this.asking) return;
    this.asking = true;
    await this.book.run({ cell: this.id, onward }).finally(() => (this.asking = false));
  }

  fold() {
    this.book.change({ op: "fold", cell: this.id, folded: !this.cell.folded });
  }

  openMenu() {
    const { notebook, cell } = this;
    const drawing = cell.kind !== "note";
    const first = cell.outputs.findIndex((one) => one.image);
    const from = { image: { cell: cell.id, output: Math.max(0, first) } };
    const entries = [
      drawing && { label: say("notebook_run_from"), name: "onward", run: () => this.run(true) },
      drawing && { label: say("notebook_use_bench"), name: "bench", run: () => this.toBench() },
      drawing && { label: say("notebook_go_on"), note: say("notebook_go_on_note"), name: "picture", run: () => notebook.addFrom(cell, "image_to_image", from) },
      drawing && { label: say("notebook_redraw"), name: "brush", run: () => notebook.addFrom(cell, "inpaint", from) },
      drawing && { label: say("notebook_steer"), name: "control", run: () => notebook.addFrom(cell, "control", { "controls.0.image": from.image }) },
      drawing && { label: say("notebook_enlarge"), name: "enlarge", run: () => notebook.addFrom(cell, "upscale", from) },
      drawing && { label: say("notebook_branch"), note: say("notebook_branch_note"), name: "branch", run: () => notebook.grow({ op: "branch", cell: cell.id }) },
      { label: say("notebook_duplicate"), name: "copy", run: () => notebook.grow({ op: "duplicate", cell: cell.id }) },
      { label: say("notebook_add_note"), name: "note", run: () => notebook.add("note", this.book.number(cell.id)) },
      { label: say("notebook_move_up"), name: "up", run: () => notebook.step(cell.id, -1) },
      { label: say("notebook_move_down"), name: "down", run: () => notebook.step(cell.id, 1) },
      { label: say("notebook_delete_cell"), name: "trash", kind: "bad", run: () => notebook.remove(cell.id) },
    ];
    menu(this.more, entries.filter(Boolean), say("notebook_cell_more"));
  }

  toBench() {
    const { draft, outputs } = this.cell;
    openDraft({ ...this.book.filled(this.cell), seed: draft.seed ?? outputs[0]?.seed });
  }

  keys(event) {
    const typing = event.target.closest("textarea, input, select");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation(); // the bench runs by the same keys
      if (event.repeat) return;
      if (!this.isNote) return this.run(event.shiftKey);
      this.writing(false);
      this.shown.focus();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.notebook.step(this.id, event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Escape" && typing) {
      typing.blur();
      this.element.focus();
    } else if (event.target === this.element) this.notebook.cellKeys(this, event);
  }
}

function madePicture(cell, image, index) {
  const size = image ?? cell.draft;
  const pictures = [];
  pictures[index] = { image, step: 0, of: 0, preview: null };
  const job = { state: "done", draft: { ...cell.draft, width: size.width, height: size.height }, pictures };
  const picture = new Picture(job, index);
  if (image) picture.update(job);
  else picture.remove();
  return picture;
}

function sameImages(job, made) {
  return job.pictures.every((view, index) => (view.image?.id ?? "") === (made[index]?.image ?? ""));
}

function stateOf(job, cell) {
  if (job?.state === "cancelled" && cell.state !== "fresh") return "cancelled";
  if (cell.state === "failed") return "failed";
  return cell.outputs.length ? "done" : null;
}

/** Leaves the caret where it is while the words are the same. */
function write(field, text) {
  if (field.value !== text) field.value = text;
}

export function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}
