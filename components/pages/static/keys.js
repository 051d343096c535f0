// What the keys do, shown by "?". Each part of the page obeys its own keys; this only tells of them.

import { button, h } from "./dom.js";
import { say } from "./words.js";

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const COMMAND = MAC ? "⌘" : "Ctrl";

// [keys, what they do]
const KEYS = [
  [[COMMAND, "Enter"], "keys_generate"],
  [[COMMAND, "Shift", "Enter"], "notebook_keys_onward"],
  [["↑", "↓"], "notebook_keys_walk"],
  [["Alt", "↑", "↓"], "notebook_keys_move"],
  [["Del"], "notebook_keys_delete"],
  [[COMMAND, "Z"], "notebook_keys_undo"],
  [["←", "→"], "keys_neighbours"],
  [["/"], "keys_search"],
  [["Space"], "keys_choose"],
  [[COMMAND, "A"], "keys_choose_all"],
  [["S"], "keys_star"],
  [["T"], "keys_tag"],
  [["B"], "keys_board"],
  [["Del"], "keys_delete"],
  [["Esc"], "keys_close"],
  [["?"], "keys_this"],
];

/** Opens the list from anywhere but a field one can type into. */
export function keysByQuestionMark() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
    if (event.key !== "?" || typing || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    show();
  });
}

function show() {
  const rows = KEYS.map(([keys, meaning]) => h("div", {}, h("dt", {}, keys.map((key) => h("kbd", { text: key }))), h("dd", { text: say(meaning) })));
  const dialog = h(
    "dialog",
    { class: "question wide keys", "aria-label": say("keys_title") },
    h("h2", { text: say("keys_title") }),
    h("dl", {}, rows),
    h("div", { class: "choices" }, button(say("close"), { kind: "outlined", on: () => dialog.close() })),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
