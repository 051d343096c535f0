// Messages to whoever runs the studio: questions, feedback, and requests about privacy with a date for the answer.

import { area, field, form } from "./account_form.js";
import { get, post } from "./api.js";
import { h, icon } from "./dom.js";
import { date, moment, say } from "./words.js";

const KINDS = ["question", "feedback", "privacy"];

export const section = {
  id: "messages",
  icon: "letter",
  title: "privacy_messages",
  note: "privacy_messages_note",
  shown: (me) => me.kind !== "owner",
  build: async () => {
    const list = h("div", { class: "data-list" });
    const show = async () => list.replaceChildren(...(await get("/api/privacy/messages")).map(ticket));
    await show();
    return [h("p", { class: "muted", text: say("privacy_messages_text") }), writing(show), list];
  },
};

function writing(show) {
  const kind = h("select", { id: "message-kind", name: "kind" }, KINDS.map((one) => h("option", { value: one, text: say(`privacy_kind_${one}`) })));
  const parts = [
    h("div", { class: "field" }, h("label", { for: "message-kind", text: say("privacy_message_kind") }), kind),
    field(say("privacy_message_subject"), { name: "subject", maxlength: 200 }),
    area(say("privacy_message_text"), { name: "text", maxlength: 5000 }),
  ];
  const element = form(parts, {
    action: say("privacy_message_send"),
    done: say("privacy_message_sent"),
    send: async (values) => {
      await post("/api/privacy/messages", values);
      element.reset();
      await show();
    },
  });
  return element;
}

function ticket({ kind, state, created_at: sent, due_at: due, messages, answer, extended }) {
  const facts = [say(`privacy_kind_${kind}`), moment(sent), state === "open" && due && say("privacy_message_due", { date: date(due) })].filter(Boolean).join(" · ");
  return h(
    "details",
    { class: "data-table" },
    h("summary", {}, h("strong", { text: messages[0].subject }), h("small", { text: facts })),
    messages.map((one) => h("blockquote", { class: "message", text: one.text })),
    extended && h("p", { class: "data-note warn" }, icon("history"), h("span", { text: extended })),
    answer && h("p", { class: "data-note" }, icon("letter"), h("span", { text: answer })),
  );
}
