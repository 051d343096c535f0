// The stage under the bench: the cells of the current notebook, newest nearest, and a start while there is none.

import { startFrom } from "./bench.js";
import { Book } from "./book.js";
import { CellView } from "./cell.js";
import { controlOf } from "./cell-controls.js";
import { Drag } from "./drag.js";
import { postFile } from "./api.js";
import { button, h, icon, onceAtATime } from "./dom.js";
import { suggestionsFor } from "./history.js";
import { listen, on } from "./live.js";
import { onOffers } from "./offers.js";
import { menu, toast, toastFailure } from "./overlays.js";
import { shelfButton, templateCards } from "./shelf.js";
import { readIn, takeAlongButton } from "./takealong.js";
import { currentTab, notebookSize } from "./tabs.js";
import { errorWords, say } from "./words.js";

const ORDER = "pixcosmos.order."; // with the notebook's id: "newest" nearest the bench, or as a "document" reads

const FIRST_GRID = { kind: "grid", x: { field: "steps", values: "5, 10, 20" }, y: { field: "guidance", values: "2, 3, 4" } };

export function mount(element, options) {
  new Stage(element, options);
  listen();
}

class Stage {
  constructor(element, options) {
    this.options = options;
    this.book = new Book();
    this.views = new Map();
    this.newestFirst = true;
    this.drag = new Drag(this);
    this.build(element);
    this.listen();
    this.book.load().catch(toastFailure).finally(() => this.update());
    // What a cell can choose from beside models: upscalers and control networks.
    onOffers((offers) => {
      this.options.offers = offers;
      this.update();
    });
  }

  build(element) {
    this.title = h("input", { class: "notebook-title", maxlength: 120, placeholder: say("notebook_untitled"), "aria-label": say("notebook_title"), autocomplete: "off" });
    this.title.addEventListener("change", () => this.rename());
    this.title.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && this.leaveTitle(event));
    this.stale = button("", { name: "onward", kind: "outlined stale-run", on: () => onceAtATime(this.stale, () => this.book.run({})) });
    this.halt = button(say("notebook_stop"), { name: "stop", kind: "outlined", on: () => this.book.stop() });
    this.undoing = button(say("notebook_undo"), { name: "undo", quiet: true, on: () => this.undo() });
    this.redoing = button(say("notebook_redo"), { name: "redo", quiet: true, on: () => this.book.change({ op: "redo" }) });
    this.adding = button(say("notebook_add_end"), { name: "plus", quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false", on: () => this.openAdder(this.adding, () => this.book.document.cells.length) });
    this.order = button(say("notebook_order"), { name: "order", quiet: true, on: () => this.setOrder(!this.newestFirst) });
    this.head = h("header", { class: "notebook-head" }, this.title, h("div", { class: "tools" }, this.stale, this.halt, this.adding, this.undoing, this.redoing, this.order, takeAlongButton(this.book), shelfButton(this.book)));
    this.list = h("div", { class: "runs cells", role: "region", "aria-label": say("stage") });
    this.said = h("div", { class: "said", role: "status", "aria-live": "polite" });
    this.empty = emptyState(this.options.examples, this.book);
    element.replaceChildren(this.head, this.empty, this.list, this.said);
    element.classList.add("notebook");
    document.addEventListener("keydown", (event) => this.undoKeys(event));
    this.acceptFiles(element);
  }

  /** A picture that is dropped or pasted here begins a cell; a notebook's file is read in. */
  acceptFiles(element) {
    const veil = h("div", { class: "drop", hidden: true }, h("span", { text: say("notebook_drop") }));
    element.append(veil);
    const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    element.addEventListener("dragenter", (event) => carries(event) && (veil.hidden = false));
    element.addEventListener("dragover", (event) => carries(event) && event.preventDefault());
    veil.addEventListener("dragleave", () => (veil.hidden = true));
    element.addEventListener("drop", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      event.stopPropagation();
      veil.hidden = true;
      for (const file of event.dataTransfer.files) this.bring(file);
    });
    element.addEventListener("paste", (event) => {
      const pictures = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
      if (pictures.length === 0) return;
      event.preventDefault();
      event.stopPropagation(); // the bench would take it too
      pictures.forEach((file) => this.bring(file));
    });
  }

