// The bench: carries settings into Gradio's controls and out of them, and says what is wrong with them.
// `trigger` reaches the server: "restore" sets the controls from a draft, "start" sets them and runs.

import { get, post, postFile } from "./api.js";
import { button, h, icon, present } from "./dom.js";
import { jobs } from "./live.js";
import { noticeLines } from "./notice.js";
import { negativeNote } from "./fields.js";
import { modelsButton } from "./models.js";
import { toast, toastFailure } from "./overlays.js";
import { bring } from "./sources.js";
import { restoreExtras, startFromPicture } from "./start.js";
import { isOpen } from "./tabs.js";
import * as tools from "./tools.js";
import { errorWords, say } from "./words.js";

const KEPT = "pixcosmos.draft";
const HOLDS = { width: "size", height: "size" }; // fields of a draft that share a control
const WORDS = ["prompt", "negative_prompt"];
const HINT_AFTER = 600; // milliseconds without typing

let bridge = null;

export async function mount(element, trigger, props, watch) {
  const notice = h("div", { class: "notice", role: "alert", hidden: true });
  element.replaceChildren(notice);
  bridge = trigger;
  watch("value", () => showOutcome(notice, props.value));
  await present("#generate", "#prompt textarea", "#seed label", "#model input");
  document.getElementById("model").append(modelsButton(() => trigger("models", {})));
  const kept = sessionStorage.getItem(KEPT);
  if (kept) restore(untyped(JSON.parse(kept)));
  runByKeys();
  refuseOffline();
  acceptFiles(document.getElementById("controls"));
  seedTools();
  sayWhereIdle();
  tools.mount();
  hints();
}

/** Sets the controls; what the draft leaves out stays as it is. */
export function restore(draft) {
  const { prompt, negative_prompt: negative, ...others } = draft;
  if (Object.keys(others).length) bridge("restore", { draft: others });
  // At once: an answer that comes late would take away what is typed in the meantime.
  Object.entries({ prompt, negative_prompt: negative }).forEach(([name, words]) => typeof words === "string" && write(name, words));
  restoreExtras(draft);
}

function write(name, words) {
  const field = wordsOf(name);
  if (!field || field.value === words) return;
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Without the words that somebody typed already while the page was being built. */
function untyped(draft) {
  return Object.fromEntries(Object.entries(draft).filter(([name]) => !WORDS.includes(name) || !wordsOf(name)?.value));
}

const wordsOf = (name) => document.querySelector(`#${name} textarea`);

/** Sets the prompt and draws it. */
export function startFrom(prompt) {
  bridge("start", { draft: { prompt } });
}

/** The same draft once more, without touching the controls. */
export async function generateAgain(draft) {
  await post("/api/jobs", { draft }).catch(toastFailure);
}

/** What the controls hold; the words as they stand in their fields at this moment. */
export function held() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  for (const name of WORDS) {
    const field = wordsOf(name);
    if (field) kept[name] = field.value;
  }
  return kept;
}

/** Called by Gradio with the controls' values whenever one changes. */
export function remember(values) {
  sessionStorage.setItem(KEPT, JSON.stringify(values));
  document.dispatchEvent(new CustomEvent("pixcosmos:held"));
  seedChanged(values.seed);
  guidanceChanged(values.guidance);
  clearOutcome();
}

/** Says what is wrong beside Generate and takes the person to the field. */
function showOutcome(notice, outcome) {
  clearOutcome();
  const error = outcome?.error;
  if (!error) return;
  notice.replaceChildren(...noticeLines(error));
  notice.hidden = false;
  const field = document.getElementById(HOLDS[error.field] ?? error.field);
  field?.classList.add("wrong");
  field?.querySelector("textarea, input")?.focus();
}

/** Called when Gradio could not carry a click to the server and back. */
export function failed() {
  showOutcome(document.querySelector("#bridge .notice"), { error: errorWords(isOffline() ? "unreachable" : "") });
}

function clearOutcome() {
  document.querySelectorAll("#controls .wrong").forEach((field) => field.classList.remove("wrong"));
  for (const notice of document.querySelectorAll("#bridge .notice")) notice.hidden = true;
}

