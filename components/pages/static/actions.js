// What can be done with a picture, wherever it is shown: keep it, use its settings, make it again, delete it.

import { post } from "./api.js";
import { restore } from "./bench.js";
import { h, icon } from "./dom.js";
import { removed } from "./live.js";
import { ask, copy, menu, popover, toast, toastFailure } from "./overlays.js";
import { bytes, say } from "./words.js";

const FORMATS = [["png", "PNG"], ["jpeg", "JPEG"], ["webp", "WebP"]];

/** Download as PNG, JPEG or WebP, with or without the settings inside, or as the model drew it. */
export function downloadMenu(anchor, image) {
  const keep = h("input", { type: "checkbox", checked: true });
  const rows = FORMATS.map(([format, name]) => fileRow(image, keep, { format, name: say("download_as", { format: name }) }));
  if (image.native) {
    const name = say("download_native", { width: image.native_width, height: image.native_height });
    rows.push(fileRow(image, keep, { format: "png", size: "native", name }));
  }
  const choice = h(
    "label",
    { class: "row option" },
    keep,
    h("span", {}, say("download_metadata"), h("small", { text: say("download_metadata_note") })),
  );
  popover(anchor, h("div", { class: "menu" }, rows, h("hr"), choice), say("download"));
}

function fileRow(image, keep, { format, size = "full", name }) {
  const note = format === "png" && size === "full" && image.size_bytes ? bytes(image.size_bytes) : null;
  const row = h(
    "a",
    { class: "row", href: "#", download: "" },
    icon("download"),
    h("span", {}, name, note && h("small", { text: note })),
  );
  row.addEventListener("click", () => {
    row.href = `/i/${image.id}/download?format=${format}&size=${size}&metadata=${keep.checked ? 1 : 0}`;
  });
  return row;
}

export function moreMenu(anchor, image) {
  menu(
    anchor,
    [
      { label: say("use_settings"), name: "settings", run: () => useSettings(image) },
      { label: say("reproduce"), name: "again", run: () => reproduce(image) },
      { label: say("copy_prompt"), name: "copy", run: () => copy(image.prompt, say("copied")) },
      { label: say("copy_settings"), name: "copy", run: () => copy(image.parameters, say("copied")) },
      { label: say("open_new_tab"), name: "open", href: image.url, target: "_blank" },
      { label: say("delete"), name: "trash", kind: "bad", run: () => deleteImages([image.id]) },
    ],
    say("more"),
  );
}

export function useSettings(image) {
  restore({ ...image.draft, seed: image.seed });
  location.hash = "#studio";
  toast(say("settings_used"));
}

export async function reproduce(image) {
  try {
    await post(`/api/images/${image.id}/reproduce`);
    location.hash = "#studio";
    toast(say("reproducing"));
  } catch (failure) {
    toastFailure(failure);
  }
}

/** Asks first. Resolves to whether they went. */
export async function deleteImages(ids) {
  const n = ids.length;
  const question = { title: say("delete_ask", { n }), text: say("delete_text", { n }), action: say("delete_images", { n }) };
  if (!(await ask(question))) return false;
  try {
    await post("/api/images/delete", { ids });
  } catch (failure) {
    toastFailure(failure);
    return false;
  }
  removed(ids);
  toast(say("deleted", { n }));
  return true;
}

export function copySeed(seed) {
  copy(String(seed), say("seed_copied", { seed }));
}
