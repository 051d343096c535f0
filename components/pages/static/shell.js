// The frame of the page: which view is open, the rail, the theme, the machine, and whether the studio answers.

import { get, postFile, put } from "./api.js";
import { restore } from "./bench.js";
import { h, icon, present } from "./dom.js";
import { listen, on, tell } from "./live.js";
import { menu, popover, toast, toastFailure } from "./overlays.js";
import { keysByQuestionMark } from "./keys.js";
import { news } from "./news.js";
import { bytes, chosen, languages, say, seconds, speak } from "./words.js";

const VIEWS = ["studio", "gallery", "showcase", "account", "trust", "review"]; // the last for moderators
const EARLY = 3; // views with a place of their own on a phone; the others and the foot wait behind "More"
const THEMES = ["system", "dark", "light"];
const root = document.documentElement;

export function mount(element) {
  const links = VIEWS.map((view, index) => h("a", { class: `place ${index < EARLY ? "" : "late"}`, href: `#${view}` }, icon(view), h("span", { text: say(`nav_${view}`) })));
  const [machine, openMachine] = machineButton();
  const [look, openLook] = lookButton();
  const brand = h("a", { class: "brand", href: "#studio", "aria-label": say("app_name") }, h("img", { src: "/ui/logo.svg", alt: "", width: 36, height: 36 }));
  const skip = h("button", { type: "button", class: "skip", text: say("skip_to_content"), on: { click: skipToContent } });
  const nav = h("nav", { "aria-label": say("navigation") }, links, moreButton(openMachine, openLook));
  const banner = h("div", { class: "banner", role: "status", hidden: true, text: say("reconnecting") });
  element.replaceChildren(skip, brand, nav, h("div", { class: "foot" }, machine, look), banner, news());
  document.getElementById("waiting")?.remove();
  const route = () => showView(links);
  window.addEventListener("hashchange", route);
  route();
  on("connection", ({ connected, again }) => {
    banner.hidden = connected;
    root.toggleAttribute("data-offline", !connected);
    if (connected && again) toast(say("reconnected"));
  });
  keysByQuestionMark();
  reviewPlace(links[VIEWS.indexOf("review")]);
  listen();
}

/** The moderators' place: there for staff, and for the owner of a personal home when something waits. */
function reviewPlace(link) {
  const count = h("b", { class: "badge", hidden: true });
  link.append(count);
  link.hidden = true;
  const look = async () => {
    const { moderator, staff, waiting } = await get("/api/review/waiting").catch(() => ({}));
    link.hidden = !(moderator && (staff || waiting));
    count.hidden = !waiting;
    count.textContent = String(waiting ?? "");
  };
  addEventListener("reviewed", look);
  addEventListener("hashchange", () => location.hash === "#review" && look());
  look();
}

/** The settings behind a public link, which its page sent here: `#remix/<token>`, or with a pass behind it. */
async function remix(token, key = "") {
  location.replace("#studio");
  try {
    const { draft, notebook } = await get(`/s/${token}/settings?${new URLSearchParams({ key: decodeURIComponent(key) })}`);
    await present("#prompt textarea");
    if (notebook) return await readAsOwn(notebook);
    restore(draft);
    toast(say("remix_ready"));
  } catch (failure) {
    toastFailure(failure);
  }
}

/** A public notebook as one of the person's own, which the page shows from then on. */
async function readAsOwn(notebook) {
  const file = new File([JSON.stringify(notebook)], "notebook.json", { type: "application/json" });
  const { id } = await postFile("/api/notebooks/import", file);
  tell("notebook-opened", { id });
  toast(say("remix_whole_ready"));
}

