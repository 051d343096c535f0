// An error in two lines, wherever it is shown.

import { h, icon } from "./dom.js";
import { errorWords, language } from "./words.js";

/** What happened and why on the first line, what to do next on the second. A known code is said in the reader's words. */
export function noticeLines({ code, title, reason, hint }) {
  const said = code ? errorWords(code) : { title, hint };
  const why = whyOf(reason ?? "");
  return [
    icon("warning"),
    h("p", {}, h("strong", { text: said.title }), why && h("span", { lang: "en", text: ` ${why}` })),
    h("p", { class: "hint", text: said.hint }),
  ];
}

/** A refusal names key and value for programs; a person reads what was expected. It is written in English alone. */
function whyOf(reason) {
  const expected = /^[^:]{1,40}: .* is not allowed\. (Expected .*)$/s.exec(reason)?.[1];
  if (!expected) return reason;
  return language === "en" ? expected : "";
}
