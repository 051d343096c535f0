// The row of tools under the prompt, and the line that says what a dynamic or a very long prompt will become.

import { get, post, postFile } from "./api.js";
import { held, restore } from "./bench.js";
import { button, h } from "./dom.js";
import { openGrids } from "./grids.js";
import { openHistory } from "./history.js";
import { popover, toast, toastFailure } from "./overlays.js";
import { openStyles } from "./styles.js";
import { say } from "./words.js";

const LOOK_AFTER = 350; // milliseconds without typing
const MOST = 64; // prompts that are drawn at once

/** The latest look at the prompt, as the server answered it. */
let latest = null;

export function mount() {
  const line = h("p", { class: "reading-line", role: "status", hidden: true });
  const popup = { "aria-haspopup": "dialog", "aria-expanded": "false", kind: "tool" };
  const row = h(
    "div",
    { class: "prompt-tools", role: "toolbar", "aria-label": say("tools") },
    button(say("tools_styles"), { name: "styles", ...popup, on: () => openStyles(wear, () => latest?.worn ?? []) }),
    button(say("tools_history"), { name: "history", ...popup, on: () => openHistory() }),
    button(say("tools_grid"), { name: "grid", ...popup, on: () => openGrids() }),
    button(say("tools_reading"), { name: "reading", ...popup, quiet: true, on: showReading }),
  );
  row.addEventListener("keydown", walk);
  document.getElementById("prompt").append(row, line);
  watch(line);
}

/** Left and right move along the row, as in every toolbar. */
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll("button")];
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  event.preventDefault();
}

function watch(line) {
  let timer = 0;
  let asked = "";
  const fields = ["#prompt textarea", "#negative_prompt textarea"].map((name) => document.querySelector(name));
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const { model = "starter", prompt = "", negative_prompt = "" } = held();
      const body = { model, prompt, negative_prompt };
      const text = JSON.stringify(body);
      if (text === asked) return;
      asked = text;
      const look = await post("/api/prompt", body).catch(() => null);
      if (text !== asked) return; // a later look is on its way
      if (!look) asked = ""; // the next one asks again
      latest = look;
      showLine(line, look);
    }, LOOK_AFTER);
  };
  for (const field of fields) field?.addEventListener("input", schedule);
  document.addEventListener("pixcosmos:held", schedule);
  schedule();
}

function showLine(line, look) {
  line.hidden = true;
  line.classList.toggle("bad", Boolean(look?.mistake));
  if (!look) return;
  const { expansion, mistake, reading, model_name: model } = look;
  if (mistake) {
    line.replaceChildren(`${mistake.title}. ${mistake.reason}`);
    line.hidden = false;
  } else if (expansion) {
    const words = expansion.more ? say("expansion_more", { most: MOST }) : say("expansion_line", { n: expansion.count });
    const see = h("button", { type: "button", class: "link", "aria-haspopup": "dialog", text: say("expansion_see"), on: { click: () => showExpansion(see) } });
    line.replaceChildren(words, " · ", see);
    line.hidden = false;
  } else if (reading.cut) {
    line.replaceChildren(say("reading_long", { model, limit: reading.limit, cut: shortened(reading.cut) }));
    line.hidden = false;
  }
}

