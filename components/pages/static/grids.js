// X/Y grids: two parameters and their values, what they would cost, and the sheet they become.

import { get, post } from "./api.js";
import { held } from "./bench.js";
import { dialog, field } from "./dialog.js";
import { button, h } from "./dom.js";
import { noticeLines } from "./notice.js";
import { toast, toastFailure } from "./overlays.js";
import { moment, say, seconds } from "./words.js";

const PLAN_AFTER = 300;
const KEPT = "pixcosmos.grid";
const NUMBERS = new Set(["steps", "seed", "guidance", "strength"]);

export async function openGrids() {
  const choices = await get("/api/grids").catch((failure) => (toastFailure(failure), null));
  if (!choices) return;
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") ?? { x: { field: "steps", values: "5, 10, 20" }, y: { field: "guidance", values: "2, 3, 4" } };
  const [x, y] = [axis("x", kept.x, choices), axis("y", kept.y, choices)];
  const line = h("p", { class: "plan", role: "status" });
  const notice = h("div", { class: "notice", role: "alert", hidden: true });
  const draw = button(say("grid_draw"), { kind: "primary", on: start, disabled: true });
  const earlier = choices.grids.length > 0 && h("section", {}, h("h3", { text: say("grid_earlier") }), h("ul", { class: "past" }, choices.grids.map(row)));
  const shown = dialog(say("grid_title"), {
    text: say("grid_text"),
    body: [h("div", { class: "form" }, x.element, y.element), notice, line, earlier],
    choices: [button(say("cancel"), { kind: "outlined", on: () => shown.close() }), draw],
  });
  let timer = 0;
  shown.element.addEventListener("input", () => {
    draw.disabled = true;
    clearTimeout(timer);
    timer = setTimeout(plan, PLAN_AFTER);
  });
  await plan();

  function asked() {
    const body = { draft: held(), x: x.read(), y: y.read() };
    sessionStorage.setItem(KEPT, JSON.stringify({ x: body.x, y: body.y }));
    return body;
  }

  async function plan() {
    notice.hidden = true;
    line.textContent = "";
    try {
      const { count, seconds: cost } = await post("/api/grids/plan", asked());
      line.textContent = `${say("grid_count", { n: count })}, ${say("grid_time", { time: seconds(cost) })}`;
      draw.querySelector("span").textContent = say("grid_draw", { n: count });
      draw.disabled = false;
    } catch (failure) {
      notice.replaceChildren(...noticeLines(failure));
      notice.hidden = false;
    }
  }

  async function start() {
    draw.disabled = true;
    try {
      const { size } = await post("/api/grids", asked());
      shown.close();
      toast(say("grid_started", { n: size }));
    } catch (failure) {
      toastFailure(failure);
      draw.disabled = false;
    }
  }
}

/** One parameter: which, and its values as text, or picked from what there is. */
export function axis(side, kept, { fields, options }) {
  const names = side === "y" ? ["", ...fields] : fields;
  const select = h("select", {}, names.map((name) => h("option", { value: name, selected: name === (kept?.field ?? ""), text: name ? say(`grid_field_${name}`) : say("grid_none") })));
  const place = h("div", { class: "axis-values" });
  const label = say(`grid_values_${side}`);
  let read = () => "";
  const show = (values) => {
    const name = select.value;
    if (!name) {
      read = () => "";
      place.replaceChildren();
    } else if (options[name]) {
      const chosen = new Set(values.split(",").map((one) => one.trim()));
      const boxes = options[name].map(([value, words]) => h("label", { class: "pick" }, h("input", { type: "checkbox", value, checked: chosen.has(value) }), h("span", { text: words })));
      read = () => boxes.map((one) => one.firstChild).filter((box) => box.checked).map((box) => box.value).join(", ");
      place.replaceChildren(h("div", { class: "picks", role: "group", "aria-label": label }, boxes));
    } else {
      const text = h("input", { type: "text", value: values, "aria-label": label, placeholder: say(NUMBERS.has(name) ? "grid_help_numbers" : "grid_help_words") });
      read = () => text.value;
      place.replaceChildren(text, h("small", { class: "faint", text: text.placeholder }));
    }
  };
  select.addEventListener("change", () => show(""));
  show(kept?.values ?? "");
  return {
    element: h("div", { class: "axis" }, field(say(`grid_${side}`), select), place),
    read: () => (select.value ? { field: select.value, values: read() } : null),
  };
}

function row(grid) {
  return h("li", {}, h("button", { type: "button", class: "past-prompt", on: { click: () => openSheet(grid) } }, grid.title, h("small", { text: `${grid.prompt} · ${moment(grid.created_at)}` })));
}

/** The labelled sheet, to look at and to take along. */
export function openSheet(grid) {
  const picture = h("img", { class: "sheet", src: grid.sheet, alt: say("grid_sheet_of", { title: grid.title }) });
  const shown = dialog(say("grid_sheet_of", { title: grid.title }), {
    text: grid.prompt,
    body: picture,
    choices: [
      h("a", { class: "button outlined", href: `${grid.sheet}?download=1`, download: "" }, say("grid_sheet_download")),
      button(say("close"), { kind: "primary", on: () => shown.close() }),
    ],
  });
  shown.element.classList.add("broad");
}
