// Take pictures out: a few chosen ones, or everything that a search finds, as a ZIP with a manifest.

import { post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { popover, toastFailure } from "./overlays.js";
import { say } from "./words.js";

const FORMATS = [["png", "PNG"], ["jpeg", "JPEG"], ["webp", "WebP"]];

/** `what` is `{ids}` or the search as `{q, sort, zone}`. */
export function exportPopover(anchor, what) {
  const keep = h("input", { type: "checkbox", checked: true });
  const rows = FORMATS.map(([format, name]) => {
    const run = () => {
      opened.close();
      take({ ...what, format, metadata: keep.checked });
    };
    return h("button", { type: "button", class: "row", on: { click: run } }, icon("download"), h("span", { text: say("export_as", { format: name }) }));
  });
  const note = h("span", {}, say("download_metadata"), h("small", { text: say("export_metadata_note") }));
  const choice = h("label", { class: "row option" }, keep, note);
  const opened = popover(anchor, h("div", { class: "menu" }, rows, h("hr"), choice), say("download"));
}

async function take(wanted) {
  try {
    const plan = await post("/api/exports", wanted);
    if (plan.parts.length === 1) fetchPart(plan.parts[0]);
    else showParts(plan);
  } catch (failure) {
    toastFailure(failure);
  }
}

function fetchPart(part) {
  const link = h("a", { href: part.url, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Many pictures come in several files: each can be fetched again alone when it broke off. */
function showParts(plan) {
  const rows = plan.parts.map((part, index) => {
    const mark = h("span", { class: "here" });
    const fetch = button(say("export_part_fetch"), { name: "download", kind: "outlined", on: () => {
      fetchPart(part);
      mark.textContent = say("export_part_started");
    } });
    return h("li", {}, h("div", {}, h("strong", { text: say("export_part", { number: index + 1, all: plan.parts.length }) }), h("small", { text: say("export_pictures", { n: part.pictures }) })), mark, fetch);
  });
  const close = button(say("close"), { kind: "outlined", on: () => dialog.close() });
  const title = say("export_title", { n: plan.pictures });
  const dialog = h("dialog", { class: "question wide", "aria-label": title }, h("h2", { text: title }), h("p", { text: say("export_text") }), h("ul", { class: "models" }, rows), h("div", { class: "choices" }, close));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
