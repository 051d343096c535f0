// Builds elements. Children are nodes or text, never markup, so words of users cannot become elements.

const SVG = "http://www.w3.org/2000/svg";

// Outlines on a grid of 24, drawn with a stroke of the current colour.
const ICONS = {
  studio: ["M12 3v3M12 18v3M3 12h3M18 12h3", "M12 8.2l1.2 2.6 2.6 1.2-2.6 1.2L12 15.8l-1.2-2.6L8.2 12l2.6-1.2z"],
  gallery: ["M4 4h7v9H4zM15 4h5v5h-5zM15 13h5v7h-5zM4 17h7v3H4z"],
  review: ["M12 6c4.500 0 8 3.500 9.500 6-1.500 2.500-5 6-9.500 6s-8-3.500-9.500-6C4 9.500 7.500 6 12 6z", "M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z"],
  trust: ["M12 3l7.5 3v5.500c0 4.500-3 7.800-7.5 9.500-4.500-1.700-7.5-5-7.5-9.500V6z", "M8.5 12l2.500 2.500 4.500-4.800"],
  theme_dark: ["M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.500z"],
  theme_light: ["M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z", "M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4"],
  theme_system: ["M4 5h16v11H4zM9 20h6M12 16v4"],
  showcase: ["M4 5h16v11H4zM9 20l3-4 3 4", "M7.5 13l3-3.500 2.500 2.500 1.500-1.500 2.500 2.5"],
  publish: ["M12 15V4M7.5 8.500L12 4l4.500 4.500M5 13v6.500h14V13"],
  download: ["M12 4v11M7.5 10.500L12 15l4.5-4.500M5 19.500h14"],
  settings: ["M4 7h9M17 7h3M4 17h3M11 17h9", "M15 5a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM9 15a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"],
  again: ["M4.5 12a7.5 7.5 0 0 1 13-5.100L20 9M20 4v5h-5", "M19.5 12a7.5 7.5 0 0 1-13 5.100L4 15M4 20v-5h5"],
  more: ["M5.5 12h.01M12 12h.01M18.5 12h.01"],
  trash: ["M4.5 6.500h15M9.5 6.500V4h5v2.500M6.5 6.500l.8 13h9.400l.8-13M10 10.500v5.500M14 10.500v5.5"],
  copy: ["M9 9h11v11H9zM5 15H4V4h11v1"],
  open: ["M14 4h6v6M20 4l-9 9M10 5H4v15h15v-6"],
  close: ["M6 6l12 12M18 6L6 18"],
  check: ["M5 12.500l4.5 4.500L19 7.5"],
  previous: ["M15 5l-7 7 7 7"],
  next: ["M9 5l7 7-7 7"],
  search: ["M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.500L20 20"],
  warning: ["M12 4l9 15.500H3zM12 10v4.500M12 17.300v.01"],
  dice: ["M5 5h14v14H5z", "M9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01"],
  locked: ["M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  unlocked: ["M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.8-1.2"],
  styles: ["M12 4a8 8 0 1 0 0 16c1.500 0 2-1 1.500-2.200-.6-1.500.3-2.800 2-2.800H18a2 2 0 0 0 2-2.200A8 8 0 0 0 12 4z", "M8 12h.01M9.5 8.500h.01M14 8h.01"],
  history: ["M4.5 8A8.5 8.5 0 1 1 3.5 12M4 4v4.500h4.500", "M12 7.500V12l3 2"],
  grid: ["M4 4h16v16H4zM4 9.300h16M4 14.700h16M9.3 4v16M14.7 4v16"],
  reading: ["M4 6h16M4 10.500h11M4 15h8", "M17 13.500a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM19.2 18.700L21 20.500"],
  edit: ["M4 20l1-4.500L16 4.500l3.500 3.500L8.5 19z"],
  plus: ["M12 5v14M5 12h14"],
  minus: ["M5 12h14"],
  brush: ["M20 4l-9.500 9.500M9 13a3.500 3.500 0 0 0-4 3.500c0 1.500-1 2.500-2 3 3 1 8 .5 8-4A2.500 2.500 0 0 0 9 13z"],
  eraser: ["M9 19.500h11M14.500 4.500l5 5L10 19H6.500L4 16.500z", "M9.500 9.500l5 5"],
  hand: ["M8 12V6.500a1.500 1.500 0 0 1 3 0V11M11 10.500V5a1.500 1.500 0 0 1 3 0v6M14 11V6.500a1.500 1.500 0 0 1 3 0V14c0 4-2 6.500-5.500 6.500S7 19 5 15.500c-.8-1.400-1-2.500 0-3s2 .5 3 2.500"],
  invert: ["M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z", "M12 4v16M12 8h5.500M12 12h8M12 16h5.500"],
  fit: ["M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"],
  full: ["M4 9V4h5M20 15v5h-5M4 4l6 6M20 20l-6-6"],
  zoom: ["M10.5 4a6.5 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500L20 20M10.500 7.500v6M7.500 10.500h6"],
  compare: ["M12 3v18M4 6h5v12H4zM15 6h5v12h-5z"],
  control: ["M5 18l5-9 4 5 5-9M5 18h.01M10 9h.01M14 14h.01M19 5h.01"],
  language: ["M12 3.500a8.5 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17z", "M3.5 12h17M12 3.500c3 2.500 3.500 5.500 3.500 8.500s-.5 6-3.500 8.500c-3-2.500-3.500-5.500-3.500-8.500s.5-6 3.500-8.500z"],
  account: ["M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  letter: ["M4 6h16v12H4z", "M4 7l8 6 8-6"],
  run: ["M8 5l11 7-11 7z"],
  onward: ["M4 6l8 6-8 6zM13 6l8 6-8 6z"],
  stop: ["M7 7h10v10H7z"],
  undo: ["M9 6L4.5 10.500 9 15M5 10.500h9a5 5 0 0 1 0 10h-2"],
  redo: ["M15 6l4.5 4.500L15 15M19 10.500h-9a5 5 0 0 0 0 10h2"],
  fold: ["M6 14.500l6-6 6 6"],
  unfold: ["M6 9.500l6 6 6-6"],
  grip: ["M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01"],
  note: ["M5 4h14v11l-5 5H5zM14 20v-5h5", "M8.5 8.500h7M8.5 12h4"],
  branch: ["M7 4v16M7 14c0-5 10-2 10-8", "M17 3.500a2.500 2.500 0 1 1 0 .01M7 20h.01"],
  up: ["M12 19V5M6 11l6-6 6 6"],
  down: ["M12 5v14M6 13l6 6 6-6"],
  picture: ["M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4", "M15.5 9h.01"],
  enlarge: ["M4 10V4h6M20 14v6h-6M4 4l6.500 6.500M20 20l-6.500-6.500"],
  bench: ["M4 7h10M4 12h7M4 17h10M17 8l4 4-4 4"],
  order: ["M8 5v14M4.5 15.500L8 19l3.500-3.500M14 7h6M14 12h4M14 17h2"],
  book: ["M6 4h12v16H6zM6 8H4M6 12H4M6 16H4M10 8h4"],
  star: ["M12 3.800l2.5 5.200 5.700.8-4.100 4 1 5.700-5.100-2.700-5.100 2.700 1-5.700-4.100-4 5.700-.8z"],
  board: ["M4 7V5h6l2 2h8v12H4zM4 10h16"],
  tag: ["M4 4h7l9 9-7 7-9-9z", "M8.5 8.500h.01"],
  filter: ["M4 6h16M7 12h10M10 18h4"],
  sort: ["M8 5v14M4.500 15.500L8 19l3.500-3.500M16 19V5M12.500 8.500L16 5l3.500 3.500"],
  learn: ["M12 5L2.5 9.500 12 14l9.500-4.500z", "M6.500 11.500v4.500c1.500 1.500 3.500 2.500 5.500 2.500s4-1 5.500-2.500v-4.500M21.500 9.500V15"],
  upload: ["M12 16V5M7.5 9.500L12 5l4.500 4.500M5 19.500h14"],
  machine: ["M7 7h10v10H7zM10 10h4v4h-4zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4"],
};

/** An element. `class`, `text`, `on` (listeners), `data` and `style` are ours; every other key is an attribute. */
export function h(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "style") for (const [key, rule] of Object.entries(value)) element.style.setProperty(key, rule);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A picture of 24 by 24 beside words, hidden from screen readers. */
export function icon(name) {
  const paths = ICONS[name].map((d) => svg("path", { d }));
  return svg("svg", { class: "icon", "data-name": name, viewBox: "0 0 24 24", "aria-hidden": "true" }, ...paths);
}

/** Runs `change`, which builds the inside of `place` anew. A focus in there stays on what stands at the same place now. */
export function keepingFocus(place, change) {
  const stops = () => [...place.querySelectorAll("a[href], button, input, select, textarea, [tabindex]")];
  const at = stops().indexOf(document.activeElement);
  change();
  if (at < 0 || place.contains(document.activeElement)) return;
  const now = stops();
  now[Math.min(at, now.length - 1)]?.focus({ preventScroll: true });
}

/** A button that cannot be pressed again until `step` is done; a focus on it comes back. */
export async function onceAtATime(control, step) {
  if (control.disabled) return; // keys come here without the button
  const focused = control === document.activeElement;
  control.disabled = true;
  try {
    await step();
  } finally {
    control.disabled = false;
    if (focused && document.activeElement === document.body) control.focus({ preventScroll: true });
  }
}

/** Resolves once every selector finds something: Gradio puts its components on the page in no promised order. */
export function present(...selectors) {
  const all = () => selectors.every((selector) => document.querySelector(selector));
  return new Promise((resolve) => {
    if (all()) return resolve();
    const watcher = new MutationObserver(() => {
      if (!all()) return;
      watcher.disconnect();
      resolve();
    });
    watcher.observe(document.body, { childList: true, subtree: true });
  });
}

/** A button with an icon and its words; `quiet` keeps the words for screen readers and the tooltip. */
export function button(label, { name, quiet = false, kind = "", on, ...rest } = {}) {
  const words = quiet ? { "aria-label": label, title: label } : {};
  return h(
    "button",
    { type: "button", class: `button ${kind} ${quiet ? "quiet" : ""}`.trim(), on: { click: on }, ...words, ...rest },
    name && icon(name),
    !quiet && h("span", { text: label }),
  );
}