  /** One after the other: the first may begin the notebook that the next goes to. */
  bring(file) {
    this.bringing = (this.bringing ?? Promise.resolve()).then(() => this.bringOne(file));
    return this.bringing;
  }

  async bringOne(file) {
    if (/\.(json|ipynb|zip)$/i.test(file.name)) return readIn(this.book, file);
    try {
      const { id } = await postFile("/api/inputs", file);
      if (!this.book.id) await this.book.create();
      await this.grow({ op: "add", kind: "image_to_image", draft: { kind: "image_to_image", image: id } });
    } catch (failure) {
      toastFailure(failure);
    }
  }

  listen() {
    this.book.addEventListener("change", () => this.update());
    this.book.addEventListener("failure", ({ detail }) => toastFailure(detail));
    this.book.addEventListener("lost", ({ detail }) => this.offerBack(detail));
    on("jobs", (jobs) => {
      for (const job of [...jobs].sort((one, other) => (one.created_at < other.created_at ? -1 : 1))) this.book.meet(job);
      jobs.forEach((job) => this.showJob(job));
    });
    on("job", (job) => {
      this.book.meet(job);
      this.showJob(job);
      this.announce(job);
    });
    on("gallery", () => {
      this.book.refresh().then(() => this.views.forEach((view) => view.reshow()));
      this.book.lookAgain().then(() => this.renew());
    });
    on("changed", ({ ids, apply }) => {
      this.book.alter(ids, apply);
      this.renew();
    });
    on("removed", (ids) => {
      const gone = new Set(ids);
      for (const view of this.views.values()) view.remove(gone);
      this.book.refresh();
    });
  }

  renew() {
    for (const view of this.views.values()) if (!view.isNote) view.renew();
  }

  showJob(job) {
    for (const view of this.views.values()) if (view.cell && !view.isNote) view.hear(job);
  }

  // What is shown

  update() {
    const view = this.book.document;
    const cells = view?.cells ?? [];
    // A template begins with its note; runs of the bench stand nearest to it.
    const order = view && (localStorage.getItem(ORDER + view.id) ?? (cells[0]?.kind === "note" ? "document" : "newest"));
    this.newestFirst = order !== "document";
    this.showHead(view, cells);
    notebookSize(cells.length);
    const shown = this.newestFirst ? [...cells].reverse() : cells;
    const drawings = cells.filter((cell) => cell.draft).reverse();
    // The newest that has a picture, or is getting one, is the large one.
    const lead = (drawings.find((cell) => cell.state === "running" || cell.outputs.length) ?? drawings[0])?.id;
    const ids = new Set(cells.map((cell) => cell.id));
    for (const [id, one] of this.views) if (!ids.has(id)) this.drop(id, one);
    const first = this.views.size === 0;
    shown.forEach((cell, index) => this.place(cell, index, { lead: cell.id === lead, first }));
    this.showEmptiness();
  }

  showEmptiness() {
    const empty = !this.book.document?.cells.length;
    this.empty.hidden = !empty;
    document.documentElement.toggleAttribute("data-empty", empty);
  }

  showHead(view, cells) {
    this.head.hidden = !view;
    if (!view) return;
    if (document.activeElement !== this.title && !this.renaming) this.title.value = view.title;
    const stale = cells.filter((cell) => cell.draft && (cell.state === "stale" || cell.state === "failed"));
    const busy = cells.filter((cell) => cell.state === "running");
    this.stale.hidden = stale.length === 0;
    this.stale.querySelector("span").textContent = say("notebook_run_stale", { n: stale.length });
    this.halt.hidden = busy.length < 2;
    this.undoing.disabled = !view.can_undo;
    this.redoing.disabled = !view.can_redo;
    this.order.setAttribute("aria-label", say(this.newestFirst ? "notebook_order_document" : "notebook_order_newest"));
    this.order.title = this.order.getAttribute("aria-label");
    this.order.setAttribute("aria-pressed", String(!this.newestFirst));
  }

  place(cell, index, { lead, first }) {
    let view = this.views.get(cell.id);
    const fresh = !view;
    if (fresh) {
      view = new CellView(this, cell);
      view.gap = this.gap(view);
      this.views.set(cell.id, view);
    }
    const here = this.list.children[2 * index];
    if (here !== view.element) {
      const focused = view.element.contains(document.activeElement) ? document.activeElement : null;
      this.list.insertBefore(view.element, here ?? null);
      view.element.after(view.gap);
      focused?.focus({ preventScroll: true });
    }
    view.update(cell, { lead });
    if (fresh && !first) this.arrive(view);
  }

