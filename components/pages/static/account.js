// The account view: its sections beside each other on a desk, a list and one at a time on a phone.
//
// A section is {id, icon, title, note, shown(me), build(me, view)}. `title` and `note` are keys of words; `shown` says
// whether it makes sense for this visitor; `build` answers an element, or a promise of one. `view.reload()` reads
// `me` again and draws the open section anew. `me` is the answer of /api/account.

import { SECTIONS } from "./account_sections.js";
import { get } from "./api.js";
import { button, h, icon } from "./dom.js";
import { noticeLines } from "./notice.js";
import { say } from "./words.js";

export async function mount(element) {
  const modules = await Promise.all(SECTIONS.map((name) => import(`./${name}.js`)));
  new AccountView(element, modules.map((module) => module.section));
}

class AccountView {
  constructor(element, sections) {
    this.element = element;
    this.all = sections;
    this.me = null;
    this.open = null;
    window.addEventListener("hashchange", () => this.route());
    this.route();
  }

  /** `#account` is the list (on a desk: with the first section), `#account/security` a section. */
  async route() {
    const [view, id] = location.hash.slice(1).split("/");
    if (view !== "account") return;
    if (!this.me) {
      if (!(await this.load())) return;
    }
    const sections = this.all.filter((section) => section.shown(this.me));
    const chosen = sections.find((section) => section.id === id);
    this.element.toggleAttribute("data-chosen", Boolean(chosen));
    this.show(sections, chosen ?? sections[0]);
  }

  async load() {
    if (!this.me) this.element.replaceChildren(h("p", { class: "account-wait", role: "status", text: say("account_loading") }));
    try {
      this.me = await get("/api/account");
      return true;
    } catch (failure) {
      const again = button(say("try_again"), { name: "again", kind: "outlined", on: () => this.route() });
      this.element.replaceChildren(h("div", { class: "notice" }, noticeLines({ title: say("account_failed"), ...failure })), again);
      return false;
    }
  }

  async reload() {
    if (await this.load()) {
      this.open = null;
      await this.route();
    }
  }

  show(sections, section) {
    if (this.open === section?.id && this.element.querySelector(".account-section")) return this.mark(section);
    this.open = section?.id;
    const room = h("section", { class: "account-section" });
    this.element.replaceChildren(
      h("div", { class: "account-side" }, this.person(), h("nav", { "aria-label": say("account_sections") }, sections.map((one) => this.entry(one)))),
      room,
    );
    this.mark(section);
    if (section) this.fill(room, section);
  }

  entry({ id, icon: name, title, note }) {
    return h("a", { class: "account-entry", href: `#account/${id}`, data: { id } }, icon(name), h("span", {}, h("strong", { text: say(title) }), h("small", { text: say(note) })), icon("next"));
  }

  mark(section) {
    for (const entry of this.element.querySelectorAll(".account-entry")) {
      if (entry.dataset.id === section?.id) entry.setAttribute("aria-current", "page");
      else entry.removeAttribute("aria-current");
    }
  }

  async fill(room, section) {
    const back = h("a", { class: "account-back", href: "#account" }, icon("previous"), h("span", { text: say("account_back") }));
    const body = h("div", { class: "account-body" });
    room.replaceChildren(back, h("h2", { text: say(section.title) }), body);
    try {
      body.replaceChildren(...[await section.build(this.me, this)].flat());
    } catch (failure) {
      const again = button(say("try_again"), { name: "again", kind: "outlined", on: () => this.fill(room, section) });
      body.replaceChildren(h("div", { class: "notice" }, noticeLines({ title: failure.message, ...failure })), again);
    }
  }

  /** Who this is, above the list. */
  person() {
    const { account, kind, guest_jobs: jobs, has_accounts: accounts } = this.me;
    if (kind === "owner") return h("header", { class: "account-person" }, h("h1", { text: say("account") }));
    if (!account) {
      return h(
        "header",
        { class: "account-person" },
        h("h1", { text: say("account_guest_title") }),
        h("p", { text: say("account_guest_text", { n: jobs }) }),
        accounts && h("p", { text: say("account_guest_more") }),
        accounts && h("div", { class: "account-ways" }, ways(this.me)),
      );
    }
    const facts = [say(`account_role_${account.role}`), account.premium && say("account_premium")].filter(Boolean).join(" · ");
    return h(
      "header",
      { class: "account-person" },
      h("h1", { text: account.name }),
      h("p", { text: `@${account.username} · ${facts}` }),
      account.role !== "user" && kind === "user" && h("p", { class: "account-warning" }, icon("warning"), h("a", { href: "#account/security", text: say("account_staff_factor") })),
      h("form", { method: "post", action: "/account/sign-out" }, button(say("account_sign_out"), { kind: "outlined", type: "submit" })),
    );
  }
}

/** Inside the frame of a Space the provider's page would not open, so a tab of its own is. */
function ways({ has_sign_up: own, signs_in_elsewhere: elsewhere }) {
  const tab = window.top === window ? {} : { target: "_blank", rel: "noopener" };
  return [
    elsewhere && h("a", { class: "button primary", href: "/account/huggingface/go/enter", text: say("page_huggingface"), ...tab }),
    own && h("a", { class: "button primary", href: "/account/sign-up", text: say("account_sign_up") }),
    own && h("a", { class: "button outlined", href: "/account/sign-in", text: say("account_sign_in") }),
  ];
}
