// A notebook as a file: downloaded in four forms, and read in again from one.

import { postFile } from "./api.js";
import { button, h } from "./dom.js";
import { menu, toast, toastFailure } from "./overlays.js";
import { publishNotebook } from "./publish.js";
import { say } from "./words.js";

const FORMS = [["ipynb", "book"], ["py", "copy"], ["json", "download"], ["zip", "download"]];

/** `book` is the open notebook: what is typed is saved before it goes into a file. */
export function takeAlongButton(book) {
  const file = h("input", { type: "file", accept: ".json,.ipynb,.zip", class: "hidden-file", tabindex: "-1", "aria-hidden": "true" });
  file.addEventListener("change", () => {
    if (file.files[0]) readIn(book, file.files[0]);
    file.value = "";
  });
  const place = button(say("export_title"), { name: "download", quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false", on: open });
  return h("span", { class: "take-along" }, file, place);

  function open() {
    const entries = FORMS.map(([form, name]) => ({ label: say(`export_${form}`), note: say(`export_${form}_note`), name, run: () => take(book, form) }));
    if (book.id) entries.push({ label: say("publish_whole"), note: say("publish_whole_note"), name: "publish", run: () => makePublic(book) });
    entries.push({ label: say("export_read"), note: say("export_read_note"), name: "plus", run: () => file.click() });
    menu(place, entries, say("export_title"));
  }
}

async function take(book, form) {
  try {
    await book.flush();
    h("a", { href: `/api/notebooks/${book.id}/export?format=${form}`, download: "" }).click();
  } catch (failure) {
    toastFailure(failure);
  }
}

/** What is typed belongs to it. */
async function makePublic(book) {
  try {
    await book.flush();
    publishNotebook(book.document);
  } catch (failure) {
    toastFailure(failure);
  }
}

/** A file that was chosen, or dropped. */
export async function readIn(book, file) {
  try {
    const { id, title } = await postFile("/api/notebooks/import", file);
    await book.open(id);
    toast(say("export_arrived", { title: title || say("export_untitled") }));
  } catch (failure) {
    // The reason names the place in the file.
    toast(`${failure.title}. ${failure.reason || failure.hint}`, { kind: "bad" });
  }
}
