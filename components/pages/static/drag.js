// Moves a cell by its grip, with a mouse, a pen or a thumb. A line shows where it would go.

import { h } from "./dom.js";

const EDGE = 80; // pixels from the edge of the window in which it scrolls

export class Drag {
  constructor(stage) {
    this.stage = stage;
    this.line = h("div", { class: "drop-line", "aria-hidden": "true" });
  }

  start(view, event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.view = view;
    this.at = null;
    this.y = event.clientY;
    view.grip.setPointerCapture(event.pointerId);
    const move = (now) => this.move(now.clientY);
    const end = (now) => {
      view.grip.removeEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) view.grip.removeEventListener(name, end);
      this.finish(now.type === "pointerup");
    };
    view.grip.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) view.grip.addEventListener(name, end);
    this.scroller = setInterval(() => this.scroll(), 16);
  }

  move(y) {
    this.y = y;
    this.view.element.classList.add("dragged");
    const elements = this.elements();
    const before = elements.findIndex((element) => y < middle(element));
    this.at = before < 0 ? elements.length : before;
    const next = elements[this.at];
    const list = this.stage.list;
    if (next) list.style.setProperty("--drop", `${next.offsetTop - 12}px`);
    else list.style.setProperty("--drop", `${elements.at(-1).offsetTop + elements.at(-1).offsetHeight + 8}px`);
    if (!this.line.isConnected) list.append(this.line);
  }

  scroll() {
    const way = this.y < EDGE ? -1 : this.y > innerHeight - EDGE ? 1 : 0;
    if (way && this.at !== null) scrollBy(0, 12 * way);
  }

  finish(done) {
    clearInterval(this.scroller);
    this.line.remove();
    this.view.element.classList.remove("dragged");
    if (!done || this.at === null) return;
    const from = this.elements().indexOf(this.view.element);
    const to = this.at > from ? this.at - 1 : this.at; // its own place is free once it leaves
    const last = this.stage.book.document.cells.length - 1;
    const place = this.stage.newestFirst ? last - to : to;
    this.stage.moveTo(this.view.id, () => place);
  }

  elements() {
    return [...this.stage.list.querySelectorAll(":scope > .cell")];
  }
}

function middle(element) {
  const box = element.getBoundingClientRect();
  return box.top + box.height / 2;
}
