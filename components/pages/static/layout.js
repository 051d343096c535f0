// Where each tile of the gallery goes: rows of one height that fill the width, with real proportions. Touches no page.

const NARROWEST = 0.45;
const WIDEST = 3.2;

/** A picture's proportion, within what a row can hold. */
export function ratio(image) {
  return Math.min(WIDEST, Math.max(NARROWEST, image.width / image.height));
}

/**
 * `groups` are `{heading, items}`; the answer has a box for every heading and item, in order, and the height of all.
 * A row is full when it would otherwise be taller than `target`; the last row of a group keeps that height.
 */
export function justify(groups, { width, target, gap, headingHeight }) {
  const boxes = [];
  let top = 0;
  for (const { heading, items } of groups) {
    if (heading) {
      boxes.push({ heading, left: 0, top, width, height: headingHeight });
      top += headingHeight;
    }
    for (const row of rows(items, { width, target, gap })) {
      place(row, { boxes, top, width, gap });
      top += row.height + gap;
    }
  }
  return { boxes, height: Math.max(0, top) };
}

function rows(items, { width, target, gap }) {
  const made = [];
  let row = { items: [], ratios: 0 };
  for (const item of items) {
    const one = ratio(item);
    const before = heightOf(row, width, gap);
    row.items.push(item);
    row.ratios += one;
    const height = heightOf(row, width, gap);
    if (height > target) continue;
    // Whether the row looks better with its last picture or without it.
    if (row.items.length > 1 && before - target < target - height && before < target * 1.4) {
      row.items.pop();
      row.ratios -= one;
      made.push({ ...row, height: before, full: true });
      row = { items: [item], ratios: one };
    } else {
      made.push({ ...row, height, full: true });
      row = { items: [], ratios: 0 };
    }
  }
  if (row.items.length) {
    const height = Math.min(target, heightOf(row, width, gap));
    made.push({ ...row, height, full: false });
  }
  return made;
}

function heightOf(row, width, gap) {
  return row.ratios ? (width - gap * (row.items.length - 1)) / row.ratios : Infinity;
}

/** Whole pixels; what rounding leaves over goes to the last tile of a full row. */
function place(row, { boxes, top, width, gap }) {
  row.height = Math.round(row.height);
  let left = 0;
  row.items.forEach((item, index) => {
    const last = row.full && index === row.items.length - 1;
    const wide = last ? width - left : Math.round(ratio(item) * row.height);
    boxes.push({ item, left, top, width: wide, height: row.height });
    left += wide + gap;
  });
}

/** Indexes of the boxes that touch the stretch from `from` to `to`, as [first, after the last]. */
export function within(boxes, from, to) {
  let low = 0;
  let high = boxes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (boxes[middle].top + boxes[middle].height < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < boxes.length && boxes[end].top <= to) end += 1;
  return [low, end];
}

/** The index of the box nearest above or below: the same row step as the eye makes. */
export function beside(boxes, index, step) {
  const from = boxes[index];
  const middle = from.left + from.width / 2;
  let row = null;
  let best = null;
  for (let at = index + step; at >= 0 && at < boxes.length; at += step) {
    const box = boxes[at];
    if (box.heading || box.top === from.top) continue;
    if (row !== null && box.top !== row) break;
    row = box.top;
    const away = Math.abs(box.left + box.width / 2 - middle);
    if (best === null || away < best.away) best = { at, away };
  }
  return best ? best.at : null;
}