/** Without a connection a click would wait in Gradio for ever; it says so at once instead. */
function refuseOffline() {
  const generate = document.getElementById("generate");
  generate.parentElement.addEventListener("click", (event) => {
    if (!generate.contains(event.target) || !isOffline()) return;
    event.stopPropagation();
    failed();
  }, true);
}

function isOffline() {
  return document.documentElement.hasAttribute("data-offline");
}

function runByKeys() {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  document.getElementById("generate").dataset.keys = say(mac ? "generate_keys_mac" : "generate_keys");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (!isOpen("text_to_image")) return;
    event.preventDefault();
    if (!event.repeat) document.getElementById("generate").click(); // a key that is held asks once
  });
}

function acceptFiles(controls) {
  const veil = h("div", { class: "drop", hidden: true }, h("span", { text: say("drop_here") }));
  controls.append(veil);
  const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  controls.addEventListener("dragenter", (event) => {
    if (carriesFile(event)) veil.hidden = false;
  });
  controls.addEventListener("dragover", (event) => carriesFile(event) && event.preventDefault());
  veil.addEventListener("dragleave", () => (veil.hidden = true));
  // Before Gradio's own textbox sees it: it would upload the file as an attachment.
  controls.addEventListener("drop", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    event.stopPropagation();
    veil.hidden = true;
    const [file] = event.dataTransfer.files;
    if (file.type === "text/plain") tools.addWildcard(file);
    else restoreFromFile(file);
  }, true);
}

/** A file's settings; a picture without any becomes what the next run starts from. */
async function restoreFromFile(file) {
  try {
    const { draft } = await postFile("/api/settings-from-file", file);
    restore(draft);
    toast(say("settings_restored", { name: file.name }));
  } catch (failure) {
    if (failure.code !== "no_settings") return toastFailure(failure);
    const found = await bring(file);
    if (found) startFromPicture(found.id);
  }
}

// The seed is kept exactly while the field holds a number.
let seedChanged = () => {};

function seedTools() {
  const dice = button(say("seed_roll"), { name: "dice", quiet: true, on: () => restore({ seed: roll() }) });
  const lock = button(say("seed_lock"), { name: "unlocked", quiet: true, on: () => restore({ seed: lock.held ? null : lastSeed() }) });
  lock.append(icon("locked"));
  document.getElementById("seed").append(h("div", { class: "seed-tools" }, dice, lock));
  seedChanged = (seed) => {
    lock.held = Boolean(seed);
    const words = say(lock.held ? "seed_unlock" : "seed_lock");
    lock.setAttribute("aria-pressed", String(lock.held));
    lock.setAttribute("aria-label", words);
    lock.title = words;
  };
  seedChanged("");
}

function roll() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

function lastSeed() {
  const newest = [...jobs.values()].sort((one, other) => (one.created_at < other.created_at ? 1 : -1))[0];
  return newest?.draft.seed ?? roll();
}

let guidanceChanged = () => {};

function sayWhereIdle() {
  const note = negativeNote();
  document.getElementById("negative_prompt").append(note.element);
  guidanceChanged = note.show;
  guidanceChanged(held().guidance);
}

/** A gentle word when the chosen model never saw what the prompt asks for. */
function hints() {
  const prompt = document.querySelector("#prompt textarea");
  const line = h("p", { class: "gentle", role: "status", hidden: true });
  document.getElementById("prompt").append(line);
  let timer = 0;
  let asked = null;
  prompt.addEventListener("input", schedule);
  schedule();
  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(look, HINT_AFTER);
  }
  async function look() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    const query = new URLSearchParams({ model: kept.model ?? "starter", prompt: prompt.value });
    if (String(query) === asked) return;
    asked = String(query);
    const { hint } = await get(`/api/hint?${query}`).catch(() => {
      asked = null; // the next look asks again
      return { hint: null };
    });
    if (prompt.value !== query.get("prompt")) return; // a later look is on its way
    line.hidden = !hint;
    line.textContent = hint ? say("hint_unknown", { ...hint, words: hint.words.map((word) => `“${word}”`).join(", ") }) : "";
  }
}
