// A personal home has no account: this says so, and where everything is.

import { h } from "./dom.js";
import { say } from "./words.js";

export const section = {
  id: "home",
  icon: "studio",
  title: "account_home",
  note: "account_home_note",
  shown: (me) => me.kind === "owner",
  build: (me) => [
    h("h3", { text: say("account_home_title") }),
    h("p", { class: "muted", text: say("account_home_text") }),
    h("dl", { class: "facts-list" }, h("div", {}, h("dt", { text: say("account_home_folder") }), h("dd", {}, h("code", { text: me.data })))),
  ],
};
