// What the server has to draw with: models, upscalers, control networks, adapters, learned words. Asked for once.

import { get } from "./api.js";
import { on } from "./live.js";

const takers = [];
let asked = null;
let here = null; // ids of the models that were ready when the stream last told

/** A promise of the offers; all who ask share one answer. */
export function offers() {
  return (asked ??= get("/api/editing").catch((failure) => {
    asked = null; // the next one asks again
    throw failure;
  }));
}

/** Calls `take` with the offers, now and whenever they were asked for anew. */
export function onOffers(take) {
  takers.push(take);
  offers().then(take, () => {});
}

/** Files came or went: a lesson ended, a model arrived. */
export async function renewOffers() {
  asked = null;
  const found = await offers();
  takers.forEach((take) => take(found));
  return found;
}

on("models", (models) => {
  const ready = models.filter((model) => model.state === "ready").map((model) => model.id).join(" ");
  if (here !== null && here !== ready) renewOffers().catch(() => {});
  here = ready;
});
