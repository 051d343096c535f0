// Every tag of the person in one place: renamed wherever it is, made one with another, or taken off everything.

import { get, patch, remove } from "./api.js";
import { button, h } from "./dom.js";
import { ask, askWords, toast, toastFailure } from "./overlays.js";
import { valueOf, withValue } from "./terms.js";
import { say } from "./words.js";

/** `read` and `write` are the search's: a search for a tag follows its name. */
export async function editTags({ read, write }) {
  const list = h("ul", { class: "tag-list" });
  const empty = h("p", { class: "faint", text: say("tags_none") });
  const close = button(say("close"), { kind: "outlined", on: () => dialog.close() });
  const dialog = h("dialog", { class: "question wide tags-dialog", "aria-label": say("tags_edit") }, h("h2", { text: say("tags_edit") }), empty, list, h("div", { class: "choices" }, close));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  await show();

  async function show() {
    const tags = await get("/api/tags").catch(() => []);
    empty.hidden = tags.length > 0;
    list.replaceChildren(...tags.map(row));
  }

  function row(tag) {
    const change = button(say("tag_rename", { tag: tag.name }), { name: "edit", quiet: true, on: () => trying(() => rename(tag)) });
    const away = button(say("tag_delete", { tag: tag.name }), { name: "trash", quiet: true, kind: "bad", on: () => trying(() => drop(tag)) });
    return h("li", {}, h("span", { class: "tag" }, h("span", { text: tag.name })), h("span", { class: "count", text: say("export_pictures", { n: tag.pictures }) }), change, away);
  }

  async function rename(tag) {
    const name = await askWords({ title: say("tag_rename", { tag: tag.name }), label: say("tag_name"), value: tag.name, action: say("board_rename_do") });
    if (!name || name === tag.name) return;
    const done = await renamed(tag, name);
    if (done) follow(tag.name, done.name);
  }

  /** The tag as it is then, or null when the person would rather keep two. */
  async function renamed(tag, name) {
    try {
      return await patch(`/api/tags/${tag.id}`, { name });
    } catch (failure) {
      if (failure.code !== "tag_taken") throw failure;
    }
    const question = { title: say("tag_merge_ask", { tag: tag.name, other: name }), text: say("tag_merge_text", { n: tag.pictures, other: name }), action: say("tag_merge") };
    return (await ask(question)) ? patch(`/api/tags/${tag.id}`, { name, merge: true }) : null;
  }

  async function drop(tag) {
    const n = tag.pictures;
    if (!(await ask({ title: say("tag_delete_ask", { tag: tag.name }), text: say("tag_delete_text", { n }), action: say("tag_delete", { tag: tag.name }) }))) return;
    await remove(`/api/tags/${tag.id}`);
    toast(say("tag_deleted", { tag: tag.name }));
    follow(tag.name, "");
  }

  function follow(before, after) {
    if (valueOf(read(), "tag").toLowerCase() === before.toLowerCase()) write(withValue(read(), "tag", after));
  }

  async function trying(run) {
    try {
      await run();
    } catch (failure) {
      toastFailure(failure);
    }
    await show();
  }
}
