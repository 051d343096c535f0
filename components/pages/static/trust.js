// The Trust page: the policy to read, and beside it what stands behind the sentence that was picked.

import { get } from "./api.js";
import { button, h, icon } from "./dom.js";
import { copy, toastFailure } from "./overlays.js";
import { language, say } from "./words.js";

const TABS = ["policy", "promises", "versions", "cookies", "others"];
const VERSION_STATES = { in_force: "trust_version_current", announced: "trust_version_announced", past: "trust_version_past", draft: "trust_version_draft" };
const FILTERS = ["all", "kept", "missing"];
const alone = () => document.body.classList.contains("alone");
const hashOf = (place) => (alone() ? `#${place}` : `#trust/${place}`);

/** What the address names behind the view: a promise (P27), a sentence (s12) or a tab. */
function placeInAddress() {
  const hash = location.hash.slice(1);
  return alone() ? hash : hash.startsWith("trust/") ? hash.slice("trust/".length) : "";
}

export function mount(element) {
  if (alone()) document.title = `${say("nav_trust")} · ${say("app_name")}`; // in the language that was chosen here
  const page = new Page(element);
  // In the studio it is loaded when it is first looked at; alone it is all there is.
  const wanted = () => alone() || location.hash.split("/")[0] === "#trust";
  const look = () => wanted() && page.show(placeInAddress());
  window.addEventListener("hashchange", look);
  look();
}

class Page {
  constructor(element) {
    this.element = element;
    this.data = null;
    this.tab = "policy";
    this.filter = "all";
    this.picked = null;
    this.version = null;
  }

  async show(place) {
    if (!this.data) {
      this.loading ??= this.load();
      if (!(await this.loading)) return;
    }
    if (TABS.includes(place)) this.open(place);
    else if (/^P\d+$/.test(place) && this.byId.has(place)) this.goToPromise(place);
    else if (/^s\d+$/.test(place)) this.pick(Number(place.slice(1)), { scroll: true });
    else if (/^v\d+$/.test(place)) this.goToVersion(Number(place.slice(1)));
  }

  async load() {
    try {
      this.data = await get("/trust/data");
    } catch (failure) {
      this.loading = null;
      const again = button(say("try_again"), { kind: "outlined", on: () => this.show(placeInAddress()) });
      this.element.replaceChildren(h("div", { class: "trust-message" }, h("p", { text: say("trust_failed") }), again));
      return false;
    }
    this.byId = new Map(this.data.promises.map((promise) => [promise.id, promise]));
    this.policy = this.data.policy;
    this.draw();
    return true;
  }

  draw() {
    this.body = h("div", { class: "trust-body" });
    this.tabs = TABS.map((tab) =>
      h("a", { class: "tab", href: hashOf(tab), text: say(`trust_tab_${tab}`), data: { tab } }),
    );
    this.element.replaceChildren(
      h("div", { class: "trust-page" }, this.head(), h("nav", { class: "trust-tabs", "aria-label": say("trust_views") }, this.tabs), this.body),
    );
    this.open(this.tab);
  }

  head() {
    const { kept, not_yet: missing, proven_at: at, commit, newer } = this.data;
    const proven = at ? say("trust_proven", { date: day(at), commit: commit || "?" }) : say("trust_unproven");
    const bar = h("div", { class: "trust-bar", style: { "--ratio": kept / (kept + missing) }, "aria-hidden": "true" }, h("i"));
    return h(
      "header",
      { class: "trust-head" },
      h(
        "div",
        {},
        alone() && h("a", { class: "trust-home", href: "/" }, h("img", { src: "/ui/logo.svg", alt: "", width: 28, height: 28 }), h("span", { text: say("app_name") })),
        h("h1", { text: say("trust_title") }),
        h("p", { class: "trust-lead", text: say("trust_lead") }),
      ),
      h(
        "div",
        { class: "trust-score" },
        h("strong", {}, h("span", { class: "yes", text: say("trust_kept", { n: kept }) }), h("span", { class: "no", text: say("trust_not_yet", { n: missing }) })),
        bar,
        h("small", { text: at && newer ? `${proven} ${say("trust_newer", { n: newer })}` : proven }),
      ),
    );
  }

