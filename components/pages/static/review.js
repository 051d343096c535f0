// What moderators have to look at: one case at a time, taken on first, blurred until they ask to see it.

import { get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { noticeLines } from "./notice.js";
import { toast, toastFailure } from "./overlays.js";
import { turns } from "./turns.js";
import { moment, say } from "./words.js";

const DECISIONS = { picture: ["release", "uphold"], report: ["dismiss", "take_down"] };
const ICONS = { picture: "picture", report: "showcase" };

const nameOf = ({ kind, id }) => `${kind}/${id}`;

export function mount(element) {
  new Review(element);
}

class Review {
  constructor(element) {
    this.rows = new Map(); // by the case's name, each as it was told
    this.loading = turns();
    this.list = h("ul", { class: "cases" });
    this.message = h("div", { class: "message", role: "status" });
    const head = h("header", { class: "top" }, h("div", {}, h("h1", { text: say("review") }), h("p", { text: say("review_text") })));
    element.replaceChildren(head, this.list, this.message);
    addEventListener("hashchange", () => this.isOpen() && this.load());
    if (this.isOpen()) this.load();
  }

  isOpen() {
    return location.hash === "#review";
  }

  async load() {
    const last = this.loading.next();
    try {
      const { cases } = await get("/api/review");
      if (last()) this.show(cases);
    } catch (failure) {
      if (!last()) return;
      this.message.replaceChildren(h("div", { class: "notice" }, noticeLines({ title: say("review_failed"), ...failure })));
    }
  }

  /** Rows that tell the same stay as they are; one that is being judged keeps what was written in it. */
  show(cases) {
    const names = new Set(cases.map(nameOf));
    for (const [name, { row }] of this.rows) if (!names.has(name)) this.drop(name, row);
    cases.forEach((one, place) => {
      const row = this.renewed(one);
      if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null);
    });
    this.showEmptiness();
  }

  renewed(one) {
    const known = this.rows.get(nameOf(one));
    const told = JSON.stringify(one);
    if (known?.told === told) return known.row;
    const row = this.row(one);
    const judging = known?.row.dataset.claim === "mine" && one.claim === "mine" && known.row.querySelector(".inside");
    if (judging) known.row.querySelector(".head").replaceWith(row.querySelector(".head"));
    else known?.row.replaceWith(row);
    this.rows.set(nameOf(one), { row: judging ? known.row : row, told });
    return this.rows.get(nameOf(one)).row;
  }

  /** A decided case: a focus that stood in it goes on to its neighbour. */
  leave(name, row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const idle = document.activeElement === document.body || row.contains(document.activeElement);
    this.drop(name, row);
    this.showEmptiness();
    if (idle) next?.querySelector("button, textarea")?.focus({ preventScroll: true });
  }

  drop(name, row) {
    row.remove();
    this.rows.delete(name);
  }

  showEmptiness() {
    this.message.replaceChildren(...(this.rows.size ? [] : [this.empty()]));
  }

  empty() {
    return h("div", { class: "welcome" }, h("h2", { text: say("review_empty_title") }), h("p", { text: say("review_empty_text") }));
  }

  row(one) {
    const row = h("li", { data: { kind: one.kind, claim: one.claim } });
    const facts = [
      say(`review_label_${one.label}`),
      one.score ? say("review_score", { score: Math.round(100 * one.score) }) : "",
      one.asked > 1 ? say("review_asked", { n: one.asked }) : "",
      moment(one.created_at),
    ].filter(Boolean);
    const head = h("div", { class: "head" }, icon(ICONS[one.kind]), h("div", {}, h("h2", { text: say(`review_${one.kind}`) }), h("p", { class: "notes" }, facts.map((fact) => h("span", { text: fact })))));
    row.append(head);
    if (one.claim === "mine") row.append(this.inside(one));
    else if (one.claim === "taken") head.append(h("span", { class: "taken", text: say("review_taken") }));
    else head.append(button(say("review_claim"), { kind: "primary", on: (event) => this.claim(one, event.currentTarget) }));
    return row;
  }

  async claim(one, asked) {
    asked.disabled = true;
    try {
      this.loading.next(); // a list that was asked for before does not know of it
      this.renewed(await post(`/api/review/${one.kind}/${one.id}/claim`));
    } catch (failure) {
      toastFailure(failure);
      this.load();
    }
  }

  /** Of a case that was taken on: the picture, what was written, and what can be decided. */
  inside(one) {
    const words = one.words ? h("blockquote", { text: one.words }) : h("p", { class: "faint", text: say("review_no_words") });
    const page = one.page && h("a", { class: "button outlined", href: one.page, target: "_blank", rel: "noopener" }, icon("open"), h("span", { text: say("showcase_open") }));
    const answer = h("textarea", { rows: 3, maxlength: 1000 });
    const buttons = DECISIONS[one.kind].map((decision, place) => button(say(`review_${decision}`), { kind: place ? "outlined bad" : "primary", on: (event) => this.decide(one, decision, answer, event.currentTarget) }));
    const judging = h(
      "div",
      { class: "judging" },
      h("h3", { text: say(`review_words_${one.kind}`) }),
      words,
      page || null,
      h("label", { class: "entry" }, h("span", { text: say("review_answer") }), answer),
      h("p", { class: "faint", text: say(`review_means_${one.kind}`) }),
      h("div", { class: "choices" }, buttons),
    );
    return h("div", { class: "inside" }, this.picture(one), judging);
  }

  /** Blurred until asked for; a notebook's pictures one after the other, each blurred again first. */
  picture(one) {
    const base = `/api/review/${one.kind}/${one.id}/picture`;
    let number = 1;
    const shown = h("img");
    const clear = button(say("review_show"), { name: "search", kind: "outlined", on: () => look(true) });
    const cover = h("div", { class: "cover" }, clear, h("small", { text: say("review_recorded") }));
    const again = button(say("review_blur"), { kind: "outlined blur-again", on: () => look(false) });
    const place = h("span", { role: "status" });
    const before = button(say("review_before"), { name: "previous", quiet: true, on: () => step(-1) });
    const after = button(say("review_after"), { name: "next", quiet: true, on: () => step(1) });
    const look = (open) => {
      shown.src = `${base}?number=${number}${open ? "&clear=true" : ""}`;
      shown.alt = say(open ? "review_clear" : "review_blurred");
      cover.hidden = open;
      again.hidden = !open;
      place.textContent = say("review_place", { number, all: one.pictures });
      before.disabled = number <= 1;
      after.disabled = number >= one.pictures;
    };
    const step = (by) => {
      number += by;
      look(false);
    };
    look(false);
    const steps = one.pictures > 1 && h("div", { class: "steps" }, before, place, after);
    return h("div", { class: "looking" }, h("figure", { class: "seen" }, shown, cover, again), steps || null);
  }

  async decide(one, decision, answer, asked) {
    asked.disabled = true;
    try {
      await post(`/api/review/${one.kind}/${one.id}/decide`, { decision, answer: answer.value });
      toast(say(`review_done_${decision}`));
      this.loading.next(); // a list that was asked for before has the case still
      this.leave(nameOf(one), asked.closest("li"));
      dispatchEvent(new Event("reviewed"));
    } catch (failure) {
      asked.disabled = false;
      if (failure.code === "answer_needed") answer.focus();
      toastFailure(failure);
    }
  }
}
