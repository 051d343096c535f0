// Before and after, one over the other, with a border that follows the finger, the mouse or the arrow keys.

import { h } from "./dom.js";
import { say } from "./words.js";

/** An element with both pictures; `before` and `after` are addresses, the sides are those of the result. */
export function compare({ before, after, width, height, alt }) {
  const range = h("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, class: "compare-range", "aria-label": say("compare_slider") });
  const top = h("img", { class: "compare-before", loading: "lazy", src: before, alt: "", draggable: "false" });
  const under = h("img", { class: "compare-after", loading: "lazy", src: after, alt, draggable: "false", width, height });
  const element = h(
    "div",
    { class: "compare", style: { "--ratio": `${width} / ${height}`, "--width": width, "--height": height } },
    under,
    top,
    h("span", { class: "compare-line", "aria-hidden": "true" }, h("i")),
    h("span", { class: "compare-tag before", text: say("compare_before") }),
    h("span", { class: "compare-tag after", text: say("compare_after") }),
    range,
  );
  const set = () => element.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", set);
  element.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || event.buttons) return;
    const box = element.getBoundingClientRect();
    range.value = (100 * (event.clientX - box.left)) / box.width;
    set();
  });
  set();
  return element;
}
