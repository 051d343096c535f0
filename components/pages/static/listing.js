// What a search found so far, page by page. What happens to pictures while an answer is on its way is done to that
// answer too, so that none brings back what is gone. Knows no page.

import { get } from "./api.js";
import { turns } from "./turns.js";

const PAGE = 60;
const MOST = 200; // pictures that the studio gives at once

export class Listing {
  /** `hooks`: arrived(fresh) after each page that counts, failed(failure). */
  constructor(hooks) {
    this.hooks = hooks;
    this.images = [];
    this.next = null; // cursor of the next page; null at the end, undefined while it is not known
    this.loading = null;
    this.meanwhile = [];
    this.turns = turns();
  }

  /** From the first picture on, with at least `count` of them; an earlier search is no more waited for. */
  read(query, count = PAGE) {
    this.query = query;
    this.next = undefined;
    this.loading = this.load(this.turns.next(), count);
    return this.loading;
  }

  /** The next page; calls at the same time share one request. */
  more() {
    if (this.next) this.loading ??= this.load(this.turns.now(), PAGE);
    return this.loading;
  }

  async load(mine, count) {
    const fresh = this.next === undefined;
    const found = [];
    let cursor = this.next;
    this.meanwhile = [];
    try {
      do {
        const page = await get(`/api/images?${this.page(cursor, count - found.length)}`);
        if (!mine()) return;
        found.push(...page.images);
        cursor = page.next;
      } while (cursor && found.length < count);
    } catch (failure) {
      if (mine()) this.fail(failure);
      return;
    }
    const arrived = this.meanwhile.reduce((images, step) => step(images), found);
    this.images = fresh ? arrived : [...this.images, ...arrived];
    Object.assign(this, { next: cursor, loading: null });
    this.hooks.arrived(fresh);
  }

  page(cursor, wanted) {
    const query = new URLSearchParams(this.query);
    query.set("limit", Math.min(MOST, Math.max(PAGE, wanted)));
    if (cursor) query.set("before", cursor);
    return query;
  }

  fail(failure) {
    Object.assign(this, { next: null, loading: null });
    this.hooks.failed(failure);
  }

  /** Answers whether any of them was listed. */
  drop(ids) {
    const before = this.images.length;
    this.everywhere((images) => images.filter((image) => !ids.has(image.id)));
    return this.images.length < before;
  }

  alter(ids, apply) {
    this.everywhere((images) => {
      for (const image of images) if (ids.has(image.id)) apply(image);
      return images;
    });
  }

  everywhere(step) {
    this.images = step(this.images);
    if (this.loading) this.meanwhile.push(step);
  }
}
