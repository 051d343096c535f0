// The mask editor: a picture, strokes over it, zoom and pan. Knows pixels and pointers; no server and no bench.
// The mask lives at the picture's size. What is seen is one canvas of the size of its place on the page, drawn anew
// when something changes, so that a large picture costs no more than a small one.

import { h } from "./dom.js";
import { apply, strokesOf, surface } from "./mask-strokes.js";
import { say } from "./words.js";

const REMEMBERED = 60; // strokes that can be undone
const CLOSEST = 16; // times
const SIDES = ["left", "top", "right", "bottom"];

export class MaskEditor extends EventTarget {
  /** `changed` is dispatched after each edit, `margins` while a side is dragged, `size` for the brush. */
  constructor() {
    super();
    this.canvas = h("canvas", { class: "easel-canvas", tabindex: 0, role: "application", "aria-label": say("mask_canvas"), "aria-describedby": "mask-keys" });
    this.element = h("div", { class: "easel" }, this.canvas);
    this.tool = "brush";
    this.size = 48;
    this.margins = { left: 0, top: 0, right: 0, bottom: 0 };
    this.view = { scale: 1, x: 0, y: 0 };
    this.pointers = new Map();
    this.paintable = true;
    this.inverted = false; // whether what is painted is what stays
    this.over = null; // a result that lies over the picture
    this.reset();
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  // What is painted

  /** A new picture: `image` is decoded, `painted` a decoded mask or null. */
  open(image, painted = null) {
    this.image = image;
    this.width = image.naturalWidth;
    this.height = image.naturalHeight;
    this.mask = surface(this.width, this.height);
    this.base = surface(this.width, this.height);
    this.reset();
    if (painted) this.base.getContext("2d").drawImage(strokesOf(painted, this.width, this.height), 0, 0);
    this.replay();
    this.size = Math.max(8, Math.round(Math.min(this.width, this.height) / 10));
    this.dispatchEvent(new Event("size"));
    this.fit();
  }

  reset() {
    this.strokes = [];
    this.undone = [];
    this.cursor = null;
    this.last = null;
  }

  get canUndo() {
    return this.strokes.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  undo() {
    if (!this.canUndo) return;
    this.undone.push(this.strokes.pop());
    this.replay();
    this.changed();
  }

  redo() {
    if (!this.canRedo) return;
    const stroke = this.undone.pop();
    this.strokes.push(stroke);
    apply(this.mask, stroke);
    this.changed();
  }

  invert() {
    this.add({ kind: "invert" });
  }

  clear() {
    this.add({ kind: "clear" });
  }

  /** Takes a decoded picture as the mask; it can be undone. */
  load(picture) {
    this.add({ kind: "load", picture: strokesOf(picture, this.width, this.height) });
  }

  add(stroke) {
    if (!this.mask) return;
    this.strokes.push(stroke);
    this.undone = [];
    apply(this.mask, stroke);
    if (this.strokes.length > REMEMBERED) apply(this.base, this.strokes.shift());
    this.changed();
  }

  replay() {
    const context = this.mask.getContext("2d");
    context.globalCompositeOperation = "copy";
    context.drawImage(this.base, 0, 0);
    context.globalCompositeOperation = "source-over";
    for (const stroke of this.strokes) apply(this.mask, stroke);
    this.draw();
  }

  changed() {
    this.draw();
    this.dispatchEvent(new Event("changed"));
  }

  isEmpty() {
    const small = surface(64, 64);
    const context = small.getContext("2d");
    context.drawImage(this.mask, 0, 0, 64, 64);
    if (context.getImageData(0, 0, 64, 64).data.some((value, index) => index % 4 === 3 && value)) return false;
    const { width, height } = this.mask; // a dot of a few pixels may vanish in the small one
    for (let top = 0; top < height; top += 512) {
      const data = this.mask.getContext("2d").getImageData(0, top, width, Math.min(512, height - top)).data;
      for (let index = 3; index < data.length; index += 4) if (data[index]) return false;
    }
    return true;
  }

  /** White where the picture is redrawn, black where it is kept; a PNG. */
  file() {
    const flat = surface(this.width, this.height);
    const context = flat.getContext("2d");
    context.drawImage(this.mask, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = "white";
    context.fillRect(0, 0, this.width, this.height);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "black";
    context.fillRect(0, 0, this.width, this.height);
    return new Promise((resolve) => flat.toBlob(resolve, "image/png"));
  }

  // What is seen

  /** A finished picture over the canvas, or null for the picture and its mask. */
  show(image) {
    this.over = image;
    this.draw();
  }

  setMargins(margins) {
    Object.assign(this.margins, margins);
    this.draw();
  }

  /** The picture with its margins, in its own pixels. */
  get frame() {
    const { left, top, right, bottom } = this.margins;
    return { x: -left, y: -top, width: this.width + left + right, height: this.height + top + bottom };
  }

  setInverted(value) {
    this.inverted = value;
    this.draw();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    const before = this.box;
    this.box = { width, height };
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    if (!before || this.fitted) this.fit();
    else this.draw();
  }

  fit() {
    if (!this.image || !this.box) return;
    const { x, y, width, height } = this.frame;
    const room = this.box.width < 600 ? 12 : 28;
    const scale = Math.min((this.box.width - 2 * room) / width, (this.box.height - 2 * room) / height, 4);
    this.view = { scale, x: (this.box.width - width * scale) / 2 - x * scale, y: (this.box.height - height * scale) / 2 - y * scale };
    this.fitted = true;
    this.draw();
  }

  zoom(factor, at = { x: this.box.width / 2, y: this.box.height / 2 }) {
    if (!this.image) return;
    const { scale, x, y } = this.view;
    const least = Math.min(0.1, this.box.width / this.width / 4);
    const next = Math.min(CLOSEST, Math.max(least, scale * factor));
    this.view = { scale: next, x: at.x - ((at.x - x) * next) / scale, y: at.y - ((at.y - y) * next) / scale };
    this.fitted = false;
    this.draw();
  }

  pan(dx, dy) {
    this.view = { ...this.view, x: this.view.x + dx, y: this.view.y + dy };
    this.fitted = false;
    this.draw();
  }

  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      if (this.image && this.box) this.paint(this.canvas.getContext("2d"));
    });
  }

