// Markdown of a note as elements: headings, lists, quotes, code, emphasis, links. Builds nodes, never markup.

import { h } from "./dom.js";

const INLINE = /(`+)([^`]|[^`][^]*?[^`])\1(?!`)|\*\*([^]+?)\*\*|\*([^\s*](?:[^*]*[^\s*])?)\*|(?<![\w])_([^_\n]+)_(?![\w])|~~([^]+?)~~|\[([^\]\n]+)\]\(([^\s)]+)\)|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/;
const SAFE = /^(https?:|mailto:|#)/i;

export function markdown(text) {
  const lines = text.replaceAll("\r", "").split("\n");
  const blocks = [];
  while (lines.length) blocks.push(block(lines));
  return blocks.filter(Boolean);
}

/** Takes one block off the lines. */
function block(lines) {
  const line = lines.shift();
  if (!line.trim()) return null;
  const fence = line.match(/^\s*(```+|~~~+)/);
  if (fence) return code(lines, fence[1]);
  const heading = line.match(/^(#{1,4})\s+(.*?)\s*#*$/);
  if (heading) return h(`h${heading[1].length + 2}`, {}, inline(heading[2])); // the page and the cell have the first two
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return h("hr");
  lines.unshift(line);
  if (/^\s*>/.test(line)) return h("blockquote", {}, markdown(take(lines, /^\s*>/).map((one) => one.replace(/^\s*> ?/, "")).join("\n")));
  if (/^\s*[-*+]\s+/.test(line)) return list("ul", lines, /^\s*[-*+]\s+/);
  if (/^\s*\d+[.)]\s+/.test(line)) return list("ol", lines, /^\s*\d+[.)]\s+/);
  return paragraph(lines);
}

function take(lines, pattern) {
  const taken = [];
  while (lines.length && pattern.test(lines[0])) taken.push(lines.shift());
  return taken;
}

function code(lines, fence) {
  const inside = [];
  while (lines.length && !lines[0].trim().startsWith(fence)) inside.push(lines.shift());
  lines.shift();
  return h("pre", {}, h("code", { text: inside.join("\n") }));
}

function list(tag, lines, mark) {
  const items = take(lines, mark).map((line) => {
    const text = line.replace(mark, "");
    const task = text.match(/^\[([ xX])\]\s+(.*)$/);
    if (!task) return h("li", {}, inline(text));
    const box = h("input", { type: "checkbox", disabled: true, checked: task[1] !== " " });
    return h("li", { class: "task" }, box, inline(task[2]));
  });
  return h(tag, {}, items);
}

function paragraph(lines) {
  const words = [lines.shift()];
  while (lines.length && lines[0].trim() && !/^(\s*>|#{1,4}\s|\s*[-*+]\s|\s*\d+[.)]\s|\s*(```|~~~))/.test(lines[0])) words.push(lines.shift());
  return h("p", {}, words.flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line))));
}

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = rest.match(INLINE); found; found = rest.match(INLINE)) {
    if (found.index) nodes.push(rest.slice(0, found.index));
    nodes.push(mark(found));
    rest = rest.slice(found.index + found[0].length);
  }
  return rest ? [...nodes, rest] : nodes;
}

function mark([all, , literal, strong, italic, other, struck, label, address, plain]) {
  if (literal !== undefined) return h("code", { text: literal.trim() });
  if (strong !== undefined) return h("strong", {}, inline(strong));
  if (italic !== undefined || other !== undefined) return h("em", {}, inline(italic ?? other));
  if (struck !== undefined) return h("del", {}, inline(struck));
  const href = address ?? plain;
  if (!SAFE.test(href)) return all;
  return h("a", { href, target: href.startsWith("#") ? null : "_blank", rel: "noopener noreferrer" }, label ? inline(label) : plain);
}
