// The stage: every run of the last hour as a card, newest first, and the examples while there is none.

import { post } from "./api.js";
import { generateAgain, startFrom } from "./bench.js";
import { button, h } from "./dom.js";
import { jobs, listen, on } from "./live.js";
import { noticeLines } from "./notice.js";
import { toastFailure } from "./overlays.js";
import { Picture, queueNote } from "./picture.js";
import { suggestionsFor } from "./history.js";
import { SeriesCard } from "./series.js";
import { clock, errorWords, say } from "./words.js";

const ACTIVE = new Set(["queued", "running"]);

export function mount(element, { examples }) {
  new Stage(element, examples);
  listen();
}

class Stage {
  constructor(element, examples) {
    this.cards = new Map();
    this.list = h("div", { class: "runs" });
    this.said = h("div", { class: "said", role: "status", "aria-live": "polite" });
    this.empty = emptyState(examples);
    element.replaceChildren(this.empty, this.list, this.said);
    on("jobs", (views) => this.reset(views));
    on("job", (job) => this.update(job));
    on("removed", (ids) => this.remove(new Set(ids)));
    this.reset([...jobs.values()]);
  }

  reset(views) {
    const ids = new Set(views.map(keyOf));
    for (const [id, card] of this.cards) if (!ids.has(id)) this.drop(id, card);
    for (const job of [...views].sort(byAge)) this.update(job, true);
    this.showEmptiness();
  }

  update(job, quiet = false) {
    let card = this.cards.get(keyOf(job));
    if (!card && !worthShowing(job)) return;
    if (!card) {
      if (job.series && this.cards.has(job.id)) this.drop(job.id, this.cards.get(job.id));
      card = job.series ? new SeriesCard(job) : new Card(job);
      this.cards.set(keyOf(job), card);
      this.list.prepend(card.element);
      if (!quiet) card.arrive();
    }
    const before = card.job.state;
    card.update(job);
    if (!quiet) this.announce(job, before);
    this.showEmptiness();
  }

  remove(ids) {
    for (const [id, card] of this.cards) {
      card.remove(ids);
      if (card.isEmpty()) this.drop(id, card);
    }
    this.showEmptiness();
  }

  drop(id, card) {
    card.element.remove();
    this.cards.delete(id);
  }

  showEmptiness() {
    const empty = this.cards.size === 0;
    this.empty.hidden = !empty;
    document.documentElement.toggleAttribute("data-empty", empty);
  }

  /** Says aloud what happened, in quarters rather than steps. */
  announce(job, before) {
    const { prompt } = job.draft;
    if (job.state === "running") {
      const steps = job.pictures.reduce((sum, view) => sum + view.step, 0);
      const all = job.pictures.reduce((sum, view) => sum + view.of, 0);
      const percent = all ? Math.floor((4 * steps) / all) * 25 : 0;
      this.say(say("said_working", { prompt, phase: say(`phase_${job.phase}`), percent }));
    } else if (job.state !== before && job.state === "done") {
      this.say(say("said_done", { prompt, n: job.pictures.length }));
    } else if (job.state !== before && job.state === "failed") {
      this.say(say("said_failed", { prompt, title: job.error.title }));
    }
  }

  say(sentence) {
    if (this.said.textContent !== sentence) this.said.textContent = sentence;
  }
}

/** One run: its prompt and settings, its pictures, and what can be done with it now. */
class Card {
  constructor(job) {
    this.job = job;
    this.pictures = job.pictures.map((_, index) => new Picture(job, index));
    this.title = h("h2", { text: job.draft.prompt, title: job.draft.prompt });
    this.facts = h("p", { class: "facts" });
    this.tools = h("div", { class: "tools" });
    this.notice = h("div", { class: "notice", hidden: true });
    this.grid = h("div", { class: "pictures" }, this.pictures.map((picture) => picture.element));
    const heading = h("div", { class: "heading" }, this.title, this.facts);
    this.element = h(
      "article",
      { class: "card run", "aria-label": job.draft.prompt, data: { job: job.id, count: job.pictures.length } },
      h("header", {}, heading, this.tools),
      this.notice,
      this.grid,
    );
  }

  arrive() {
    this.element.classList.add("arriving");
    this.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  update(job) {
    this.job = job;
    const failed = job.state === "failed" || job.state === "cancelled";
    this.element.dataset.state = job.state;
    // Only what is about to be drawn takes the room of its pictures; the rest of the queue is a line each.
    this.element.classList.toggle("folded", (job.state === "queued" && job.ahead > 0) || (failed && !drew(job)));
    this.facts.replaceChildren(...facts(job));
    for (const picture of this.pictures) picture.update(job);
    this.showTools(failed);
    this.showNotice();
  }

  showTools(failed) {
    const wanted = ACTIVE.has(this.job.state) ? "cancel" : failed ? "again" : "";
    if (this.tools.dataset.wanted === wanted) return;
    this.tools.dataset.wanted = wanted;
    if (wanted === "cancel") this.tools.replaceChildren(button(say("cancel"), { name: "close", kind: "outlined", on: () => this.cancel() }));
    else if (wanted === "again") this.tools.replaceChildren(button(say("try_again"), { name: "again", kind: "outlined", on: () => generateAgain(this.job.draft) }));
    else this.tools.replaceChildren();
  }

  showNotice() {
    const { error, state } = this.job;
    this.notice.hidden = state !== "failed";
    if (!this.notice.hidden) this.notice.replaceChildren(...noticeLines(error ?? errorWords("")));
  }

  async cancel() {
    try {
      await post(`/api/jobs/${this.job.id}/cancel`);
    } catch (failure) {
      toastFailure(failure);
    }
  }

  remove(ids) {
    for (const picture of this.pictures) if (ids.has(picture.shown)) picture.remove();
  }

  isEmpty() {
    return this.job.state === "done" && this.pictures.every((picture) => picture.element.dataset.state === "removed");
  }
}

function facts(job) {
  const { draft } = job;
  const made = [
    job.model_name,
    `${draft.width} × ${draft.height}`,
    say("steps_value", { n: draft.steps }),
    say("guidance_value", { value: draft.guidance }),
  ];
  const first = job.state === "queued" && job.ahead > 0 ? queueNote(job) : job.state === "cancelled" ? say("state_cancelled") : "";
  const rest = [...made, clock(job.created_at)].map((text) => h("span", { text }));
  return first ? [h("span", { class: "first", text: first }), ...rest] : rest;
}

function emptyState(examples) {
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
    { class: "welcome" },
    h("h2", { text: say("empty_title") }),
    h("p", { text: say("empty_text") }),
    h("div", { class: "examples" }, cards),
    own,
  );
}

// A run whose pictures were all deleted is over for the stage as well.
function worthShowing(job) {
  return job.state !== "done" || drew(job);
}

function drew(job) {
  return job.pictures.some((view) => view.image || view.preview);
}

// Jobs that were asked for together share a card.
function keyOf(job) {
  return job.series?.series_id ?? job.id;
}

function byAge(one, other) {
  return one.created_at < other.created_at ? -1 : 1;
}
