// The filter popover: fields that write the search language into the search field, so that it is learned by using it.

import { get } from "./api.js";
import { boards, listBoards } from "./collect.js";
import { button, h } from "./dom.js";
import { popover } from "./overlays.js";
import { hasTerm, valueOf, withTerm, withValue } from "./terms.js";
import { say } from "./words.js";

const KINDS = ["text_to_image", "image_to_image", "inpaint", "upscale", "imported"];
const HAS = ["mask", "image", "control"];

/** `read()` answers the query as it stands, `write(query)` sets it and searches. */
export async function filterPopover(anchor, { read, write }) {
  const [tags, models] = await Promise.all([
    get("/api/tags").catch(() => []),
    get("/api/models").catch(() => []),
    listBoards().catch(() => []),
  ]);
  const set = (field) => (event) => write(withValue(read(), field, event.target.value.trim()));
  const choice = (field, options) => row(field, h("select", { on: { change: set(field) } }, options.map(([value, label]) => h("option", { value, selected: valueOf(read(), field) === value }, label))));
  const typed = (field, options) => row(field, h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...options, value: valueOf(read(), field), on: { change: set(field) } }));
  const any = ["", say("filter_any")];
  const check = (term, label) => {
    const box = h("input", { type: "checkbox", checked: hasTerm(read(), term) });
    box.addEventListener("change", () => write(withTerm(read(), term, box.checked)));
    return h("label", { class: "check" }, box, h("span", { text: label }));
  };
  const here = models.filter((model) => model.state === "ready");
  const form = h(
    "div",
    { class: "filters" },
    choice("board", [any, ["none", say("board_none")], ...boards.map((board) => [board.title, board.title])]),
    choice("tag", [any, ["none", say("filter_untagged")], ...tags.map((tag) => [tag.name, tag.name])]),
    choice("kind", [any, ...KINDS.map((kind) => [kind, say(`kind_${kind}`)])]),
    here.length > 1 && choice("model", [any, ...here.map((model) => [model.id, model.name])]),
    h("div", { class: "pair" }, typed("after", { type: "date" }), typed("before", { type: "date" })),
    h("div", { class: "pair" }, typed("steps", { placeholder: ">20" }), typed("size", { placeholder: ">=512" })),
    h("div", { class: "pair" }, typed("seed", { placeholder: "7" }), typed("guidance", { placeholder: "3..6" })),
    h("div", { class: "checks" }, check("is:starred", say("gallery_starred")), check("is:held", say("filter_held")), HAS.map((name) => check(`has:${name}`, say(`filter_has_${name}`)))),
    h("p", { class: "faint", text: say("filter_note") }),
    button(say("gallery_clear_search"), { kind: "outlined", on: () => {
      write("");
      opened.close();
    } }),
  );
  const opened = popover(anchor, form, say("filter"));
}

function row(field, control) {
  return h("label", { class: "entry" }, h("span", { text: say(`filter_${field}`) }), control);
}
