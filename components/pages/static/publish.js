// The dialog that makes a picture public: what others will see, beside what can be chosen about it.

import { get, post } from "./api.js";
import { button, h } from "./dom.js";
import { toast, toastFailure } from "./overlays.js";
import { say } from "./words.js";

const DAYS = [0, 1, 7, 30, 90, 365];
const LOOK_AFTER = 300; // milliseconds without a change
const PAGE = 1040; // pixels that the public page is wide in its preview

const published = new EventTarget();

/** Calls `listener` after each change of what is public. */
export function onPublished(listener) {
  published.addEventListener("change", listener);
}

export function told() {
  published.dispatchEvent(new Event("change"));
}

export function publish(image, chosen = {}) {
  new Publishing({ image: image.id }, chosen);
}

/** A whole notebook under one link. */
export function publishNotebook(notebook, chosen = {}) {
  new Publishing({ notebook: notebook.id }, { title: notebook.title, ...chosen });
}

class Publishing {
  /** `what` is `{image}` or `{notebook}`, an id. */
  constructor(what, chosen) {
    this.what = what;
    this.whole = "notebook" in what;
    this.title = h("input", { type: "text", maxlength: 120, autocomplete: "off" });
    this.pseudonym = h("input", { type: "text", maxlength: 40, autocomplete: "off", placeholder: say("publish_nobody") });
    this.password = h("input", { type: "text", maxlength: 128, autocomplete: "off", spellcheck: "false" });
    this.days = h("select", {}, DAYS.map((n) => h("option", { value: n, text: n ? say("publish_days_some", { n }) : say("publish_days_none") })));
    this.boxes = Object.fromEntries(["prompt", "metadata", "remix", "listed", ...(this.whole ? ["notes"] : [])].map((name) => [name, h("input", { type: "checkbox" })]));
    this.agree = h("input", { type: "checkbox", required: true });
    this.look = h("iframe", { title: say("publish_preview"), tabindex: -1 });
    this.reach = h("p", { class: "reach" });
    this.go = button(say("publish"), { kind: "primary", on: () => this.send() });
    this.fill(chosen);
    this.dialog = this.built();
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.follow();
    get("/api/shares").then(({ reach }) => (this.reach.textContent = say(`publish_reach_${reach}`)), () => {});
  }

  fill(chosen) {
    this.title.value = chosen.title ?? "";
    this.pseudonym.value = chosen.pseudonym ?? "";
    this.days.value = chosen.days ?? 0;
    for (const [name, box] of Object.entries(this.boxes)) box.checked = chosen[name] ?? false;
  }

  built() {
    const field = (label, input) => h("label", { class: "field" }, h("span", { text: label }), input);
    const words = (name) => say(this.whole && ["prompt", "remix"].includes(name) ? `publish_whole_${name}` : `publish_${name}`);
    const choice = (name, note) => h("label", { class: "choice" }, this.boxes[name], h("span", {}, words(name), note && h("small", { text: note })));
    const title = say(this.whole ? "publish_whole_title" : "publish_title");
    const shown = h("div", { class: "look" }, h("h3", { text: say("publish_preview") }), h("div", { class: "stagelet" }, this.look));
    const chosen = h(
      "div",
      { class: "wishes" },
      field(say("publish_name"), this.title),
      field(say("publish_pseudonym"), this.pseudonym),
      choice("prompt"),
      this.whole && choice("notes"),
      choice("metadata", say("publish_tells_prompt")),
      choice("remix", say("publish_tells_prompt")),
      choice("listed", say("publish_listed_note")),
      h("div", { class: "pair" }, field(say("publish_days"), this.days), field(say("publish_password"), this.password)),
      this.reach,
    );
    const agreed = h("label", { class: "choice agree" }, this.agree, h("span", {}, say("publish_agree")));
    const policy = h("details", {}, h("summary", { text: say("publish_policy") }), h("p", { text: say("publish_policy_text") }));
    const no = button(say("cancel"), { kind: "outlined", on: () => this.dialog.close() });
    const dialog = h(
      "dialog",
      { class: "publish", "aria-label": title },
      h("h2", { text: title }),
      h("div", { class: "sides" }, shown, chosen),
      h("div", { class: "last" }, h("div", {}, agreed, policy), h("div", { class: "choices" }, no, this.go)),
    );
    dialog.addEventListener("close", () => dialog.remove());
    return dialog;
  }

  follow() {
    const { prompt, metadata, remix, listed } = this.boxes;
    let timer = 0;
    // The settings in a file, and a remix, tell the prompt: they go together, and the page says so.
    for (const box of [metadata, remix]) box.addEventListener("change", () => box.checked && (prompt.checked = true));
    prompt.addEventListener("change", () => prompt.checked || (metadata.checked = remix.checked = false));
    this.password.addEventListener("input", () => this.password.value && (listed.checked = false));
    listed.addEventListener("change", () => listed.checked && (this.password.value = ""));
    this.dialog.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.show(), LOOK_AFTER);
    });
    this.agree.addEventListener("change", () => (this.go.disabled = !this.agree.checked));
    this.go.disabled = true;
    const scale = () => this.look.style.setProperty("--scale", this.look.parentElement.clientWidth / PAGE);
    new ResizeObserver(scale).observe(this.look.parentElement);
    // A whole notebook is longer than its frame: all of it can be looked at before it is public.
    this.look.addEventListener("load", () => {
      const page = this.look.contentDocument?.documentElement;
      if (page) this.look.style.height = `${Math.max(PAGE, page.scrollHeight)}px`;
    });
    this.show();
  }

  wish() {
    const boxes = Object.fromEntries(Object.entries(this.boxes).map(([name, box]) => [name, box.checked]));
    return { ...this.what, title: this.title.value, pseudonym: this.pseudonym.value, days: Number(this.days.value), ...boxes };
  }

  show() {
    const { days, ...seen } = this.wish();
    this.look.src = `/api/shares/preview?${new URLSearchParams({ ...seen, days, password: this.password.value ? "set!" : "" })}`;
  }

  async send() {
    this.go.disabled = true;
    this.go.querySelector("span").textContent = say("publish_working");
    try {
      const share = await post("/api/shares", { ...this.wish(), password: this.password.value, agreed: this.agree.checked });
      const copied = await navigator.clipboard?.writeText(share.link).then(() => true, () => false);
      this.dialog.close();
      toast(say(copied ? "publish_done" : "publish_done_only"));
      told();
    } catch (failure) {
      toastFailure(failure);
      this.go.disabled = false;
      this.go.querySelector("span").textContent = say("publish");
    }
  }
}
