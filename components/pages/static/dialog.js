// A dialog with a heading, a body that scrolls and a way out that stays.

import { h } from "./dom.js";

/** Opens it; `close` takes it away. A click beside it or Esc closes it too. */
export function dialog(title, { text, body, choices, closed } = {}) {
  const before = document.activeElement;
  const element = h(
    "dialog",
    { class: "question wide tall", "aria-label": title },
    h("h2", { text: title }),
    text && h("p", { text }),
    h("div", { class: "scrolls" }, body),
    h("div", { class: "choices" }, choices),
  );
  const close = () => element.close();
  element.addEventListener("click", (event) => event.target === element && close());
  element.addEventListener("close", () => {
    element.remove();
    closed?.();
    before?.focus?.();
  });
  document.body.append(element);
  element.showModal();
  return { element, close };
}

/** A labelled field of a form. */
export function field(label, control, note) {
  return h("label", { class: "field" }, h("span", { text: label }), control, note && h("small", { class: "faint", text: note }));
}