  arrive(view) {
    view.element.classList.add("arriving");
    if (currentTab() !== "text_to_image" && !this.list.contains(document.activeElement)) return; // the bench keeps its place
    view.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  drop(id, view) {
    const inside = view.element.contains(document.activeElement);
    const next = view.gap.nextElementSibling ?? view.element.previousElementSibling;
    view.element.remove();
    view.gap.remove();
    this.views.delete(id);
    if (inside) next?.focus?.();
  }

  /** The room below a cell as it is shown, where another one can be put. */
  gap(view) {
    const adder = h("button", { type: "button", class: "adder", "aria-label": say("notebook_add"), title: say("notebook_add"), "aria-haspopup": "dialog", "aria-expanded": "false" }, icon("plus"));
    adder.addEventListener("click", () => this.openAdder(adder, () => this.book.number(view.id) - (this.newestFirst ? 1 : 0)));
    return h("div", { class: "gap" }, adder);
  }

  openAdder(anchor, at) {
    const names = { text_to_image: "plus", image_to_image: "picture", inpaint: "brush", control: "control", upscale: "enlarge", grid: "grid", note: "note" };
    const entries = Object.keys(names).map((kind) => ({ label: say(`notebook_kind_${kind}`), name: names[kind], run: () => this.add(kind, at()) }));
    menu(anchor, entries, say("notebook_add"));
  }

  /** Marks the cell that an input comes from. */
  point(cellId, value) {
    this.views.get(cellId)?.element.classList.toggle("pointed", value);
  }

  // What a person does

  async add(kind, at) {
    const nearest = this.book.document.cells.slice(0, at).reverse().find((cell) => cell.draft);
    const name = { text_to_image: "", note: "", grid: "", control: "controls.0.image" }[kind] ?? "image";
    const inputs = nearest && name ? { [name]: { cell: nearest.id, output: 0 } } : {};
    await this.grow({ op: "add", kind, at, inputs, ...(kind === "grid" ? { series: FIRST_GRID } : {}), ...(kind === "note" ? {} : { draft: this.draftOf(kind, nearest?.draft) }) });
  }

  addFrom(cell, kind, inputs) {
    return this.grow({ op: "add", kind, inputs, draft: this.draftOf(kind, cell.draft) });
  }

  /** What a new cell takes over from the one it follows. */
  draftOf(kind, from) {
    if (kind === "upscale") return { kind, scale: 2 };
    const { model, width, height, steps, guidance, scheduler, prompt } = from ?? {};
    const kept = from && from.kind !== "upscale" ? { model, width, height, steps, guidance, scheduler } : {};
    if (kind === "control") return { kind: "text_to_image", ...kept, prompt: prompt ?? "", controls: [controlOf(this.options.offers, model)] };
    if (kind === "grid") return { kind: "text_to_image", ...kept, prompt: prompt ?? "" };
    const own = { image_to_image: { prompt: prompt ?? "" }, inpaint: { strength: 1 } }[kind] ?? {};
    return { kind, ...kept, ...own };
  }

  /** A change that makes a cell, and the focus goes to it. */
  async grow(change) {
    const before = new Set(this.book.document.cells.map((cell) => cell.id));
    if (!(await this.book.change(change))) return;
    const made = this.book.document.cells.find((cell) => !before.has(cell.id));
    const view = made && this.views.get(made.id);
    if (!view) return;
    if (view.isNote) view.writing(true);
    else (view.words.hidden ? view.element : view.words).focus();
  }

  async remove(cellId) {
    const number = this.book.number(cellId);
    if (!(await this.book.change({ op: "delete", cells: [cellId] }))) return;
    const close = toast(say("notebook_deleted_cell", { number }), { action: { label: say("notebook_undo"), run: () => this.undo() } });
    const { id, version } = this.book.document;
    this.book.addEventListener("change", function later() {
      if (this.id === id && this.document.version === version) return;
      close(); // the next undo would take back something else
      this.removeEventListener("change", later);
    });
  }

  /** The new title stays in its field until it is written. */
  async rename() {
    const mine = (this.renaming = this.book.change({ op: "rename", title: this.title.value }));
    await mine;
    if (this.renaming !== mine) return;
    this.renaming = null;
    this.update();
  }

  /** With Ctrl too: whoever writes a title wants nothing drawn. */
  leaveTitle(event) {
    event.preventDefault();
    event.stopPropagation();
    this.title.blur();
  }

  undo() {
    return this.book.change({ op: "undo" });
  }

  /** One place on or back as it is shown. */
  step(cellId, way) {
    return this.moveTo(cellId, () => this.book.number(cellId) - 1 + (this.newestFirst ? -way : way));
  }

  /** `place()` is asked once the changes before are written: two steps in a row are two places. */
  async moveTo(cellId, place) {
    const move = () => {
      const [from, to] = [this.book.number(cellId) - 1, place()];
      const moves = from >= 0 && to >= 0 && to < this.book.document.cells.length && to !== from;
      return moves ? { op: "move", cell: cellId, to } : null;
    };
    if (await this.book.change(move)) this.say(say("notebook_moved", { number: this.book.number(cellId) }));
  }

  setOrder(newestFirst) {
    localStorage.setItem(ORDER + this.book.id, newestFirst ? "newest" : "document");
    this.update();
  }

  async offerBack(mine) {
    const { text, ...draft } = mine;
    const again = text === undefined ? { op: "add", kind: "text_to_image", draft } : { op: "add", kind: "note", text };
    toast(say("notebook_lost"), { kind: "bad", action: { label: say("notebook_put_back"), run: () => this.grow(again) } });
  }

  /** With the focus on a cell itself: to its neighbours, into it, away with it. */
  cellKeys(view, event) {
    const elements = [...this.list.querySelectorAll(".cell")];
    const at = elements.indexOf(view.element);
    if (event.key === "ArrowDown" || event.key === "j") elements[at + 1]?.focus();
    else if (event.key === "ArrowUp" || event.key === "k") elements[at - 1]?.focus();
    else if (event.key === "Enter") view.isNote ? view.writing(true) : view.words.focus();
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(view.id);
    else return;
    event.preventDefault();
  }

  undoKeys(event) {
    if (document.documentElement.dataset.view !== "studio" || !(event.ctrlKey || event.metaKey)) return;
    if (currentTab() !== "text_to_image" && !event.target.closest?.("#stage")) return; // a mask has an undo of its own
    if (event.target.closest?.("textarea, input, select, dialog") || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    this.book.change({ op: key === "y" || event.shiftKey ? "redo" : "undo" });
  }

  /** Says aloud what happened, in quarters rather than steps. */
  announce(job) {
    const { prompt } = job.draft;
    if (job.state === "running") {
      const steps = job.pictures.reduce((sum, view) => sum + view.step, 0);
      const all = job.pictures.reduce((sum, view) => sum + view.of, 0);
      const percent = all ? Math.floor((4 * steps) / all) * 25 : 0;
      this.say(say("said_working", { prompt, phase: say(`phase_${job.phase}`), percent }));
    } else if (job.state === "done") {
      this.say(say("said_done", { prompt, n: job.pictures.length }));
    } else if (job.state === "failed") {
      this.say(say("said_failed", { prompt, title: errorWords(job.error.code).title }));
    }
  }

  say(sentence) {
    if (this.said.textContent !== sentence) this.said.textContent = sentence;
  }
}

function emptyState(examples, book) {
  const cards = examples.map(({ prompt, picture }) =>
    h(
      "button",
      { type: "button", class: "example", "aria-label": say("example_draw", { prompt }), on: { click: () => startFrom(prompt) } },
      h("img", { src: picture, alt: "", width: 256, height: 256, loading: "lazy" }),
      h("span", { text: prompt }),
    ),
  );
  const own = h("div", { class: "ideas" });
  suggestionsFor(own);
  return h(
    "div",
    { class: "welcome", hidden: true },
    h("h2", { text: say("empty_title") }),
    h("p", { text: say("empty_text") }),
    h("div", { class: "examples" }, cards),
    own,
    h("h3", { text: say("notebook_templates") }),
    h("p", { text: say("notebook_explained") }),
    templateCards(book),
  );
}
