// The current notebook as this page knows it: reads it, sends one change after the other, and loses nothing typed.

import { ask, get, post } from "./api.js";
import { jobs, on } from "./live.js";
import { turns } from "./turns.js";
import { errorWords, language } from "./words.js";

const SEND_AFTER = 500; // milliseconds without typing
const ASK_AFTER = 120; // several pieces of news are asked about once
const AGAIN_AFTER = [1000, 2000, 5000, 10000, 30000]; // while the studio cannot be reached
const KEPT = "pixcosmos.unsent"; // what was typed and not yet acknowledged survives a reload

/** Tells "change" (the document), "conflict" ({cell, names}), "lost" ({cell, draft, text}) and "failure". */
export class Book extends EventTarget {
  constructor() {
    super();
    this.document = null;
    this.pictures = new Map();
    this.unsent = new Map(Object.entries(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}")));
    this.conflicts = new Map();
    this.queue = Promise.resolve();
    this.loading = null;
    this.tries = 0; // since the studio was last reached
    this.asked = 0; // questions about the document, counted: what a later one answered is newer
    this.heard = 0;
    this.opening = turns();
    on("notebook", (news) => this.hear(news));
    on("job", (job) => this.meet(job));
    on("notebook-opened", ({ id }) => this.open(id).catch(() => {}));
    on("connection", ({ connected, again }) => connected && again && this.refresh().then(() => this.flush()));
    window.addEventListener("online", () => this.flush());
    window.addEventListener("focus", () => this.claim());
    window.addEventListener("pagehide", () => this.flush());
  }

  get id() {
    return this.document?.id ?? null;
  }

  cell(id) {
    return this.document?.cells.find((cell) => cell.id === id) ?? null;
  }

  number(id) {
    return this.document.cells.findIndex((cell) => cell.id === id) + 1;
  }

  async load() {
    const view = await this.hearing(get("/api/notebooks/current"));
    for (const id of this.unsent.keys()) this.send(id);
    return view;
  }

  /** Makes another notebook the current one. */
  async open(id) {
    await this.flush();
    await this.turnTo(post(`/api/notebooks/${id}/open`));
  }

  async create(template = "empty") {
    await this.flush();
    await this.turnTo(post("/api/notebooks", { template, language }));
  }

  /** Another notebook from now on. Of two that are asked for at once, the later one stays. */
  async turnTo(answer) {
    const last = this.opening.next();
    const view = await answer;
    if (!last()) return;
    this.document = null;
    this.adopt(view);
    this.flush(); // what was typed there before
  }

  /** What the studio answers is the document from now on, unless it is older than what is known. Resolves to it. */
  async hearing(answer) {
    const asked = (this.asked += 1);
    const view = await answer;
    if (view) this.adopt(view, asked);
    return view;
  }

  /** A run changes what is known of a cell, but not the document's version: there the later question counts. */
  adopt(view, asked = (this.asked += 1)) {
    if (this.document) {
      const { id, version } = this.document;
      if (view.id !== id || view.version < version || (view.version === version && asked < this.heard)) return;
    }
    this.heard = asked;
    for (const [id, picture] of Object.entries(view.pictures ?? {})) this.pictures.set(id, picture);
    this.document = view;
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** Asks what is new. Calls at the same time share one request. */
  refresh() {
    this.loading ??= new Promise((done) => setTimeout(done, ASK_AFTER))
      .then(() => {
        this.loading = null;
        const { id } = this;
        const gone = (failure) => failure.code === "not_found" && id === this.id && this.forget();
        return this.hearing(get(id ? `/api/notebooks/${id}?pictures=false` : "/api/notebooks/current")).catch(gone);
      })
      .catch(() => {});
    return this.loading;
  }

  async forget() {
    this.document = null;
    if (!(await this.load().catch(() => null))) this.dispatchEvent(new CustomEvent("change"));
  }

  hear({ id }) {
    if (!this.id || id === this.id) this.refresh();
  }

  /** A run of this page's bench may have begun a new notebook. One of another tab changes nothing here. */
  meet(job) {
    for (const view of job.pictures) if (view.image) this.pictures.set(view.image.id, view.image);
    if (job.state !== "queued" || this.document?.cells.some((cell) => cell.job === job.id || (job.series && cell.series_id === job.series.series_id))) return;
    clearTimeout(this.meeting);
    this.meeting = setTimeout(async () => {
      const { id } = this;
      const still = this.opening.now();
      const asked = (this.asked += 1);
      const view = await get("/api/notebooks/current").catch(() => null);
      if (!view || id !== this.id || !still()) return;
      if (id && view.id !== id) {
        if (!document.hasFocus()) return;
        this.document = null;
      }
      this.adopt(view, asked);
    }, 2 * ASK_AFTER);
  }

  /** Runs of the bench go to the notebook of the tab that is being used. */
  claim() {
    if (this.id) this.hearing(post(`/api/notebooks/${this.id}/open?pictures=false`)).catch(() => {});
  }

  /** The picture's view, asked for once when it is not known yet; null when it is gone, undefined when nobody answered. */
  async picture(id) {
    if (!this.pictures.has(id)) this.pictures.set(id, get(`/api/images/${id}`).catch((failure) => (failure.code === "not_found" ? null : undefined)));
    const view = await this.pictures.get(id);
    if (view === undefined) this.pictures.delete(id);
    else this.pictures.set(id, view);
    return view;
  }

  /** Asks anew about pictures that are held back: a moderator may have released one. */
  async lookAgain() {
    const held = [...this.pictures].filter(([, view]) => view?.flag);
    await Promise.all(held.map(async ([id, view]) => {
      this.pictures.delete(id);
      if ((await this.picture(id)) === undefined) this.pictures.set(id, view);
    }));
  }

  /** What this page changed about some pictures. */
  alter(ids, apply) {
    for (const [id, view] of this.pictures) if (view?.id && ids.has(id)) apply(view);
  }

  /** The picture that an input stands for now; `""` while there is none. */
  source(cell, name) {
    const reference = cell.inputs[name];
    if (reference) return this.cell(reference.cell)?.outputs[reference.output]?.image ?? "";
    const [field, number] = name.split(".");
    return (number === undefined ? cell.draft[field] : cell.draft[field]?.[number]?.image) ?? "";
  }

  /** The cell's draft with the pictures that its inputs stand for. */
  filled(cell) {
    const controls = cell.draft.controls.map((one, index) => ({ ...one, image: this.source(cell, `controls.${index}.image`) }));
    return { ...cell.draft, image: this.source(cell, "image"), controls };
  }

  // What is typed: kept at once, sent a moment later, all fields of a cell together.

  /** `values` are fields of the draft, or `text` of a note. `gesture` says what belongs to one undo. */
  type(cellId, values, gesture) {
    const cell = this.cell(cellId);
    const entry = this.unsent.get(cellId) ?? { notebook: this.id, mine: {}, base: {} };
    for (const [name, value] of Object.entries(values)) {
      entry.mine[name] = value;
      if (!(name in entry.base)) entry.base[name] = held(cell, name);
    }
    entry.gesture = gesture;
    this.unsent.set(cellId, entry);
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), SEND_AFTER);
  }