  paint(context) {
    const { scale, x, y } = this.view;
    const ratio = devicePixelRatio;
    const colour = (name) => this.colour(name);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
    context.imageSmoothingEnabled = scale < 3;
    context.imageSmoothingQuality = "high";
    const { frame } = this;
    if (this.over) {
      context.drawImage(this.over, frame.x, frame.y, frame.width, frame.height);
      return;
    }
    if (frame.width > this.width || frame.height > this.height) {
      context.globalAlpha = 0.55;
      context.fillStyle = colour("--mask");
      context.fillRect(frame.x, frame.y, frame.width, frame.height);
      context.globalAlpha = 1;
    }
    context.drawImage(this.image, 0, 0);
    context.globalAlpha = 0.55;
    context.drawImage(this.tinted(colour("--mask")), 0, 0);
    context.globalAlpha = 1;
    this.paintFrame(context, colour, 1 / scale);
    if (this.cursor && this.paintable) this.paintCursor(context, colour, 1 / scale);
  }

  /** A token as the theme means it now: a canvas does not know variables. */
  colour(name) {
    this.probe ??= this.element.appendChild(h("i", { hidden: true }));
    this.probe.style.color = `var(${name})`;
    return getComputedStyle(this.probe).color;
  }

  paintFrame(context, colour, pixel) {
    const { x, y, width, height } = this.frame;
    context.lineWidth = 1.5 * pixel;
    context.strokeStyle = colour("--line-strong");
    context.strokeRect(x, y, width, height);
    if (!this.paintable) return;
    for (const side of SIDES) {
      const at = this.handle(side);
      const upright = side === "left" || side === "right";
      const [wide, high] = (upright ? [6, 40] : [40, 6]).map((length) => length * pixel);
      context.fillStyle = this.dragged === side || this.near === side ? colour("--accent") : colour("--text");
      context.strokeStyle = colour("--ground");
      context.beginPath();
      context.roundRect(at.x - wide / 2, at.y - high / 2, wide, high, 3 * pixel);
      context.fill();
      context.stroke();
    }
  }

