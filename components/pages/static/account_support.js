// For the people who run the studio: what waits for an answer, and what they do for others.

import { area, block, field, folded, form } from "./account_form.js";
import { get, post } from "./api.js";
import { confirmed } from "./confirm.js";
import { h, icon } from "./dom.js";
import { ask } from "./overlays.js";
import { date, moment, say } from "./words.js";

const MOST = 5000;

export const section = {
  id: "support",
  icon: "hand",
  title: "support",
  note: "support_note",
  shown: (me) => ["moderator", "admin"].includes(me.kind),
  build: async (me) => {
    const list = h("div", { class: "data-list" });
    const show = async () => {
      const found = await get("/api/staff/tickets");
      list.replaceChildren(...(found.length ? found.map((one) => ticket(one, show)) : [h("p", { class: "data-note" }, icon("check"), h("span", { text: say("support_nothing") }))]));
    };
    const gone = async (receipt) => {
      await show();
      list.prepend(h("p", { class: "data-note" }, icon("check"), h("span", { text: say("support_child_done", { receipt }) })));
    };
    await show();
    return [
      h("p", { class: "muted", text: say("support_text") }),
      list,
      block(say("support_mail"), say("support_mail_text"), folded(say("support_mail_enter"), (close) => byMail(show, close))),
      me.kind === "admin" && block(say("support_child"), say("support_child_text"), folded(say("support_child_open"), (close) => child(close, gone), { kind: "danger" })),
    ].filter(Boolean);
  },
};

function ticket(one, show) {
  const { kind, created_at: sent, due_at: due, extended, overdue } = one;
  const until = due && say(overdue ? "support_overdue" : "privacy_message_due", { date: date(due) });
  const facts = [say("support_sent", { date: moment(sent) }), until, extended && say("support_extended")].filter(Boolean).join(" · ");
  const body = h("div", { class: "ticket" }, opening(one, (opened) => body.replaceChildren(...reading(one, opened, show))));
  return h("details", { class: `data-table ${overdue ? "late" : ""}` }, h("summary", {}, h("strong", { text: say(`privacy_kind_${kind}`) }), h("small", { text: facts })), body);
}

/** Nothing is shown before the reason is given: the person can read it. */
function opening({ id }, opened) {
  const element = form([field(say("support_reason"), { name: "reason", value: say("support_reason_usual"), maxlength: 200, note: say("support_reason_note") })], {
    action: say("support_open"),
    send: async (values) => opened(await post(`/api/staff/tickets/${id}/look`, values)),
  });
  return element;
}

function reading(one, { messages }, show) {
  const more = !one.extended && one.due_at && !one.overdue;
  return [
    ...messages.map(({ subject, text, at }) => h("div", {}, h("p", { class: "note", text: `${subject} · ${moment(at)}` }), h("blockquote", { class: "message", text }))),
    form([area(say("support_answer"), { name: "text", maxlength: MOST })], {
      action: say("support_answer_send"),
      done: say("support_answered"),
      send: async (values) => {
        await post(`/api/staff/tickets/${one.id}/answer`, values);
        await show();
      },
    }),
    more && folded(say("support_more_time"), (close) => longer(one, show, close)),
  ].filter(Boolean);
}

function longer({ id }, show, close) {
  return form([area(say("support_more_why"), { name: "reason", maxlength: MOST, rows: 3, note: say("support_more_note") })], {
    action: say("support_more_time"),
    cancel: close,
    done: say("account_saved"),
    send: async (values) => {
      await post(`/api/staff/tickets/${id}/extend`, values);
      await show();
    },
  });
}

function byMail(show, close) {
  return form([field(say("support_mail_from"), { name: "email", type: "email" }), field(say("privacy_message_subject"), { name: "subject", maxlength: 200 }), area(say("privacy_message_text"), { name: "text", maxlength: MOST })], {
    action: say("support_mail_enter"),
    cancel: close,
    done: say("support_mail_entered"),
    send: async (values) => {
      await post("/api/staff/tickets", values);
      close();
      await show();
    },
  });
}

function child(close, gone) {
  return form([field(say("support_child_email"), { name: "email", type: "email" }), field(say("support_child_reason"), { name: "reason", maxlength: 200 })], {
    action: say("support_child_go"),
    kind: "danger",
    cancel: close,
    send: async (values) => {
      const sure = await ask({ title: say("support_child_sure"), text: say("support_child_sure_text", { email: values.email }), action: say("support_child_go") });
      if (!sure) return;
      const done = await confirmed(() => post("/api/staff/children", values));
      if (!done) return;
      close();
      await gone(done.receipt);
    },
  });
}
