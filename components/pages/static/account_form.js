// Forms of the account view: labelled fields, the failure beside the field that it is about, one button that waits.

import { button, h, icon } from "./dom.js";
import { toast } from "./overlays.js";
import { say } from "./words.js";

let count = 0;

/** A labelled input. `note` stands under it; every other option is an attribute of the input. */
export function field(label, options) {
  return labelled(label, "input", { type: "text", ...options });
}

/** The same for longer words. */
export function area(label, options) {
  return labelled(label, "textarea", { rows: 6, ...options });
}

function labelled(label, tag, { name, note, ...options }) {
  const id = `field-${name}-${(count += 1)}`;
  const input = h(tag, { id, name, required: true, "aria-describedby": `${id}-note ${id}-error`, ...options });
  if (options.value !== undefined) input.value = options.value;
  return h(
    "div",
    { class: "field", data: { field: name } },
    h("label", { for: id, text: label }),
    input,
    h("p", { class: "note", id: `${id}-note`, text: note ?? "", hidden: !note }),
    h("p", { class: "error", id: `${id}-error`, role: "alert" }),
  );
}

/** `send(values)` may throw a Failure: it is shown at its field, or above the button when it names none. */
export function form(fields, { action, send, done, kind = "primary", cancel }) {
  const submit = button(action, { kind, type: "submit" });
  const trouble = h("p", { class: "error", role: "alert" });
  const ways = h("div", { class: "ways" }, submit, cancel && button(say("cancel"), { kind: "plain", on: cancel }));
  const element = h("form", { class: "account-form", novalidate: true }, fields, trouble, ways);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    clear(element, trouble);
    const empty = [...element.querySelectorAll("input[required], textarea[required]")].find((input) => !input.value);
    if (empty) return empty.focus();
    submit.disabled = true;
    try {
      const answer = await send(Object.fromEntries(new FormData(element)));
      if (done) toast(done);
      return answer;
    } catch (failure) {
      tell(element, trouble, failure);
    } finally {
      submit.disabled = false;
    }
  });
  return element;
}

/** A heading, its words and what can be done, as one block of a section. */
export function block(title, text, ...children) {
  return h("div", { class: "block-of" }, h("h3", { text: title }), text && h("p", { class: "muted", text }), children.flat());
}

/** Something to read, then a button that opens a form in its place. */
export function folded(label, build, { kind = "outlined" } = {}) {
  const place = h("div", {});
  const close = () => place.replaceChildren(opener);
  const opener = button(label, {
    kind,
    on: () => {
      place.replaceChildren(build(close));
      place.querySelector("input")?.focus();
    },
  });
  close();
  return place;
}

function clear(element, trouble) {
  trouble.replaceChildren();
  for (const error of element.querySelectorAll(".field .error")) error.replaceChildren();
  for (const input of element.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

function tell(element, trouble, failure) {
  const at = failure.field && element.querySelector(`[data-field="${CSS.escape(failure.field)}"]`);
  const words = [icon("warning"), h("span", { text: `${failure.title ?? failure.message}. ${failure.hint ?? ""}` })];
  if (!at) return trouble.replaceChildren(...words);
  at.querySelector(".error").replaceChildren(...words);
  const input = at.querySelector("input, textarea");
  input.setAttribute("aria-invalid", "true");
  input.focus();
}
