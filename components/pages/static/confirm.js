// Asks for the password when a step cannot be undone, then does the step. Who has none proves themselves elsewhere.

import { field, form } from "./account_form.js";
import { get, post } from "./api.js";
import { button, h } from "./dom.js";
import { say } from "./words.js";

/** Runs `step`; when the studio wants the password first, asks for it and runs it again. Undefined when given up. */
export async function confirmed(step) {
  try {
    return await step();
  } catch (failure) {
    if (failure.code !== "confirm_first") throw failure;
  }
  const { account } = await get("/api/account");
  return (await (account?.has_password ? askedForPassword() : sentElsewhere())) ? step() : undefined;
}

/** The way leads to another site and back, so the step is begun anew afterwards. */
function sentElsewhere() {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "question", "aria-label": say("privacy_confirm_elsewhere") },
      h("h2", { text: say("privacy_confirm_elsewhere") }),
      h("p", { text: say("privacy_confirm_elsewhere_text") }),
      h(
        "div",
        { class: "choices" },
        button(say("cancel"), { kind: "outlined", on: () => dialog.close() }),
        h("a", { class: "button primary", href: "/account/huggingface/go/confirm", text: say("privacy_confirm_elsewhere_go") }),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function askedForPassword() {
  return new Promise((resolve) => {
    let proven = false;
    const dialog = h("dialog", { class: "question", "aria-label": say("privacy_confirm") });
    const proof = form(
      [
        field(say("account_password_now"), { name: "password", type: "password", autocomplete: "current-password" }),
        field(say("privacy_confirm_code"), { name: "code", autocomplete: "one-time-code", required: false }),
      ],
      {
        action: say("privacy_confirm_go"),
        cancel: () => dialog.close(),
        send: async (values) => {
          await post("/api/account/confirm", values);
          proven = true;
          dialog.close();
        },
      },
    );
    dialog.append(h("h2", { text: say("privacy_confirm") }), proof);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(proven);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
