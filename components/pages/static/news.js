// What waits for the person, above every view until they close it: a change of the policy, an answer, a download.

import { get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { date, say } from "./words.js";

// Several tell of one absence: to close one is to close them all.
const ABSENCE = ["inactive", "inactive_deleted"];

// kind -> its words, and where they lead
const KINDS = {
  policy: ({ version, effective }) => ({
    text: say(new Date(effective) > new Date() ? "privacy_news_policy" : "privacy_news_policy_past", { date: date(effective) }),
    look: say("privacy_news_policy_look"),
    href: `#trust/v${version}`,
  }),
  new_use: ({ purpose }) => ({ text: say("privacy_news_use", { use: say(`privacy_purpose_${purpose}`) }), look: say("privacy_news_use_look"), href: "#account/choices" }),
  inactive: ({ days, ends }) => ({ text: say("privacy_news_inactive", { days, date: date(ends) }), look: say("privacy_download"), href: "#account/download" }),
  inactive_deleted: ({ ends }) => ({ text: say("privacy_news_inactive_deleted", { date: date(ends) }), look: say("privacy_news_why"), href: "#trust/P27" }),
  export_ready: () => ({ text: say("privacy_download_ready"), look: say("download"), href: "#account/download" }),
  review_release: ({ image }) => ({ text: say("review_news_release"), look: say("review_news_look"), href: `#image/${image}` }),
  review_uphold: ({ image }) => ({ text: say("review_news_uphold"), look: say("review_news_look"), href: `#image/${image}` }),
  review_take_down: () => ({ text: say("review_news_take_down"), look: say("privacy_news_look"), href: "#showcase" }),
  answered: () => ({ text: say("privacy_news_answered"), look: say("privacy_news_look"), href: "#account/messages" }),
  extended: ({ date: until }) => ({ text: say("privacy_news_extended", { date: date(until) }), look: say("privacy_news_look"), href: "#account/messages" }),
};

/** An element that shows the newest notice, and nothing while there is none. */
export function news() {
  const place = h("div", { class: "news", role: "region", "aria-label": say("privacy_news"), hidden: true });
  show(place);
  return place;
}

async function show(place) {
  const found = await get("/api/privacy/notices").catch(() => []);
  const notice = found.find(({ kind }) => kind in KINDS);
  place.hidden = true;
  if (!notice) return;
  const { text, look, href } = KINDS[notice.kind](notice.facts);
  const close = async () => {
    place.hidden = true;
    const closed = ABSENCE.includes(notice.kind) ? found.filter(({ kind }) => ABSENCE.includes(kind)) : [notice];
    for (const { id } of closed) await post(`/api/privacy/notices/${id}/read`).catch(() => {});
    show(place);
  };
  if (location.hash === href) return close(); // they are reading it
  place.hidden = false;
  place.replaceChildren(icon("letter"), h("p", {}, text, " ", h("a", { href, text: look, on: { click: close } })), button(say("close"), { name: "close", quiet: true, on: close }));
}
