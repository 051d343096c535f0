// The gallery's grid: only the tiles near the screen are on the page, so that it stays quick however long the list is.

import { h, icon } from "./dom.js";
import { beside, justify, within } from "./layout.js";
import { srcset } from "./previews.js";
import { say } from "./words.js";

const AHEAD = 900; // pixels above and below the screen that are ready
const HEADING = 44;
const LONG_PRESS = 450; // milliseconds
const GHOSTS = [1, 0.75, 1.33, 1, 0.66, 1.5, 1, 1, 0.8, 1.2, 1, 0.7];

export const alike = (image) => image.prompt || image.name || say("gallery_untitled");

export class Grid {
  /** `hooks`: open(image), toggle(image, range), star(image), key(event, image), drag(event, image). */
  constructor(hooks) {
    this.hooks = hooks;
    this.element = h("div", { class: "days", role: "group", "aria-label": say("gallery_grid") });
    this.groups = [];
    this.boxes = [];
    this.tiles = new Map();
    this.headings = new Map();
    this.active = null;
    this.chosen = new Set();
    this.ghosts = 0;
    const later = () => (this.frame ??= requestAnimationFrame(() => this.draw()));
    addEventListener("scroll", later, { passive: true });
    new ResizeObserver(() => this.element.clientWidth && this.element.clientWidth !== this.width && this.arrange()).observe(this.element);
    this.element.addEventListener("keydown", (event) => this.walk(event));
    this.element.addEventListener("focusin", (event) => this.focused(event));
  }

  /** `groups` are `{heading, items}`. With `more`, empty tiles stand for the pictures that come next. */
  show(groups, more) {
    const focused = this.focusedId();
    const at = focused ? this.pictures().findIndex((box) => box.item.id === focused) : -1;
    this.groups = groups;
    this.more = more;
    this.arrange();
    const now = this.pictures();
    if (at < 0 || now.length === 0 || now.some((box) => box.item.id === focused)) return;
    this.hold(now[Math.min(at, now.length - 1)]); // the next key acts on what took its place
  }

  pictures() {
    return this.boxes.filter((box) => box.item && !box.item.ghost);
  }

  focusedId() {
    return document.activeElement?.closest?.(".tile")?.dataset.id;
  }

  arrange() {
    this.width = this.element.clientWidth;
    if (!this.width) return;
    const style = getComputedStyle(this.element);
    const [target, gap] = ["--target", "--gap"].map((name) => parseFloat(style.getPropertyValue(name)));
    const { boxes, height } = justify(this.withGhosts(), { width: this.width, target, gap, headingHeight: HEADING });
    this.boxes = boxes;
    this.element.style.height = `${height}px`;
    this.draw();
  }

  withGhosts() {
    if (!this.more) return this.groups;
    const items = GHOSTS.map((width, index) => ({ id: `ghost-${index}`, ghost: true, width, height: 1 }));
    const groups = this.groups.length ? [...this.groups] : [{ heading: null, items: [] }];
    const last = groups.pop();
    const all = this.groups.length ? items : [...items, ...items.map((item) => ({ ...item, id: `more-${item.id}` }))];
    return [...groups, { ...last, items: [...last.items, ...all] }];
  }

  /** Puts what is near the screen on the page, in reading order, and takes the rest off. */
  draw() {
    this.frame = null;
    if (!this.element.offsetParent) return;
    const top = -this.element.getBoundingClientRect().top;
    const [from, to] = within(this.boxes, top - AHEAD, top + innerHeight + AHEAD);
    const wanted = new Map();
    for (const box of this.boxes.slice(from, to)) wanted.set(box.heading ? `h:${box.heading}` : box.item.id, box);
    const focused = this.focusedId();
    const keep = focused && this.boxes.some((box) => box.item?.id === focused) ? focused : null;
    for (const [key, element] of this.tiles) {
      if (wanted.has(key) || key === keep) continue;
      element.remove();
      this.tiles.delete(key);
    }
    let cursor = this.element.firstElementChild;
    for (const [key, box] of wanted) {
      const element = this.tiles.get(key) ?? this.make(key, box);
      if (element.image && element.image !== box.item) this.renew(element, box.item);
      put(element, box);
      if (element === cursor) cursor = cursor.nextElementSibling;
      else this.element.insertBefore(element, cursor);
    }
    this.hooks.near(this.boxes.length === 0 ? Infinity : this.element.offsetHeight - top - innerHeight);
  }

  make(key, box) {
    const element = box.heading ? h("h2", { text: box.heading }) : box.item.ghost ? h("div", { class: "tile skeleton", "aria-hidden": "true" }) : this.tile(box.item);
    this.tiles.set(key, element);
    return element;
  }

