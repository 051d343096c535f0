// A picture small: which sizes of it there are, and the one that fills its box on this screen.

import { h } from "./dom.js";

const SIDES = [["thumb", 256], ["thumb_large", 512], ["preview", 1536]]; // the longer side at most

// Runs after the layout and before what is lazy begins to load: each picture is asked for once, in its size.
const laidOut = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));

/** An image that loads when it comes near the screen, or at once for a box whose width is known. */
export function preview(image, alt, { width = 0, most = Infinity, ...attributes } = {}) {
  const picture = h("img", {
    ...(width ? {} : { loading: "lazy" }),
    ...attributes,
    alt,
    width: image.width,
    height: image.height,
    sizes: `${Math.ceil(width) || 1}px`,
    srcset: srcset(image, most),
    src: image.thumb_large,
  });
  laidOut.observe(picture);
  return picture;
}

/** Every size up to the picture's own, with its width: a portrait is narrower than its longer side. */
export function srcset(image, most = Infinity) {
  const longer = Math.max(image.width, image.height);
  const sides = SIDES.filter(([, side], index) => side <= most && (index === 0 || SIDES[index - 1][1] < longer));
  return sides.map(([name, side]) => `${image[name]} ${Math.round(image.width * Math.min(1, side / longer))}w`).join(", ");
}

/** A box that grew asks for more; one that shrank keeps what it has. */
function fit(picture) {
  const width = Math.ceil(picture.clientWidth);
  if (width > parseFloat(picture.sizes)) picture.sizes = `${width}px`;
}
