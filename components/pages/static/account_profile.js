// Name, username and address of the person.

import { block, field, folded, form } from "./account_form.js";
import { post, put } from "./api.js";
import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { toast } from "./overlays.js";
import { say } from "./words.js";

export const section = {
  id: "profile",
  icon: "account",
  title: "account_profile",
  note: "account_profile_note",
  shown: (me) => Boolean(me.account),
  build: ({ account }, view) => [names(account, view), email(account, view)],
};

function names(account, view) {
  return form(
    [
      field(say("account_name"), { name: "name", value: account.name, autocomplete: "name", maxlength: 80, note: say("account_name_note") }),
      field(say("account_username"), { name: "username", value: account.username, autocomplete: "username", maxlength: 30, autocapitalize: "none", spellcheck: "false", note: say("account_username_note") }),
    ],
    {
      action: say("account_save"),
      done: say("account_saved"),
      send: async (values) => {
        await put("/api/account/profile", values);
        await view.reload();
      },
    },
  );
}

function email(account, view) {
  const none = !account.email;
  const act = say(none ? "account_email_add" : "account_email_change");
  const change = folded(act, (close) =>
    form(
      [
        field(say("account_email_new"), { name: "email", type: "email", autocomplete: "email", note: say(none ? "account_email_note_first" : "account_email_note") }),
        account.has_password && field(say("account_password_now"), { name: "password", type: "password", autocomplete: "current-password" }),
      ].filter(Boolean),
      {
        action: act,
        cancel: close,
        send: async (values) => {
          if (!(await confirmed(() => post("/api/account/email", { password: "", ...values })))) return;
          toast(say(none ? "account_email_sent_first" : "account_email_sent"));
          await view.reload();
        },
      },
    ),
  );
  const waiting = say(none ? "account_email_waiting_first" : "account_email_waiting");
  return block(say("account_email"), account.email || say("account_email_none"), account.email_changing && h("p", { class: "note", text: waiting }), change);
}
