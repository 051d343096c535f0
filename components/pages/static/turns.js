// Answers come late: of several questions about one thing, the last one is the one that is waited for.

/**
 * Counts questions. `next()` begins one, `now()` looks on; both answer a function that tells, when the answer is there,
 * whether nothing newer was begun meanwhile.
 */
export function turns() {
  let last = 0;
  const since = (turn) => () => turn === last;
  return { next: () => since((last += 1)), now: () => since(last) };
}
