// Bring pictures in: files, a ZIP or a folder, chosen or dropped; one after the other, with a way to stop and a report.

import { postFile } from "./api.js";
import { button, h } from "./dom.js";
import { menu } from "./overlays.js";
import { say } from "./words.js";

const SHOWN = 200; // refused files that the report lists
const BROKEN_OFF = "unreachable";
const GIVE_UP_AFTER = 3; // uploads in a row that broke off: then it is the studio that is away

/** A button for the bar; `show()` is called when the person wants to see what came in. */
export function importButton(show) {
  const files = picker({ accept: "image/*,.zip", multiple: true });
  const folder = picker({ webkitdirectory: true, multiple: true });
  for (const input of [files, folder]) {
    input.addEventListener("change", () => {
      bring([...input.files], show);
      input.value = "";
    });
  }
  const open = button(say("import"), { name: "upload", quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false", on: () => menu(open, rows, say("import")) });
  const rows = [
    { label: say("import_files"), name: "gallery", note: say("import_files_note"), run: () => files.click() },
    { label: say("import_folder"), name: "board", run: () => folder.click() },
  ];
  return h("span", {}, open, files, folder);
}

function picker(options) {
  return h("input", { type: "file", hidden: true, tabindex: -1, "aria-hidden": "true", ...options });
}

/** Files and folders that are dropped on `element` come in. */
export function acceptDrops(element, show) {
  const veil = h("div", { class: "drop", hidden: true }, h("span", { text: say("import_drop") }));
  element.append(veil);
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  element.addEventListener("dragenter", (event) => {
    if (carries(event)) veil.hidden = false;
  });
  element.addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  veil.addEventListener("dragleave", () => (veil.hidden = true));
  element.addEventListener("drop", async (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    veil.hidden = true;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const dropped = [...event.dataTransfer.files];
    bring(entries.length ? (await Promise.all(entries.map(filesOf))).flat() : dropped, show);
  });
}

/** Every file below a dropped folder. */
async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve) => entry.file(resolve, () => resolve({ name: entry.name, unreadable: true })))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await filesOf(one)));
  }
}

async function bring(all, show) {
  const files = all.filter((file) => file.unreadable || /^image\//.test(file.type) || /\.(zip|avif|webp)$/i.test(file.name));
  const report = new Report(files.length, show);
  if (files.length < all.length) report.skip(all.length - files.length);
  let broken = 0;
  for (const file of files) {
    if (report.stopped) break;
    const away = broken === GIVE_UP_AFTER;
    const outcome = away ? [refused(file, say("import_untried"))] : await sent(file);
    outcome.forEach((one) => report.add(one));
    if (!away) broken = outcome.some((one) => one.broken) ? broken + 1 : 0;
    report.step();
  }
  report.end();
}

/** What became of it and of what is inside. One that breaks off on the way is named, and the next one goes. */
async function sent(file) {
  if (file.unreadable) return [refused(file, say("import_broken"))];
  try {
    return (await postFile("/api/imports", file)).brought;
  } catch (failure) {
    const broken = failure.code === BROKEN_OFF;
    return [{ ...refused(file, broken ? say("import_broken") : failure.title), broken }];
  }
}

const refused = ({ name }, reason) => ({ name, state: "refused", reason });

/** What came in so far, what did not and why. */
class Report {
  constructor(total, show) {
    this.counts = { kept: 0, already: 0, refused: 0 };
    this.bar = h("progress", { max: Math.max(1, total), value: 0, "aria-label": say("import_title") });
    this.line = h("p", { role: "status" });
    this.list = h("ul", { class: "refusals" });
    this.stop = button(say("cancel"), { kind: "outlined", on: () => this.leave() });
    this.look = button(say("import_show"), { kind: "primary", hidden: true, on: () => {
      this.dialog.close();
      show();
    } });
    this.title = h("h2", { text: say("import_title") });
    this.dialog = h("dialog", { class: "question wide import", "aria-label": say("import_title") }, this.title, this.bar, this.line, this.list, h("div", { class: "choices" }, this.stop, this.look));
    this.dialog.addEventListener("cancel", () => (this.stopped = true));
    this.dialog.addEventListener("close", () => {
      this.stopped = true;
      this.dialog.remove();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.tell();
  }

  add({ name, state, reason }) {
    this.counts[state] += 1;
    if (state === "refused" && this.list.childElementCount < SHOWN) this.list.append(h("li", {}, h("strong", { text: name }), h("span", { text: reason })));
    this.tell();
  }

  skip(n) {
    this.list.append(h("li", {}, h("span", { text: say("import_skipped", { n }) })));
  }

  step() {
    this.bar.value += 1;
  }

  tell() {
    const { kept, already, refused } = this.counts;
    const parts = [say("import_kept", { n: kept }), already && say("import_already", { n: already }), refused && say("import_refused", { n: refused })];
    this.line.textContent = parts.filter(Boolean).join(" ");
  }

  leave() {
    if (this.ended) return this.dialog.close();
    this.stopped = true;
    this.stop.disabled = true;
  }

  end() {
    this.ended = true;
    this.title.textContent = say(this.stopped ? "import_stopped" : "import_done");
    this.bar.hidden = true;
    this.stop.disabled = false;
    this.stop.querySelector("span").textContent = say("close");
    this.look.hidden = this.counts.kept + this.counts.already === 0;
  }
}
