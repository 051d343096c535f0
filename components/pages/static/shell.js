// The frame of the page: which view is open, the rail, the theme, the machine, and whether the studio answers.

import { get, put } from "./api.js";
import { h, icon } from "./dom.js";
import { listen, on } from "./live.js";
import { popover, toast } from "./overlays.js";
import { keysByQuestionMark } from "./keys.js";
import { bytes, chosen, languages, say, speak } from "./words.js";

const VIEWS = ["studio", "gallery", "account", "trust"];
const THEMES = ["system", "dark", "light"];
const root = document.documentElement;

export function mount(element) {
  const links = VIEWS.map((view) => h("a", { class: "place", href: `#${view}` }, icon(view), h("span", { text: say(`nav_${view}`) })));
  const machine = machineButton();
  const theme = themeButton();
  const brand = h("a", { class: "brand", href: "#studio", "aria-label": say("app_name") }, h("img", { src: "/ui/logo.svg", alt: "", width: 36, height: 36 }));
  const skip = h("button", { type: "button", class: "skip", text: say("skip_to_content"), on: { click: skipToContent } });
  const nav = h("nav", { "aria-label": say("navigation") }, links);
  const banner = h("div", { class: "banner", role: "status", hidden: true, text: say("reconnecting") });
  element.replaceChildren(skip, brand, nav, h("div", { class: "foot" }, machine, theme), banner);
  const route = () => showView(links);
  window.addEventListener("hashchange", route);
  route();
  on("connection", ({ connected, again }) => {
    banner.hidden = connected;
    root.toggleAttribute("data-offline", !connected);
    if (connected && again) toast(say("reconnected"));
  });
  keysByQuestionMark();
  listen();
}

/** A picture lies over the view it was opened from. */
function showView(links) {
  const view = location.hash.slice(1).split("/")[0]; // what follows a slash is the view's own
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
  document.title = `${say(`nav_${root.dataset.view}`)} · ${say("app_name")}`;
}

/** To the first thing a person would want to touch in the open view. */
function skipToContent() {
  const first = { studio: "#prompt textarea", gallery: "#gallery input", account: "#account a, #account button", trust: "#trust a" };
  document.querySelector(first[root.dataset.view]).focus();
}

function themeButton() {
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
  place.addEventListener("click", () => {
    const now = localStorage.getItem("pixcosmos.theme") ?? "system";
    const rows = THEMES.map((theme) => {
      const choose = () => {
        set(theme);
        put("/api/preferences", { theme }).catch(() => {});
        opened.close();
      };
      return h("button", { type: "button", class: "row", "aria-pressed": String(theme === now), on: { click: choose } }, icon(`theme_${theme}`), h("span", { text: say(`theme_${theme}`) }));
    });
    const opened = popover(place, h("div", { class: "menu" }, rows, languageRows()), say("look"));
  });
  set(localStorage.getItem("pixcosmos.theme") ?? "system");
  get("/api/preferences").then(({ theme }) => theme && set(theme)).catch(() => {});
  return place;
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
    place.title = `${say("machine")}: ${word.textContent}`;
  };
  on("status", (status) => {
    latest = status;
    show(status.active ? "working" : status.state);
  });
  on("connection", ({ connected }) => {
    if (!connected) show("unknown");
  });
  place.addEventListener("click", () => latest && popover(place, machineFacts(latest), say("machine")));
  return place;
}

function machineFacts(status) {
  const { memory_used: used, memory_total: total } = status;
  const rows = [
    ["machine_device", status.device],
    ["machine_models", status.models.join(", ") || say("machine_no_models")],
    ["machine_queue", status.queued ? say("machine_queued", { n: status.queued }) : say("machine_idle")],
  ];
  if (total) rows.push(["machine_memory", say("machine_memory_value", { used: bytes(used), total: bytes(total) })]);
  return h("dl", { class: "facts-list" }, rows.map(([key, value]) => h("div", {}, h("dt", { text: say(key) }), h("dd", { text: value }))));
}