  /** What the page shows for a field: what was typed, else what the document holds. */
  value(cellId, name) {
    const entry = this.unsent.get(cellId);
    if (entry && name in entry.mine) return entry.mine[name];
    return held(this.cell(cellId), name);
  }

  flush() {
    clearTimeout(this.timer);
    return Promise.all([...this.unsent.keys()].map((id) => this.send(id)));
  }

  send(cellId) {
    return this.line(async () => {
      const entry = this.unsent.get(cellId);
      if (!entry || entry.notebook !== this.id || this.conflicts.has(cellId)) return;
      const mine = { ...entry.mine };
      const cell = this.cell(cellId);
      if (!cell) return this.lose(cellId, entry);
      const { text, ...draft } = mine;
      const change = { op: "edit", cell: cellId, ...(cell.kind === "note" ? { text } : { draft }) };
      const clash = () => {
        const here = this.cell(cellId);
        const known = (name, value) => [entry.base[name], value, ...(entry.sent?.[name] ?? [])].some((one) => same(held(here, name), one));
        return !here || Object.entries(mine).some(([name, value]) => !known(name, value));
      };
      // News of the other's words may have come before ours were sent.
      const fits = !clash();
      if (fits) this.noteSent(entry, mine);
      const done = fits && (await this.put(change, entry.gesture, clash, (failure) => this.again(failure)));
      if (done) this.acknowledge(cellId, mine, done);
      else if (!this.cell(cellId)) this.lose(cellId, entry);
      else if (done === false) this.clash(cellId, Object.keys(mine));
    });
  }