function shortened(text) {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The first prompts of a template, and all of them at once where there are not too many. */
async function showExpansion(anchor) {
  const { expansion } = latest;
  const rest = expansion.count - expansion.first.length;
  const items = expansion.first.map((prompt) => h("li", { text: prompt }));
  if (rest > 0) items.push(h("li", { class: "faint", text: expansion.more ? "…" : say("expansion_rest", { n: rest }) }));
  const all = button(say("expansion_draw", { n: expansion.count }), { kind: "primary", on: () => drawAll() });
  const known = await get("/api/wildcards").catch(() => ({ wildcards: [] }));
  const names = known.wildcards.map(({ name }) => `__${name}__`).join(" ");
  const shown = popover(
    anchor,
    h(
      "div",
      { class: "sheet-of-words" },
      h("h2", { text: say("expansion_title") }),
      h("ol", {}, items),
      h("p", { class: "faint", text: say("expansion_text") }),
      names && h("p", { class: "faint", text: say("expansion_wildcards", { names }) }),
      h("div", { class: "choices" }, known.may_add && fileButton(), expansion.more ? h("span", { class: "faint", text: say("expansion_too_many", { most: MOST }) }) : all),
    ),
    say("expansion_title"),
  );
  async function drawAll() {
    shown.close();
    try {
      const { size } = await post("/api/series", { draft: held() });
      toast(say("grid_started", { n: size }));
    } catch (failure) {
      toastFailure(failure);
    }
  }
}

function fileButton() {
  const input = h("input", { type: "file", accept: ".txt,text/plain", class: "hidden-file", tabindex: "-1", "aria-hidden": "true" });
  input.addEventListener("change", () => input.files[0] && addWildcard(input.files[0]));
  return h("span", {}, input, button(say("wildcard_drop"), { kind: "outlined", on: () => input.click() }));
}

/** A text file of words, chosen or dropped. */
export async function addWildcard(file) {
  try {
    const { name } = await postFile("/api/wildcards", file);
    toast(say("wildcard_added", { name }));
  } catch (failure) {
    toast(`${failure.title}. ${failure.reason || failure.hint}`, { kind: "bad" });
  }
}

function showReading(event) {
  if (!latest) return;
  const { reading, model_name: model } = latest;
  const words = reading.weights.filter(([text]) => text.trim()).map(([text, weight]) => piece(text, weight));
  const worn = reading.adapters.map(([name, weight]) => h("p", { class: "faint", text: say("reading_adapter", { name, weight }) }));
  const fits = !reading.limit
    ? say("reading_unknown")
    : reading.cut
      ? say("reading_long", { model, limit: reading.limit, cut: shortened(reading.cut) })
      : say("reading_fits", { tokens: reading.tokens, limit: reading.limit });
  const title = say("reading_title", { model });
  const bar = reading.limit && h("meter", { min: 0, max: reading.limit, value: Math.min(reading.tokens, reading.limit), "aria-label": fits });
  popover(event.currentTarget, h("div", { class: "sheet-of-words" }, h("h2", { text: title }), h("p", { class: "pieces" }, words), bar, h("p", { text: fits }), worn, h("p", { class: "faint", text: say("reading_help") })), title);
}

function piece(text, weight) {
  const rounded = Math.round(weight * 100) / 100;
  const kind = rounded > 1 ? "more" : rounded < 1 ? "less" : "";
  return h("span", { class: `piece ${kind}`, title: kind && say("reading_weight", { weight: rounded }) }, text, kind && h("small", { text: `×${rounded}` }));
}

let wearing = Promise.resolve();

/** Lays a style around the prompt, or takes it off; the controls then show what is drawn. One after the other: each is
 *  laid around what the one before it made. */
function wear(style, on) {
  wearing = wearing.then(() => wearNow(style, on));
  return wearing;
}

async function wearNow(style, on) {
  try {
    const words = await worded(style, on);
    restore(words);
    const { worn } = await post("/api/prompt", { model: held().model ?? "starter", ...words });
    return worn;
  } catch (failure) {
    toastFailure(failure);
    return latest?.worn ?? [];
  }
}

/** The words with the style, or without it. What was typed before the answer came is asked about anew. */
async function worded(style, on) {
  for (;;) {
    const { prompt = "", negative_prompt = "" } = held();
    const words = await post(`/api/styles/${encodeURIComponent(style.id)}/wear`, { on, prompt, negative_prompt });
    const now = held();
    if ((now.prompt ?? "") === prompt && (now.negative_prompt ?? "") === negative_prompt) return words;
  }
}
