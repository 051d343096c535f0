// Which letters reach the person: a switch for each kind, and those that always come.

import { get, put } from "./api.js";
import { h } from "./dom.js";
import { toast, toastFailure } from "./overlays.js";
import { say } from "./words.js";

export const section = {
  id: "notifications",
  icon: "letter",
  title: "account_notifications",
  note: "account_notifications_note",
  shown: (me) => Boolean(me.account),
  build: async ({ account }) => [
    h("p", { class: "muted", text: account.email ? say("account_notifications_text", { email: account.email }) : say("account_email_none") }),
    h("ul", { class: "switches" }, (await get("/api/account/notifications")).map(row)),
  ],
};

function row({ kind, fixed, wanted }) {
  const id = `notify-${kind}`;
  const words = h("label", { for: fixed ? undefined : id }, h("strong", { text: say(`account_notify_${kind}`) }), h("small", { text: say(`account_notify_${kind}_note`) }));
  if (fixed) return h("li", {}, words, h("span", { class: "here", text: say("account_always") }));
  const box = h("input", { id, type: "checkbox", role: "switch", class: "switch" });
  box.checked = wanted;
  box.addEventListener("change", async () => {
    try {
      await put("/api/account/notifications", { [kind]: box.checked });
      toast(say("account_saved"));
    } catch (failure) {
      box.checked = !box.checked;
      toastFailure(failure);
    }
  });
  return h("li", {}, words, box);
}
