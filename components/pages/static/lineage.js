// The lineage of a picture: a graph one can click through, another way from here, and the check of its pixels.

import { get, post } from "./api.js";
import { button, h, onceAtATime, svg } from "./dom.js";
import { noticeLines } from "./notice.js";
import { toast, toastFailure } from "./overlays.js";
import { say } from "./words.js";

const SIDE = 56;
const GAP = { along: 26, across: 10 };

/** The section of the detail view. Fills itself. */
export function lineageOf(image) {
  const place = h("div", { class: "graph" });
  const result = h("div", { class: "check", role: "status" });
  const verify = button(say("lineage_verify"), { name: "check", kind: "outlined", on: () => onceAtATime(verify, () => check(image, result)) });
  const branch = button(say("lineage_branch"), { name: "branch", kind: "outlined", on: () => branchFrom(image) });
  show(image, place);
  return h("section", { class: "lineage", "aria-label": say("lineage") }, h("h2", { text: say("lineage") }), place, h("div", { class: "tools" }, branch, verify), result);
}

async function show(image, place) {
  let graph;
  try {
    graph = await get(`/api/images/${image.id}/lineage`);
  } catch {
    return place.replaceChildren();
  }
  if (graph.nodes.length < 2) return place.replaceChildren(h("p", { class: "faint", text: say(image.kind === "imported" ? "lineage_from_file" : "lineage_alone") }));
  const whole = button(say("lineage_open"), { name: "open", kind: "plain", on: () => openWhole(image, graph) });
  place.replaceChildren(h("div", { class: "scroller" }, drawn(graph, image.id, false)), whole, graph.more && h("p", { class: "faint", text: say("lineage_more") }) || "");
  middle(place.querySelector(".scroller"));
}

/** This picture in the middle of its line; what lies around the line stays where the reader is. */
function middle(scroller) {
  const here = scroller.querySelector(".here")?.getBoundingClientRect();
  const frame = scroller.getBoundingClientRect();
  if (here) scroller.scrollBy(here.x + here.width / 2 - frame.x - frame.width / 2, here.y + here.height / 2 - frame.y - frame.height / 2);
}

/** On its own: larger, from left to right. */
function openWhole(image, graph) {
  const dialog = h(
    "dialog",
    { class: "question lineage-whole", "aria-label": say("lineage") },
    h("h2", { text: say("lineage") }),
    h("div", { class: "scroller" }, drawn(graph, image.id, true)),
    h("div", { class: "choices" }, button(say("close"), { kind: "outlined", on: () => dialog.close() })),
  );
  dialog.addEventListener("click", (event) => (event.target === dialog || event.target.closest("a")) && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Each step of the line is a row, or a column when `wide`; curves go from a picture to what was made from it. */
function drawn({ nodes, edges }, here, wide) {
  const side = wide ? 96 : SIDE;
  const depths = [...new Set(nodes.map((node) => node.depth))].sort((one, other) => one - other);
  const levels = depths.map((depth) => nodes.filter((node) => node.depth === depth));
  const widest = Math.max(...levels.map((level) => level.length));
  const across = widest * side + (widest - 1) * GAP.across;
  const along = levels.length * side + (levels.length - 1) * (wide ? 2 : 1) * GAP.along;
  const at = new Map();
  levels.forEach((level, row) => {
    const begin = (across - level.length * side - (level.length - 1) * GAP.across) / 2;
    level.forEach((node, index) => {
      const [a, b] = [begin + index * (side + GAP.across), row * (side + (wide ? 2 : 1) * GAP.along)];
      at.set(node.id, wide ? { x: b, y: a } : { x: a, y: b });
    });
  });
  const [width, height] = wide ? [along, across] : [across, along];
  const pad = 4;
  return svg(
    "svg",
    { class: "line", viewBox: `${-pad} ${-pad} ${width + 2 * pad} ${height + 2 * pad}`, width: width + 2 * pad, height: height + 2 * pad, role: "group", "aria-label": say("lineage_graph") },
    ...edges.map(([from, to]) => curve(at.get(from), at.get(to), side, wide)),
    ...nodes.map((node) => box(node, at.get(node.id), side, node.id === here)),
  );
}

function curve(from, to, side, wide) {
  const [a, b] = wide
    ? [{ x: from.x + side, y: from.y + side / 2 }, { x: to.x, y: to.y + side / 2 }]
    : [{ x: from.x + side / 2, y: from.y + side }, { x: to.x + side / 2, y: to.y }];
  const middle = wide ? (a.x + b.x) / 2 : (a.y + b.y) / 2;
  const d = wide ? `M${a.x} ${a.y}C${middle} ${a.y} ${middle} ${b.y} ${b.x} ${b.y}` : `M${a.x} ${a.y}C${a.x} ${middle} ${b.x} ${middle} ${b.x} ${b.y}`;
  return svg("path", { class: "edge", d });
}

function box(node, { x, y }, side, here) {
  const frame = svg("rect", { class: "frame", x, y, width: side, height: side, rx: 10 });
  const words = node.kind === "picture" ? (here ? `${say("lineage_this")}: ${node.prompt}` : node.prompt || say(`notebook_kind_${node.made}`)) : say(`lineage_${node.kind}`);
  const title = svg("title", {}, words);
  if (node.kind === "gone") return svg("g", { class: "node gone", role: "img", "aria-label": words }, title, frame, svg("path", { class: "cross", d: `M${x + side * 0.36} ${y + side * 0.36}l${side * 0.28} ${side * 0.28}m0 ${-side * 0.28}l${-side * 0.28} ${side * 0.28}` }));
  const source = node.kind === "picture" ? `/i/${node.id}/thumb256` : `/sources/${node.id}/thumb512`;
  const picture = svg("image", { href: source, x, y, width: side, height: side, preserveAspectRatio: "xMidYMid slice" });
  if (node.kind === "brought") return svg("g", { class: "node", role: "img", "aria-label": words }, title, picture, frame);
  return svg("a", { class: `node ${here ? "here" : ""}`, href: `#image/${node.id}`, "aria-label": words, ...(here ? { "aria-current": "true" } : {}) }, title, picture, frame);
}

async function branchFrom(image) {
  try {
    await post(`/api/images/${image.id}/branch`);
    location.hash = "#studio";
    toast(say("lineage_branched"));
  } catch (failure) {
    toastFailure(failure);
  }
}

async function check(image, result) {
  result.replaceChildren(h("p", { class: "faint", text: say("lineage_verifying") }));
  try {
    result.replaceChildren(...outcome(await post(`/api/images/${image.id}/verify`)));
  } catch (failure) {
    result.replaceChildren(h("div", { class: "notice" }, noticeLines(failure)));
  }
}

function outcome({ equal, share, most, changed }) {
  if (equal) return [h("p", { class: "equal", text: say("lineage_equal") })];
  const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumSignificantDigits: 2 }).format(share);
  const changes = changed.map(({ name, then, now }) => say("lineage_change", { name: say(`lineage_fact_${name}`), then, now })).join(", ");
  return [
    h("p", { class: "apart", text: say("lineage_apart", { share: percent, most }) }),
    h("p", { class: "faint", text: changes ? say("lineage_because", { changes }) : say("lineage_no_reason") }),
  ];
}
