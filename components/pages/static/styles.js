// The styles: chosen with one touch, and a person's own ones to write, change and delete.

import { get, post, put, remove } from "./api.js";
import { dialog, field } from "./dialog.js";
import { button, h, icon } from "./dom.js";
import { ask, toast, toastFailure } from "./overlays.js";
import { say } from "./words.js";

const SECTIONS = [
  ["own", (style) => style.own],
  ["starter", (style) => !style.own && style.kind === "style" && style.suits === "starter"],
  ["large", (style) => !style.own && style.kind === "style" && style.suits === "large"],
  ["negative", (style) => !style.own && style.kind === "negative"],
];

/** `wear(style, on)` changes the prompt and resolves to the ids that are then worn; `worn()` are those of now. */
export async function openStyles(wear, worn) {
  const body = h("div", { class: "styles", "aria-live": "polite" });
  const shown = dialog(say("tools_styles"), {
    text: say("style_text"),
    body,
    choices: [
      button(say("style_new"), { name: "plus", kind: "outlined", on: () => openForm({}, refresh) }),
      button(say("style_done"), { kind: "primary", on: () => shown.close() }),
    ],
  });
  let ids = new Set(worn());
  await refresh();

  async function refresh() {
    try {
      const { styles } = await get("/api/styles");
      body.replaceChildren(...SECTIONS.map(([name, belongs]) => section(name, styles.filter(belongs))).filter(Boolean));
    } catch (failure) {
      toastFailure(failure);
    }
  }

  function section(name, styles) {
    if (!styles.length) return null;
    return h("section", {}, h("h3", { text: say(`style_${name}`) }), h("div", { class: "tiles" }, styles.map(tile)));
  }

  function tile(style) {
    const face = style.picture
      ? h("img", { src: style.picture, alt: "", width: 96, height: 96, loading: "lazy" })
      : h("small", { text: style.kind === "negative" ? style.negative : style.prompt.replace("{prompt}", "…") });
    const choose = h("button", { type: "button", class: "tile", "aria-pressed": String(ids.has(style.id)), data: { style: style.id }, on: { click: () => toggle(style) } }, face, h("span", { text: style.name }));
    if (!style.own) return choose;
    const edit = button(say("style_edit", { name: style.name }), { name: "edit", quiet: true, on: () => openForm(style, refresh) });
    return h("div", { class: "own" }, choose, edit);
  }

  async function toggle(style) {
    ids = new Set(await wear(style, !ids.has(style.id)));
    for (const one of body.querySelectorAll(".tile")) one.setAttribute("aria-pressed", String(ids.has(one.dataset.style)));
  }
}

/** A new style, or one of theirs. `picture` is the id of the picture that shows it. */
export function openForm(style, done) {
  const name = h("input", { type: "text", maxlength: 40, required: true, value: style.name ?? "" });
  const kind = h("select", {}, ["style", "negative"].map((one) => h("option", { value: one, selected: (style.kind ?? "style") === one, text: say(`style_kind_${one}`) })));
  const prompt = h("textarea", { rows: 3, maxlength: 1000 });
  const negative = h("textarea", { rows: 2, maxlength: 1000 });
  prompt.value = style.prompt ?? "{prompt}, ";
  negative.value = style.negative ?? "";
  const words = field(say("style_prompt", { prompt: "{prompt}" }), prompt);
  const adapt = () => (words.hidden = kind.value === "negative");
  kind.addEventListener("change", adapt);
  const title = style.id ? say("style_edit", { name: style.name }) : say("style_new");
  const form = h("form", { class: "form" }, field(say("style_name"), name), field(say("style_kind"), kind), words, field(say("style_leave_out"), negative));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  const shown = dialog(title, {
    body: form,
    choices: [
      style.id && button(say("style_delete"), { name: "trash", kind: "bad", on: forget }),
      button(say("cancel"), { kind: "outlined", on: () => shown.close() }),
      button(say("style_save"), { kind: "primary", on: save }),
    ],
  });
  adapt();
  name.focus();

  async function save() {
    const picture = (style.picture ?? "").match(/^\/i\/(\w+)\//)?.[1] ?? style.of ?? "";
    const values = { name: name.value, kind: kind.value, prompt: prompt.value, negative: negative.value, picture };
    try {
      const kept = await (style.id ? put(`/api/styles/${style.id}`, values) : post("/api/styles", values));
      toast(say("style_saved", { name: kept.name }));
      shown.close();
      await done?.();
    } catch (failure) {
      toastFailure(failure);
    }
  }

  async function forget() {
    if (!(await ask({ title: say("style_delete_ask", { name: style.name }), text: say("style_delete_text"), action: say("style_delete") }))) return;
    try {
      await remove(`/api/styles/${style.id}`);
      shown.close();
      await done?.();
    } catch (failure) {
      toastFailure(failure);
    }
  }
}
