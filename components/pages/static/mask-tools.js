// The tools over a mask: brush, eraser, size, undo, invert, clear and zoom, and the keys for them. Knows no server.

import { button, h } from "./dom.js";
import { say } from "./words.js";

export class MaskTools {
  /** `end` stands at the far end of the bar. */
  constructor(editor, end = []) {
    this.editor = editor;
    const tool = (name, key) => button(`${say(`mask_${name}`)} (${key})`, { name, quiet: true, on: () => editor.setTool(name), "aria-pressed": "false" });
    this.brushes = { brush: tool("brush", "B"), eraser: tool("eraser", "E"), hand: tool("hand", "H") };
    this.width = h("input", { type: "range", min: 2, max: 400, step: 1, "aria-label": say("mask_size"), title: `${say("mask_size")} ([ ])`, class: "brush-size" });
    this.width.addEventListener("input", () => editor.setSize(Number(this.width.value)));
    this.undo = button(`${say("mask_undo")} (Ctrl+Z)`, { name: "undo", quiet: true, on: () => editor.undo() });
    this.redo = button(`${say("mask_redo")} (Ctrl+Shift+Z)`, { name: "redo", quiet: true, on: () => editor.redo() });
    const zoom = (label, name, factor) => button(label, { name, quiet: true, on: () => (factor ? editor.zoom(factor) : editor.fit()) });
    this.bar = h(
      "div",
      { class: "mask-tools", role: "toolbar", "aria-label": say("mask_tools") },
      h("div", { class: "tool-group" }, Object.values(this.brushes), this.width),
      h("div", { class: "tool-group" }, this.undo, this.redo, button(`${say("mask_invert")} (I)`, { name: "invert", quiet: true, on: () => editor.invert() }), button(say("mask_clear"), { name: "trash", quiet: true, on: () => editor.clear() })),
      h("div", { class: "tool-group zooms" }, zoom(say("zoom_out"), "minus", 1 / 1.25), zoom(`${say("zoom_fit")} (0)`, "fit", 0), zoom(say("zoom_in"), "plus", 1.25)),
      h("div", { class: "tool-group end" }, end),
    );
    editor.addEventListener("size", () => (this.width.value = editor.size));
    editor.addEventListener("tool", () => this.showTool());
    editor.addEventListener("changed", () => this.showHistory());
    this.showTool();
    this.showHistory();
  }

  showHistory() {
    this.undo.disabled = !this.editor.canUndo;
    this.redo.disabled = !this.editor.canRedo;
  }

  showTool() {
    for (const [name, one] of Object.entries(this.brushes)) one.setAttribute("aria-pressed", String(name === this.editor.tool));
  }

  /** Whether the key was one of these. A field that is typed in keeps its keys. */
  key(event) {
    if (event.target.closest?.("textarea, input:not([type=range]):not([type=checkbox]):not([type=radio]), select")) return false;
    const { editor } = this;
    const commands = { z: () => (event.shiftKey ? editor.redo() : editor.undo()), y: () => editor.redo() };
    const plain = {
      "[": () => editor.setSize(editor.size / 1.15 - 1),
      "]": () => editor.setSize(editor.size * 1.15 + 1),
      b: () => editor.setTool("brush"),
      e: () => editor.setTool("eraser"),
      h: () => editor.setTool("hand"),
      x: () => editor.setTool(editor.tool === "eraser" ? "brush" : "eraser"),
      i: () => editor.invert(),
      0: () => editor.fit(),
      "+": () => editor.zoom(1.25),
      "-": () => editor.zoom(1 / 1.25),
    };
    const todo = event.ctrlKey || event.metaKey ? commands[event.key.toLowerCase()] : plain[event.key];
    if (!todo) return false;
    event.preventDefault();
    todo();
    return true;
  }
}
