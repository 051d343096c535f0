// The axes of a cell that is a grid: two parameters and their values.

import { get } from "./api.js";
import { axis } from "./grids.js";
import { h } from "./dom.js";

let asked = null; // what can be an axis, asked for once

function choices() {
  asked ??= get("/api/grids").catch((failure) => {
    asked = null; // the next one asks again
    throw failure;
  });
  return asked;
}

export class Axes {
  constructor(notebook, cellId) {
    this.book = notebook.book;
    this.id = cellId;
    this.element = h("div", { class: "cell-axes", hidden: true });
    this.element.addEventListener("change", () => this.send());
  }

  /** Drawn anew only when the document says something else than what is shown. */
  async update({ series }) {
    this.element.hidden = series?.kind !== "grid";
    const key = JSON.stringify([series?.x ?? null, series?.y ?? null]);
    if (this.element.hidden || key === this.key) return;
    this.key = key;
    const found = await choices().catch(() => null);
    if (this.key !== key) return;
    if (!found) return void (this.key = null);
    this.rows = [axis("x", series.x, found), axis("y", series.y, found)];
    this.element.replaceChildren(...this.rows.map((row) => row.element));
  }

  send() {
    const [x, y] = this.rows.map((row) => row.read());
    this.key = JSON.stringify([x, y]);
    const series = { kind: "grid", x, ...(y ? { y } : {}) };
    this.book.change({ op: "edit", cell: this.id, series });
  }
}
