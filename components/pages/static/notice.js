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

/** A refusal names key, value and what was expected, in English alone. Others read key and value, if there is one. */
function whyOf(reason) {
  const [, key, value, expected] = /^([^:]{1,40}): (.*) is not allowed\. (Expected .*)$/s.exec(reason) ?? [];
  if (!expected) return reason;
  const bare = value.replace(/^'(.*)'$/s, "$1");
  const seen = bare && `${key}: ${bare.length > 40 ? `${bare.slice(0, 40)}…` : bare}.`;
  return language === "en" ? `${seen} ${expected}`.trim() : seen;
}
