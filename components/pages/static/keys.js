// What the keys do, shown by "?". Each part of the page obeys its own keys; this only tells of them.

import { button, h } from "./dom.js";
import { say } from "./words.js";

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const COMMAND = MAC ? "⌘" : "Ctrl";

// [keys, what they do]
const KEYS = [
  [[COMMAND, "Enter"], "keys_generate"],
  [[COMMAND, "Shift", "Enter"], "notebook_keys_onward"],
  [["Esc"], "notebook_keys_out"],
  [["↑", "↓"], "notebook_keys_walk"],
  [["Enter"], "notebook_keys_into"],
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

// Over a mask, in the inpaint bench and in a cell's dialog.
const MASK_KEYS = [
  [["B"], "mask_brush"],
  [["E"], "mask_eraser"],
  [["X"], "keys_mask_swap"],
  [["H"], "mask_hand"],
  [["[", "]"], "mask_size"],
  [["←", "→", "↑", "↓"], "keys_mask_move"],
  [["Space"], "keys_mask_dab"],
  [["Shift", "→"], "keys_mask_line"],
  [[COMMAND, "Z"], "mask_undo"],
  [[COMMAND, "Shift", "Z"], "mask_redo"],
  [["I"], "mask_invert"],
  [["+", "-"], "keys_mask_zoom"],
  [["0"], "zoom_fit"],
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
  const list = (all) => h("dl", {}, all.map(([keys, meaning]) => h("div", {}, h("dt", {}, keys.map((key) => h("kbd", { text: key }))), h("dd", { text: say(meaning) }))));
  const dialog = h(
    "dialog",
    { class: "question wide tall keys", "aria-label": say("keys_title") },
    h("h2", { text: say("keys_title") }),
    h("div", { class: "scrolls", tabindex: 0 }, list(KEYS), h("h3", { text: say("keys_mask") }), list(MASK_KEYS)),
    h("div", { class: "choices" }, button(say("close"), { kind: "outlined", autofocus: true, on: () => dialog.close() })),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