  tile(image) {
    const words = alike(image);
    const box = h("input", { type: "checkbox", tabindex: -1, "aria-label": say("gallery_pick", { prompt: words }) });
    box.addEventListener("click", (event) => this.hooks.toggle(tile.image, event.shiftKey));
    const picture = h("img", {
      srcset: srcset(image, 512),
      sizes: "240px",
      src: image.thumb,
      alt: image.prompt ? say("picture_alt", { prompt: words, seed: image.seed }) : words,
      decoding: "async",
      draggable: "false",
    });
    const link = h("a", { href: `#image/${image.id}`, draggable: "false", tabindex: this.isActive(image) ? 0 : -1 }, picture, h("span", { class: "caption", text: words }));
    const star = h("button", { type: "button", class: "starred", tabindex: -1, on: { click: () => this.hooks.star(tile.image) } }, icon("star"));
    const pick = h("label", { class: "pick" }, box, h("span", { class: "mark" }, icon("check")));
    const tile = h("div", { class: "tile", draggable: "true", data: { id: image.id } }, link, pick, star);
    tile.image = image;
    link.addEventListener("click", (event) => this.click(event, tile.image));
    tile.addEventListener("dragstart", (event) => this.hooks.drag(event, tile.image));
    longPress(tile, () => this.hooks.toggle(tile.image, false));
    mark(tile, this.chosen);
    return tile;
  }

  /** The same picture as a later answer of the studio knows it. */
  renew(tile, image) {
    tile.image = image;
    mark(tile, this.chosen);
  }

  click(event, image) {
    const many = event.ctrlKey || event.metaKey;
    if (!many && !event.shiftKey && !this.element.closest(".picking")) return;
    event.preventDefault();
    this.hooks.toggle(image, event.shiftKey);
  }

  isActive(image) {
    return this.active ? this.active === image.id : this.boxes.find((box) => box.item && !box.item.ghost)?.item.id === image.id;
  }

  /** Shows which are chosen and starred on the tiles that are on the page. */
  refresh(chosen = this.chosen) {
    this.chosen = chosen;
    for (const tile of this.tiles.values()) if (tile.image) mark(tile, chosen);
  }

  focused(event) {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    this.active = tile.dataset.id;
    for (const other of this.tiles.values()) other.querySelector?.("a")?.setAttribute("tabindex", other === tile ? 0 : -1);
  }

  walk(event) {
    const tile = event.target.closest(".tile");
    if (!tile?.image || event.altKey) return;
    const at = this.boxes.findIndex((box) => box.item === tile.image);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const jump = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    let next = null;
    if (step) next = this.along(at, step);
    else if (jump) next = beside(this.boxes, at, jump);
    else if (event.key === "Home") next = this.along(-1, 1);
    else if (event.key === "End") next = this.along(this.boxes.length, -1);
    else return this.hooks.key(event, tile.image);
    event.preventDefault();
    if (next === null || this.boxes[next].item.ghost) return;
    if (event.shiftKey) this.hooks.extend(tile.image, this.boxes[next].item);
    this.focus(this.boxes[next]);
  }

  along(at, step) {
    for (let next = at + step; next >= 0 && next < this.boxes.length; next += step) {
      if (this.boxes[next].item && !this.boxes[next].item.ghost) return next;
    }
    return null;
  }

  focus(box) {
    const top = this.element.getBoundingClientRect().top + box.top;
    const clear = 96; // below the bar that sticks to the top
    if (top < clear) scrollBy(0, top - clear);
    else if (top + box.height > innerHeight - 80) scrollBy(0, top + box.height - innerHeight + 80);
    this.draw();
    this.hold(box);
  }

  /** The focus, where the page stands; a tile that is far away is not on it. */
  hold(box) {
    this.tiles.get(box.item.id)?.querySelector("a").focus({ preventScroll: true });
  }
}

function put(element, { left, top, width, height }) {
  Object.assign(element.style, { transform: `translate(${left}px, ${top}px)`, width: `${width}px`, height: `${height}px` });
  const picture = element.querySelector("img");
  if (picture) picture.sizes = `${Math.ceil(width)}px`;
}

function mark(tile, chosen) {
  const { image } = tile;
  const picked = chosen.has(image.id);
  tile.classList.toggle("chosen", picked);
  tile.classList.toggle("is-starred", image.starred);
  tile.querySelector("input").checked = picked;
  const star = tile.querySelector(".starred");
  const words = say(image.starred ? "unstar_picture" : "star_picture", { prompt: alike(image) });
  star.setAttribute("aria-pressed", String(image.starred));
  star.setAttribute("aria-label", words);
  star.title = say(image.starred ? "unstar" : "star");
}

/** A finger that rests on a tile chooses it; the click that follows is not one. */
function longPress(tile, run) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  tile.addEventListener("touchstart", (event) => {
    stop();
    if (event.touches.length > 1 || event.target.closest(".pick, .starred")) return;
    timer = setTimeout(() => {
      tile.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => tile.removeEventListener("click", swallow, { capture: true }), 800);
      navigator.vibrate?.(10);
      run();
    }, LONG_PRESS);
  }, { passive: true });
  for (const name of ["touchend", "touchmove", "touchcancel"]) tile.addEventListener(name, stop, { passive: true });
  tile.addEventListener("contextmenu", (event) => matchMedia("(pointer: coarse)").matches && event.preventDefault());
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}
