// What of this person is public now: each link with its views, and the way to take it back.

import { get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { on } from "./live.js";
import { noticeLines } from "./notice.js";
import { copy, toastAction, toastFailure } from "./overlays.js";
import { onPublished, publish, publishNotebook } from "./publish.js";
import { turns } from "./turns.js";
import { moment, say } from "./words.js";

export function mount(element) {
  new Showcase(element);
}

class Showcase {
  constructor(element) {
    this.loading = turns();
    this.list = h("ul", { class: "shares" });
    this.message = h("div", { class: "message", role: "status" });
    const page = h("a", { class: "button outlined", href: "/showcase", target: "_blank", rel: "noopener" }, icon("open"), h("span", { text: say("showcase_page") }));
    const head = h("header", { class: "top" }, h("div", {}, h("h1", { text: say("showcase") }), h("p", { text: say("showcase_text") })), page);
    this.down = h("section", { class: "taken-down" });
    element.replaceChildren(head, this.list, this.message, this.down);
    window.addEventListener("hashchange", () => this.isOpen() && this.load());
    onPublished(() => this.load());
    // Also of another tab: published, taken back, or gone with its picture.
    for (const news of ["shares", "removed", "restored"]) on(news, () => this.isOpen() && this.load());
    on("connection", ({ connected, again }) => connected && again && this.isOpen() && this.load());
    if (this.isOpen()) this.load();
  }

  isOpen() {
    return location.hash === "#showcase";
  }

  async load() {
    const last = this.loading.next();
    try {
      const { shares, taken_down: down } = await get("/api/shares");
      if (!last()) return;
      this.list.replaceChildren(...shares.map((share) => this.row(share)));
      this.message.replaceChildren(...(shares.length ? [] : [this.empty()]));
      this.down.replaceChildren(...takenDown(down));
    } catch (failure) {
      if (!last()) return;
      const again = button(say("try_again"), { name: "again", kind: "outlined", on: () => this.load() });
      this.message.replaceChildren(h("div", { class: "notice" }, noticeLines({ title: say("showcase_failed"), ...failure })), again);
    }
  }

  empty() {
    return h(
      "div",
      { class: "welcome" },
      h("h2", { text: say("showcase_empty_title") }),
      h("p", { text: say("showcase_empty_text") }),
      h("a", { class: "button primary", href: "#gallery", text: say("showcase_choose") }),
    );
  }

  row(share) {
    const notes = [
      say("showcase_views", { n: share.views }),
      share.notebook && say("showcase_pictures", { n: share.pictures }),
      share.options.listed && say("showcase_listed"),
      share.guarded && say("showcase_guarded"),
      share.expires_at && say("showcase_until", { time: moment(share.expires_at) }),
    ].filter(Boolean);
    const picture = share.thumb ? h("img", { src: share.thumb, alt: "", width: share.width, height: share.height, loading: "lazy" }) : icon("book");
    const where = share.notebook ? { href: share.link, target: "_blank", rel: "noopener" } : { href: `#image/${share.image}` };
    return h(
      "li",
      { data: { id: share.id } },
      h("a", { class: "shown", ...where, "aria-label": say("open_picture", { prompt: share.title }) }, picture),
      h(
        "div",
        { class: "told" },
        h("h2", { text: share.title }),
        h("p", { class: "notes" }, notes.map((note) => h("span", { text: note }))),
        h("input", { class: "link", readonly: true, value: share.link, "aria-label": say("showcase_link") }),
        h(
          "div",
          { class: "tools" },
          button(say("showcase_copy"), { name: "copy", kind: "outlined", on: () => copy(share.link, say("showcase_copied")) }),
          h("a", { class: "button outlined", href: share.link, target: "_blank", rel: "noopener" }, icon("open"), h("span", { text: say("showcase_open") })),
          button(say("showcase_take_back"), { name: "close", kind: "outlined bad", on: (event) => this.takeBack(share, event.currentTarget) }),
        ),
      ),
    );
  }

  async takeBack(share, asked) {
    asked.disabled = true;
    try {
      await post(`/api/shares/${share.id}/take-back`);
      await this.load();
      const again = () => (share.notebook ? publishNotebook({ id: share.notebook }, share.options) : publish({ id: share.image }, share.options));
      toastAction(say("showcase_taken_back"), say("showcase_again"), again);
    } catch (failure) {
      asked.disabled = false;
      toastFailure(failure);
    }
  }
}

/** Links that moderators took down: which picture, why, and where to ask for another look. */
function takenDown(down) {
  if (!down.length) return [];
  const rows = down.map((one) => h(
    "article",
    {},
    h("p", { text: `${say(`review_label_${one.reason}`)} · ${moment(one.at)}` }),
    h("blockquote", { text: one.answer }),
    one.image && h("a", { href: `#image/${one.image}`, text: say("taken_down_open") }),
  ));
  const find = () => dispatchEvent(new CustomEvent("find", { detail: "is:held" }));
  const all = h("a", { href: "#gallery", text: say("taken_down_all"), on: { click: find } });
  return [h("h2", { text: say("taken_down") }), h("p", {}, say("taken_down_text"), " ", all), ...rows];
}