  open(tab) {
    this.tab = tab;
    for (const link of this.tabs) {
      if (link.dataset.tab === tab) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const parts = { policy: () => this.reading(), promises: () => this.list(), versions: () => this.versions(), cookies: () => this.cookies(), others: () => this.others() };
    this.body.replaceChildren(...[parts[tab]()].flat());
  }

  // The policy, sentence by sentence

  reading() {
    this.sentences = [];
    this.text = h("article", { class: "trust-text" });
    if (this.version) {
      const back = button(say("trust_back_to_newest"), { kind: "outlined", on: () => this.read(null) });
      this.text.append(h("p", { class: "trust-note" }, say("trust_reading_version", { number: this.version }), " ", back));
    }
    if (language !== "en") this.text.append(h("p", { class: "trust-note", text: say("trust_in_english") }));
    if (this.data.home === "personal" && !this.data.contact) this.text.append(h("p", { class: "trust-note", text: say("trust_personal_dates") }));
    let list = null;
    for (const block of this.policy.blocks) {
      if (block.look === "title") continue;
      if (block.look !== "item") list = null;
      if (block.look === "section") this.text.append(h("h2", { text: block.sentences[0].text }));
      else if (block.look === "heading") this.text.append(h("h3", { text: block.sentences[0].text }));
      else if (block.look === "item" && !block.label) {
        list ??= this.text.appendChild(h("ul"));
        list.append(h("li", {}, this.sentencesOf(block)));
      } else if (block.label) {
        this.text.append(h("p", { class: "trust-label", text: block.sentences[0].text }));
        list = null;
      } else this.text.append(h("p", {}, this.sentencesOf(block)));
    }
    this.side = h("aside", { class: "trust-side", "aria-live": "polite" });
    this.dress();
    this.explain();
    return [this.filters(), h("div", { class: "trust-columns" }, this.text, this.side)];
  }

  sentencesOf(block) {
    return block.sentences.flatMap((sentence, index) => {
      const number = this.sentences.length;
      const state = this.stateOf(sentence);
      const label = /^([A-Z][\w'’ -]{2,40}): (.+)$/s.exec(sentence.text);
      const said = label ? label[2] : sentence.text;
      const last = said.lastIndexOf(" ") + 1;
      const mark = state !== "greeting" && h("i", { class: "mark", role: "img", "aria-label": say(`trust_state_${state}`) });
      const element = h(
        "a",
        { class: "sentence", href: hashOf(`s${number}`), id: `s${number}`, data: { state }, on: { click: (event) => this.clicked(event, number) } },
        label && h("b", { text: `${label[1]}: ` }),
        said.slice(0, last),
        h("span", { class: "end" }, said.slice(last), mark), // the mark stays on the line of the last word
      );
      this.sentences.push({ ...sentence, state, element });
      return index ? [" ", element] : [element];
    });
  }

  stateOf(sentence) {
    if (!sentence.promises.length) return "greeting";
    const kept = sentence.promises.filter((id) => this.byId.get(id).kept).length;
    return kept === sentence.promises.length ? "kept" : kept ? "partly" : "missing";
  }

  clicked(event, number) {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    history.replaceState(null, "", hashOf(`s${number}`));
    this.pick(number);
  }

  pick(number, { scroll = false } = {}) {
    if (this.tab !== "policy") this.open("policy");
    const sentence = this.sentences[number];
    if (!sentence) return;
    this.sentences.forEach(({ element }, index) => element.toggleAttribute("data-picked", index === number));
    this.picked = number;
    this.explain(sentence);
    if (scroll) sentence.element.scrollIntoView({ block: "center" });
  }

  goToPromise(id) {
    if (!this.byId.get(id).in_policy) {
      this.filter = "all";
      this.open("promises");
      const card = document.getElementById(id);
      card?.scrollIntoView({ block: "center" });
      card?.toggleAttribute("data-picked", true);
      return;
    }
    if (this.tab !== "policy") this.open("policy");
    const number = this.sentences.findIndex((sentence) => sentence.promises.includes(id));
    this.pick(number, { scroll: true });
    this.side.querySelector(`[data-id="${id}"]`)?.toggleAttribute("data-picked", true);
  }

  explain(sentence) {
    if (!sentence) {
      this.side.classList.remove("open");
      this.side.replaceChildren(h("div", { class: "trust-hint" }, icon("trust"), h("h2", { text: say("trust_pick_title") }), h("p", { text: say("trust_pick_text") })));
      return;
    }
    const close = button(say("close"), { name: "close", quiet: true, kind: "trust-close", on: () => this.unpick() });
    const cards = sentence.promises.map((id) => this.card(this.byId.get(id)));
    this.side.replaceChildren(
      h("div", { class: "trust-side-head" }, h("h2", { text: say("trust_promises_of") }), close),
      h("blockquote", { text: sentence.text }),
      ...(cards.length ? cards : [h("p", { class: "trust-faint", text: say("trust_greeting") })]),
    );
    this.side.classList.add("open");
    this.side.scrollTop = 0;
  }

  unpick() {
    const element = this.sentences[this.picked]?.element;
    element?.removeAttribute("data-picked");
    this.picked = null;
    this.explain();
    element?.focus({ preventScroll: true });
  }

  filters() {
    const chips = FILTERS.map((filter) =>
      h("button", {
        type: "button",
        class: "button outlined",
        "aria-pressed": String(filter === this.filter),
        text: say(`trust_filter_${filter}`),
        on: { click: () => { this.filter = filter; this.open(this.tab); } },
      }),
    );
    return h("div", { class: "trust-filters", role: "group", "aria-label": say("trust_filter") }, chips);
  }

  /** A filter dims what it does not mean, so that the text stays a text. */
  dress() {
    for (const { element, state } of this.sentences) {
      const shown = this.filter === "all" || (this.filter === "kept" ? state === "kept" : state === "missing" || state === "partly");
      element.toggleAttribute("data-dim", !shown);
    }
  }

  // All promises

  list() {
    const shown = this.data.promises.filter((promise) => this.filter === "all" || promise.kept === (this.filter === "kept"));
    return [this.filters(), h("div", { class: "trust-cards" }, shown.map((promise) => this.card(promise, { anchor: true })))];
  }

  card(promise, { anchor = false } = {}) {
    const { id, title, does, kept, missing, code, proofs, green } = promise;
    const link = () => copy(`${location.origin}/trust#${id}`, say("trust_link_copied", { id }));
    return h(
      "section",
      { class: "trust-card", id: anchor ? id : undefined, data: { id, state: kept ? "kept" : "missing" } },
      h(
        "div",
        { class: "trust-card-head" },
        h("button", { type: "button", class: "trust-id", title: say("trust_link", { id }), "aria-label": say("trust_link", { id }), text: id, on: { click: link } }),
        h("h3", { text: title }),
        h("span", { class: "trust-badge", text: say(kept ? "trust_state_kept" : "trust_state_missing") }),
      ),
      h("p", { text: does }),
      !kept && h("p", { class: "trust-missing", text: missing }),
      !promise.in_policy && h("p", { class: "trust-faint", text: say("trust_beyond") }),
      code.length > 0 && h("details", {}, h("summary", { text: say("trust_code") }), h("ul", { class: "trust-places" }, code.map((place) => quote(place, place)))),
      proofs.length > 0 &&
        h(
          "details",
          {},
          h("summary", {}, say("trust_tests", { n: proofs.length }), green === proofs.length && h("small", {}, icon("check"), say("trust_green"))),
          h("ul", { class: "trust-places" }, proofs.map((proof) => quote(proof.place, sentenceOf(proof.name)))),
        ),
      kept && !proofs.length && h("p", { class: "trust-faint", text: say("trust_no_tests") }),
    );
  }

  // Versions, cookies, others

  versions() {
    const { versions } = this.data;
    return h("div", { class: "trust-cards" }, [...versions].reverse().map((version) => this.versionCard(version, versions.length === 1)));
  }

  versionCard({ number, state, effective, noticed, reason }, alone) {
    const current = state === "in_force";
    const since = effective ? say(current || state === "past" ? "trust_version_since" : "trust_version_from", { date: day(effective) }) : "";
    const changes = h("div", { class: "trust-diff" });
    const compare = number > 1 && button(say("trust_version_changes"), { kind: "outlined", on: () => this.compare(number, changes) });
    return h(
      "section",
      { class: "trust-card version", id: `v${number}` },
      h(
        "div",
        { class: "trust-card-head" },
        h("h3", { text: say("trust_version", { number }) }),
        h("span", { class: "trust-badge", text: `${say(VERSION_STATES[state])} ${since}`.trim() }),
      ),
      alone && h("p", { text: say("trust_version_first") }),
      noticed && h("p", { class: "trust-faint", text: say("trust_version_noticed", { date: day(noticed) }) }),
      reason && h("p", { class: "trust-faint", text: say("trust_version_sooner", { reason }) }),
      h("div", { class: "trust-choices" }, button(say("trust_version_read"), { kind: "outlined", on: () => this.read(current ? null : number) }), compare),
      changes,
    );
  }

  /** A version's card with its differences open: where letters and the banner lead. */
  async goToVersion(number) {
    this.open("versions");
    const card = document.getElementById(`v${number}`);
    if (!card) return;
    if (number > 1) await this.compare(number, card.querySelector(".trust-diff"));
    card.scrollIntoView({ block: "start" });
  }

  async read(number) {
    try {
      this.policy = number ? await get(`/trust/policy/${number}`) : this.data.policy;
    } catch (failure) {
      return toastFailure(failure);
    }
    this.version = number;
    this.picked = null;
    this.open("policy");
    scrollTo(0, 0);
  }

  async compare(number, place) {
    try {
      const lines = await get(`/trust/changes?old=${number - 1}&new=${number}`);
      const tags = { gone: "del", new: "ins" };
      place.replaceChildren(...lines.filter(({ kind }) => kind !== "same").map(({ kind, text }) => h(tags[kind], { text })));
    } catch (failure) {
      toastFailure(failure);
    }
  }

  cookies() {
    const rows = this.data.cookies.map((crumb) =>
      h(
        "section",
        { class: "trust-card" },
        h("div", { class: "trust-card-head" }, h("code", { text: crumb.name }), h("span", { class: "trust-badge", text: say(crumb.essential ? "trust_cookie_essential" : "trust_cookie_optional") })),
        h("p", { text: crumb.purpose }),
        h("p", { class: "trust-faint", text: `${say(`trust_cookie_${crumb.kind}`)}. ${say("trust_cookie_kept", { time: crumb.kept })}.` }),
      ),
    );
    return [h("p", { class: "trust-intro", text: say("trust_cookies_lead") }), h("div", { class: "trust-cards" }, rows)];
  }

  others() {
    const { subprocessors, contact } = this.data;
    const rows = subprocessors.map((one) =>
      h("section", { class: "trust-card" }, h("div", { class: "trust-card-head" }, h("h3", { text: one.name })), h("p", { text: one.purpose }), h("p", { class: "trust-faint", text: say("trust_others_sees", { what: one.sees }) })),
    );
    return [
      h("p", { class: "trust-intro", text: say(rows.length ? "trust_others_lead" : "trust_others_none") }),
      h("div", { class: "trust-cards" }, rows),
      contact && h("p", { class: "trust-intro", text: say("trust_contact", { address: contact }) }),
    ];
  }
}

/** A place in the code that opens to its text. */
function quote(place, words) {
  const text = h("pre", { tabindex: "0" });
  const details = h("details", {}, h("summary", { title: place, text: words }), words !== place && h("small", { text: place }), text);
  details.addEventListener("toggle", async () => {
    if (!details.open || text.textContent) return;
    try {
      text.textContent = outdented((await get(`/trust/source?place=${encodeURIComponent(place)}`)).text);
    } catch (failure) {
      text.textContent = `${failure.title}. ${failure.reason}`;
    }
  });
  return h("li", {}, details);
}

function outdented(text) {
  const lines = text.split("\n");
  const margin = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(margin)).join("\n");
}

/** A test's name is a sentence. */
function sentenceOf(name) {
  const words = name.replace(/^test_/, "").replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

function day(iso) {
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(iso));
}