  paintCursor(context, colour, pixel) {
    const { x, y } = this.cursor;
    for (const [width, name] of [[3, "--shade"], [1.5, "--on-picture"]]) {
      context.lineWidth = width * pixel;
      context.strokeStyle = colour(name);
      context.beginPath();
      context.arc(x, y, this.size / 2, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** The mask in the colour of the theme. */
  tinted(colour) {
    this.tint ??= surface(1, 1);
    if (this.tint.width !== this.width || this.tint.height !== this.height) {
      this.tint.width = this.width;
      this.tint.height = this.height;
    }
    const context = this.tint.getContext("2d");
    context.globalCompositeOperation = "copy";
    context.drawImage(this.mask, 0, 0);
    context.globalCompositeOperation = this.inverted ? "source-out" : "source-in";
    context.fillStyle = colour;
    context.fillRect(0, 0, this.width, this.height);
    return this.tint;
  }

  handle(side) {
    const { x, y, width, height } = this.frame;
    return { left: { x, y: y + height / 2 }, right: { x: x + width, y: y + height / 2 }, top: { x: x + width / 2, y }, bottom: { x: x + width / 2, y: y + height } }[side];
  }

  // Hands and keys

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener("pointerleave", () => {
      if (this.pointers.size) return;
      this.cursor = null;
      this.draw();
    });
    canvas.addEventListener("wheel", (event) => {
      if (!this.image) return;
      event.preventDefault();
      if (event.shiftKey) this.pan(-event.deltaY || -event.deltaX, 0);
      else this.zoom(Math.exp(-event.deltaY / 400), local(event, canvas));
    }, { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && this.showCursor());
    canvas.addEventListener("keyup", (event) => event.key === " " && (this.grabbing = false));
  }

  down(event) {
    if (!this.image || this.pointers.size > 1) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true });
    this.pointers.set(event.pointerId, local(event, this.canvas));
    if (this.over) return this.dispatchEvent(new Event("touched"));
    if (this.pointers.size === 2) return this.pinchBegins();
    const at = this.point(event);
    this.dragged = this.paintable && event.button === 0 ? this.sideAt(event) : null;
    if (this.dragged) return;
    if (event.button === 1 || this.tool === "hand" || this.grabbing || !this.paintable) return void (this.panning = true);
    const erase = this.tool === "eraser" || event.button === 2;
    const points = event.shiftKey && this.last ? [this.last, at] : [at];
    this.stroke = { kind: "stroke", erase, size: this.size, points };
    apply(this.mask, this.stroke);
    this.cursor = at;
    this.draw();
  }

  move(event) {
    if (!this.image) return;
    const before = this.pointers.get(event.pointerId);
    const now = local(event, this.canvas);
    if (before) this.pointers.set(event.pointerId, now);
    if (this.pointers.size === 2) return this.pinch();
    if (before && this.panning) return this.pan(now.x - before.x, now.y - before.y);
    if (before && this.dragged) return this.drag(this.point(event));
    if (before && this.stroke) {
      for (const one of event.getCoalescedEvents?.() ?? [event]) this.extend(this.point(one));
    } else {
      this.near = this.paintable && !this.over ? this.sideAt(event) : null;
    }
    this.cursor = event.pointerType === "touch" && !this.stroke ? null : this.point(event);
    if (this.near || this.tool === "hand" || this.over) this.cursor = null;
    this.canvas.style.cursor = this.near ? (this.near === "left" || this.near === "right" ? "ew-resize" : "ns-resize") : this.tool === "hand" ? "grab" : this.over ? "default" : "none";
    this.draw();
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    if (this.stroke) {
      this.last = this.stroke.points.at(-1);
      const stroke = this.stroke;
      this.stroke = null;
      this.strokes.push(stroke);
      this.undone = [];
      if (this.strokes.length > REMEMBERED) apply(this.base, this.strokes.shift());
      this.changed();
    }
    if (this.dragged) this.dispatchEvent(new Event("changed"));
    this.dragged = null;
    this.panning = false;
    if (!this.pointers.size) this.grip = null;
  }

  extend(at) {
    const from = this.stroke.points.at(-1);
    if (Math.hypot(at.x - from.x, at.y - from.y) < 0.5 / this.view.scale) return;
    apply(this.mask, this.stroke, this.stroke.points.push(at) - 1);
  }

  /** A second finger: the stroke that the first one began was not meant. */
  pinchBegins() {
    if (this.stroke) {
      this.stroke = null;
      this.replay();
    }
    this.grip = gripOf(this.pointers);
  }

  pinch() {
    const next = gripOf(this.pointers);
    if (this.grip) {
      this.zoom(next.apart / this.grip.apart, next.middle);
      this.pan(next.middle.x - this.grip.middle.x, next.middle.y - this.grip.middle.y);
    }
    this.grip = next;
  }

  drag(at) {
    const side = this.dragged;
    const beyond = { left: -at.x, top: -at.y, right: at.x - this.width, bottom: at.y - this.height }[side];
    const most = 4096 - (side === "left" || side === "right" ? this.frame.width : this.frame.height) + this.margins[side];
    this.margins[side] = Math.max(0, Math.min(most, Math.round(beyond / 8) * 8));
    this.draw();
    this.dispatchEvent(new Event("margins"));
  }

  sideAt(event) {
    const at = local(event, this.canvas);
    const reach = event.pointerType === "touch" ? 26 : 14;
    return SIDES.find((side) => {
      const { x, y } = this.handle(side);
      const upright = side === "left" || side === "right";
      const [dx, dy] = [at.x - (x * this.view.scale + this.view.x), at.y - (y * this.view.scale + this.view.y)];
      return Math.abs(upright ? dx : dy) < reach && Math.abs(upright ? dy : dx) < 26;
    }) ?? null;
  }

  /** With the canvas in focus: arrows move the brush, space paints a dab. */
  key(event) {
    if (!this.image || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.max(2, this.size / 4);
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    const dab = event.key === " " && !this.pointers.size && this.paintable;
    if (!way && !dab) return;
    event.preventDefault();
    if (way) {
      const { x, y } = this.cursor ?? this.middle;
      this.cursor = { x: clamp(x + way[0], 0, this.width), y: clamp(y + way[1], 0, this.height) };
    }
    this.showCursor();
    if (way ? event.shiftKey && this.paintable : !event.repeat) this.add({ kind: "stroke", erase: this.tool === "eraser", size: this.size, points: [this.cursor] });
  }

  get middle() {
    return { x: this.width / 2, y: this.height / 2 };
  }

  /** Where the keys would paint; the picture moves until that can be seen. */
  showCursor() {
    if (!this.image || !this.box) return;
    this.cursor ??= this.middle;
    const { scale, x, y } = this.view;
    const beyond = (at, room) => (at < 0 ? -at : at > room ? room - at : 0);
    const [dx, dy] = [beyond(this.cursor.x * scale + x, this.box.width), beyond(this.cursor.y * scale + y, this.box.height)];
    if (dx || dy) this.pan(dx, dy);
    else this.draw();
  }

  setSize(size) {
    this.size = clamp(Math.round(size), 2, 1024);
    this.draw();
    this.dispatchEvent(new Event("size"));
  }

  setTool(tool) {
    this.tool = tool;
    this.draw();
    this.dispatchEvent(new Event("tool"));
  }

  point(event) {
    const { x, y } = local(event, this.canvas);
    return { x: (x - this.view.x) / this.view.scale, y: (y - this.view.y) / this.view.scale };
  }
}

function local(event, element) {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function gripOf(pointers) {
  const [one, other] = [...pointers.values()];
  return { apart: Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)), middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 } };
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