  /** It may be written although the answer is lost: then those words are ours and no other's. */
  noteSent(entry, mine) {
    entry.sent ??= {};
    for (const [name, value] of Object.entries(mine)) entry.sent[name] = [...(entry.sent[name] ?? []).slice(-9), value];
    this.keep();
  }

  acknowledge(cellId, mine, { cells }) {
    const entry = this.unsent.get(cellId);
    if (!entry) return;
    delete entry.sent;
    const written = cells.find((cell) => cell.id === cellId);
    for (const [name, value] of Object.entries(mine)) {
      const typedOn = !same(entry.mine[name], value);
      if (typedOn) entry.base[name] = held(written, name);
      else for (const side of [entry.mine, entry.base]) delete side[name];
    }
    if (Object.keys(entry.mine).length === 0) this.unsent.delete(cellId);
    this.keep();
  }

  clash(cellId, names) {
    this.conflicts.set(cellId, names);
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** After a conflict: writes what was typed over the other's words. */
  keepMine(cellId) {
    const entry = this.unsent.get(cellId);
    for (const name of Object.keys(entry.mine)) entry.base[name] = held(this.cell(cellId), name);
    this.conflicts.delete(cellId);
    return this.send(cellId);
  }

  takeTheirs(cellId) {
    this.unsent.delete(cellId);
    this.conflicts.delete(cellId);
    this.keep();
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** The cell was deleted elsewhere while something was typed into it. */
  lose(cellId, entry) {
    this.unsent.delete(cellId);
    this.keep();
    this.dispatchEvent(new CustomEvent("lost", { detail: entry.mine }));
  }

  keep() {
    sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(this.unsent)));
  }

  // Everything else a person does.

  /** Sends what was typed, then the change. Resolves to whether it was done. One that depends on the document is a
   *  function, called once those before it are written; it answers null when there is nothing left to do. */
  async change(change, gesture = "") {
    await this.flush();
    return this.line(() => this.put(change, gesture, () => false));
  }

  run(body) {
    return this.ask("run", body);
  }

  stop(body = {}) {
    return this.ask("stop", body);
  }

  async ask(verb, body) {
    await this.flush();
    try {
      await this.hearing(post(`/api/notebooks/${this.id}/${verb}`, body));
      return true;
    } catch (failure) {
      this.fail(failure);
      return false;
    }
  }

  /** One at a time: each sees the version that the one before it made. */
  line(step) {
    this.queue = this.queue.then(step, step);
    return this.queue;
  }

  /** The written document, false when `clash` says that the change no longer fits the newer one, else undefined. */
  async put(change, gesture, clash, fail = (failure) => this.fail(failure)) {
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        const wanted = typeof change === "function" ? change() : change;
        if (!wanted) return undefined;
        const body = { version: this.document.version, change: wanted, gesture };
        const written = await this.hearing(ask(`/api/notebooks/${this.id}/changes`, "POST", body));
        this.tries = 0;
        return written;
      } catch (failure) {
        if (!failure.answer?.notebook) return fail(failure);
        this.adopt(failure.answer.notebook);
        if (clash()) return false;
      }
    }
    return fail(errorWords("notebook_stale"));
  }

  /** What was typed is kept, and sent once the studio answers. It is said once that it does not. */
  again(failure) {
    if (failure.code !== "unreachable") return this.fail(failure);
    if (this.tries === 0) this.fail(failure);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), AGAIN_AFTER[Math.min(this.tries, AGAIN_AFTER.length - 1)]);
    this.tries += 1;
    return undefined;
  }

  fail(failure) {
    this.dispatchEvent(new CustomEvent("failure", { detail: failure }));
    return undefined;
  }

  /** The last job of a cell as the event stream tells it, while it matters. */
  job(cell) {
    return cell.job ? (jobs.get(cell.job) ?? null) : null;
  }
}

function held(cell, name) {
  if (!cell) return undefined;
  return name === "text" ? (cell.text ?? "") : cell.draft?.[name];
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
