// A control map as the network will see it, before anything is drawn.

import { h } from "./dom.js";
import { say } from "./words.js";

const LARGEST = 1024; // pixels; a larger picture's map is shown smaller

export class MapPreview {
  constructor() {
    this.element = h("div", { class: "control-preview", "aria-live": "polite" });
  }

  /** Of the picture `image`, or nothing without one. Asks once for the same map; the last one asked for is shown. */
  async show({ image, map, ...size }) {
    const smaller = Math.min(1, LARGEST / Math.max(size.width, size.height));
    const [width, height] = [size.width, size.height].map((side) => Math.round(side * smaller));
    const asked = `${image} ${map} ${width} ${height}`;
    if (asked === this.asked) return;
    this.asked = asked;
    if (!image) return this.put(null);
    this.element.classList.add("busy");
    try {
      const response = await fetch("/api/control/preview", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ map, image, width, height }) });
      if (!response.ok) throw (await response.json()).error;
      const drawn = await response.blob();
      if (asked === this.asked) this.put(drawn);
    } catch (failure) {
      if (asked !== this.asked) return;
      this.put(null);
      this.element.append(h("p", { class: "field-note", text: failure.title ?? failure.message }));
    } finally {
      if (asked === this.asked) this.element.classList.remove("busy");
    }
  }

  put(drawn) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = drawn && URL.createObjectURL(drawn);
    this.element.replaceChildren(...(drawn ? [h("img", { src: this.url, alt: say("control_preview") })] : []));
  }
}

/** Calls `seen` when the element first comes near what the person looks at, and at once from then on. */
export function whenSeen(element, seen) {
  let near = false;
  const watcher = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    near = true;
    watcher.disconnect();
    seen();
  }, { rootMargin: "200px" });
  watcher.observe(element);
  return () => near && seen();
}
