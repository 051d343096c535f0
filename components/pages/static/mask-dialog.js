// Paints the mask of a cell over the picture that it redraws, in a dialog.

import { postForm } from "./api.js";
import { button, h } from "./dom.js";
import { MaskEditor } from "./mask.js";
import { MaskTools } from "./mask-tools.js";
import { toast, toastFailure } from "./overlays.js";
import { decoded } from "./sources.js";
import { say } from "./words.js";

/** `margins` are the sides of a draft. Resolves to fields of a draft, or null when the person changes their mind. */
export async function paintMask(picture, mask, margins) {
  const image = await decoded(`/sources/${picture}`).catch(() => null);
  if (!image) return void toast(say("inpaint_unreadable"), { kind: "bad" });
  const painted = mask ? await decoded(`/inputs/${mask}`).catch(() => null) : null;
  const editor = new MaskEditor();
  const tools = new MaskTools(editor);
  return new Promise((resolve) => {
    let kept = null;
    const cancel = button(say("cancel"), { kind: "outlined", on: () => dialog.close() });
    const done = button(say("mask_done"), { kind: "primary", on: keep });
    const dialog = h("dialog", { class: "question mask-dialog", "aria-label": say("mask_paint") }, h("div", { class: "mask-head" }, tools.bar), editor.element, h("div", { class: "choices" }, cancel, done));
    dialog.addEventListener("keydown", (event) => tools.key(event));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(kept);
    });
    document.body.append(dialog);
    dialog.showModal();
    Object.assign(editor.margins, margins);
    editor.open(image, painted);
    editor.resize();
    editor.canvas.focus();

    async function keep() {
      done.disabled = true;
      try {
        kept = { mask: await send(editor, picture), ...editor.margins };
        dialog.close();
      } catch (failure) {
        toastFailure(failure);
        done.disabled = false;
      }
    }
  });
}

/** Always a mask of its own: the one before may belong to an undone version of the cell. */
async function send(editor, picture) {
  const body = new FormData();
  body.append("file", await editor.file(), "mask.png");
  body.append("kind", "mask");
  body.append("image", picture);
  return (await postForm("/api/inputs", body)).id;
}
