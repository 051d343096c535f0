// An error in two lines, wherever it is shown.

import { h, icon } from "./dom.js";

/** What happened and why on the first line, what to do next on the second. */
export function noticeLines({ title, reason, hint }) {
  return [
    icon("warning"),
    h("p", {}, h("strong", { text: title }), reason ? ` ${reason}` : ""),
    h("p", { class: "hint", text: hint }),
  ];
}
