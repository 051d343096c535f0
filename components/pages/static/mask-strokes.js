// The pixels of a mask: opaque where the picture is redrawn, at the picture's size. Knows no pointers and no page.

import { h } from "./dom.js";

/** One edit on a mask, whose opaque pixels are what is redrawn. A stroke is drawn piece by piece, from the point `begin`
 * on: under the hand and when it is replayed its soft edge comes out the same. */
export function apply(mask, stroke, begin = 0) {
  const context = mask.getContext("2d");
  const { width, height } = mask;
  context.globalCompositeOperation = "source-over";
  if (stroke.kind === "clear") context.clearRect(0, 0, width, height);
  if (stroke.kind === "invert") {
    context.globalCompositeOperation = "xor";
    context.fillRect(0, 0, width, height);
  }
  if (stroke.kind === "load") {
    context.globalCompositeOperation = "copy";
    context.drawImage(stroke.picture, 0, 0);
  }
  if (stroke.kind === "stroke") {
    context.globalCompositeOperation = stroke.erase ? "destination-out" : "source-over";
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = stroke.size;
    stroke.points.slice(begin).forEach(({ x, y }, index) => {
      const from = stroke.points[begin + index - 1] ?? { x: x + 0.01, y };
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(x, y);
      context.stroke();
    });
  }
  context.globalCompositeOperation = "source-over";
}

/** A mask of white on black as opaque strokes on nothing. */
export function strokesOf(picture, width, height) {
  const canvas = surface(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  for (let index = 0; index < data.length; index += 4) {
    data[index + 3] = data[index];
    data[index] = data[index + 1] = data[index + 2] = 0;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

export function surface(width, height) {
  return h("canvas", { width, height });
}