/** A picture lies over the view it was opened from. */
function showView(links) {
  const [view, ...rest] = location.hash.slice(1).split("/"); // what follows a slash is the view's own
  if (view === "remix") return remix(...rest);
  if (!VIEWS.includes(view)) {
    if (root.dataset.view) return;
    root.dataset.view = location.hash.startsWith("#image/") ? "gallery" : "studio";
  } else if (root.dataset.view !== view) {
    root.dataset.view = view;
    scrollTo(0, 0);
  }
  links.forEach((link, index) => {
    if (VIEWS[index] === root.dataset.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  document.querySelector("#rail .more").toggleAttribute("data-current", VIEWS.indexOf(root.dataset.view) >= EARLY);
  document.title = `${say(`nav_${root.dataset.view}`)} · ${say("app_name")}`;
}

/** To the first thing a person would want to touch in the open view. */
function skipToContent() {
  const first = { studio: "#prompt textarea", gallery: "#gallery input", showcase: "#showcase a", account: "#account a, #account button", trust: "#trust a", review: "#review button, #review a" };
  document.querySelector(first[root.dataset.view]).focus();
}

/** On a phone: what the bar has no room for. */
function moreButton(openMachine, openLook) {
  const place = h("button", { type: "button", class: "place more", "aria-haspopup": "dialog", "aria-expanded": "false" }, icon("more"), h("span", { text: say("more") }));
  place.addEventListener("click", () => {
    const hidden = (view) => document.querySelector(`nav a[href="#${view}"]`).hidden;
    const views = VIEWS.slice(EARLY).filter((view) => !hidden(view)).map((view) => ({ label: say(`nav_${view}`), name: view, href: `#${view}` }));
    const rest = [
      { label: say("machine"), name: "machine", run: () => openMachine(place) },
      { label: say("look"), name: "theme_system", run: () => openLook(place) },
    ];
    menu(place, [...views, ...rest], say("more"));
  });
  return place;
}

/** The button, and what opens its menu beside any other. */
function lookButton() {
  const place = h("button", { type: "button", class: "place" });
  const set = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    localStorage.setItem("pixcosmos.theme", theme);
    place.replaceChildren(icon(`theme_${theme}`), h("span", { text: say("look") }));
    place.title = `${say("theme")}: ${say(`theme_${theme}`)}`;
  };
  place.setAttribute("aria-haspopup", "dialog");
  place.setAttribute("aria-expanded", "false");
  const open = (anchor) => {
    const now = localStorage.getItem("pixcosmos.theme") ?? "system";
    const rows = THEMES.map((theme) => {
      const choose = () => {
        set(theme);
        put("/api/preferences", { theme }).catch(() => {});
        opened.close();
      };
      return h("button", { type: "button", class: "row", "aria-pressed": String(theme === now), on: { click: choose } }, icon(`theme_${theme}`), h("span", { text: say(`theme_${theme}`) }));
    });
    const opened = popover(anchor, h("div", { class: "menu" }, rows, languageRows()), say("look"));
  };
  place.addEventListener("click", () => open(place));
  set(localStorage.getItem("pixcosmos.theme") ?? "system");
  get("/api/preferences").then(({ theme }) => theme && set(theme)).catch(() => {});
  return [place, open];
}

/** Nothing while one language alone is spoken. */
function languageRows() {
  const codes = Object.keys(languages);
  if (codes.length < 2) return [];
  const row = (code, name) => {
    const options = { type: "button", class: "row", lang: code || null, "aria-pressed": String(code === chosen), on: { click: () => speak(code) } };
    return h("button", options, icon("language"), h("span", { text: name }));
  };
  return [h("hr"), row("", say("language_system")), ...codes.map((code) => row(code, languages[code]))];
}

/** The device and its queue in a word; a click tells more. */
function machineButton() {
  const dot = h("i", { class: "dot" });
  const word = h("span", { text: say("machine_unknown") });
  const place = h("button", { type: "button", class: "place machine", "aria-haspopup": "dialog", "aria-expanded": "false" }, icon("machine"), dot, word);
  let latest = null;
  const show = (state) => {
    place.dataset.state = state;
    word.textContent = say(`machine_${state}`);
    const facts = state === "unknown" || !latest ? [] : [queueWords(latest), latest.device].filter(Boolean);
    place.title = `${say("machine")}: ${[word.textContent, ...facts].join(" · ")}`;
  };
  on("status", (status) => {
    latest = status;
    show(status.active ? "working" : status.state);
  });
  on("connection", ({ connected }) => {
    if (!connected) show("unknown");
  });
  const open = (anchor) => latest && popover(anchor, machineFacts(latest), say("machine"));
  place.addEventListener("click", () => open(place));
  return [place, open];
}

/** What is being drawn and what waits, such as "2 pictures are being drawn, 3 jobs waiting, about 12s of work". */
function queueWords({ active, queued, wait }) {
  const drawn = active ? say("machine_active", { n: active }) : "";
  const queue = queued ? say("machine_queued", { n: queued }) : "";
  const waiting = queue && wait ? say("machine_wait", { queue, time: seconds(wait) }) : queue;
  return [drawn, waiting].filter(Boolean).join(", ") || say("machine_idle");
}

function machineFacts(status) {
  const { memory_used: used, memory_total: total } = status;
  const rows = [
    ["machine_device", status.device],
    ["machine_models", status.models.join(", ") || say("machine_no_models")],
    ["machine_queue", queueWords(status)],
  ];
  if (total) rows.push(["machine_memory", say("machine_memory_value", { used: bytes(used), total: bytes(total) })]);
  return h("dl", { class: "facts-list" }, rows.map(([key, value]) => h("div", {}, h("dt", { text: say(key) }), h("dd", { text: value }))));
}
