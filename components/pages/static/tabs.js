// The tabs over the benches: which one is open, remembered until the browser closes.

import { h, icon } from "./dom.js";
import { say } from "./words.js";

export const TABS = ["text_to_image", "inpaint", "upscale"];
const KEPT = "pixcosmos.tab";
const root = document.documentElement;
const hub = new EventTarget();

let buttons = [];
let below = null;

export function mount(element) {
  buttons = TABS.map((tab) =>
    h("button", { type: "button", role: "tab", id: `tab-${tab}`, class: "tab", "aria-controls": PANELS[tab], text: say(`tab_${tab}`), on: { click: () => openTab(tab) } }),
  );
  const list = h("div", { class: "tablist", role: "tablist", "aria-label": say("tabs"), on: { keydown: walk } }, buttons);
  below = h("button", { type: "button", class: "tab below", hidden: true, on: { click: toNotebook } }, icon("down"), h("span"));
  element.replaceChildren(h("div", { class: "tabrow" }, list, below));
  const kept = sessionStorage.getItem(KEPT);
  show(TABS.includes(kept) ? kept : TABS[0]);
}

/** Down to the notebook; by keys on to its first cell. */
function toNotebook() {
  document.querySelector("#stage .notebook-head").scrollIntoView({ behavior: "smooth" });
  document.querySelector("#stage .cell")?.focus({ preventScroll: true });
}

/** The way down to the notebook, from the benches that stand above it. */
export function notebookSize(n) {
  if (!below) return;
  below.hidden = n === 0;
  below.querySelector("span").textContent = say("tab_notebook", { n });
  below.setAttribute("aria-label", say("tab_notebook", { n }));
}

const PANELS = { text_to_image: "bench", inpaint: "inpaint", upscale: "upscale" };

/** Opens a bench, from wherever the person is. */
export function openTab(tab) {
  show(tab);
  if (!location.hash.startsWith("#studio")) location.hash = "#studio";
  scrollTo(0, 0);
}

export function currentTab() {
  return root.dataset.tab ?? TABS[0];
}

/** Calls `listener(tab)` whenever another bench opens. */
export function onTab(listener) {
  hub.addEventListener("tab", (event) => listener(event.detail));
}

/** Whether this bench is what the person looks at. */
export function isOpen(tab) {
  return root.dataset.view === "studio" && currentTab() === tab && !document.querySelector("dialog[open]");
}

function show(tab) {
  root.dataset.tab = tab;
  sessionStorage.setItem(KEPT, tab);
  for (const [index, button] of buttons.entries()) {
    const open = TABS[index] === tab;
    button.setAttribute("aria-selected", String(open));
    button.tabIndex = open ? 0 : -1;
  }
  hub.dispatchEvent(new CustomEvent("tab", { detail: tab }));
}

function walk(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = (TABS.indexOf(currentTab()) + step + TABS.length) % TABS.length;
  show(TABS[next]);
  buttons[next].focus();
}
