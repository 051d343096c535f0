// The search language as the page writes it: a list of terms, read and written. The studio decides what they mean.

const TERM = /-?(?:[A-Za-z]+:)?(?:"[^"]*(?:"|$)|\S+)/g;

export function terms(query) {
  return query.match(TERM) ?? [];
}

/** The value of the first term of a field, or "". */
export function valueOf(query, field) {
  const found = terms(query).find((term) => term.toLowerCase().startsWith(`${field}:`));
  return found ? found.slice(field.length + 1).replaceAll('"', "") : "";
}

/** Whether exactly this term is there. */
export function hasTerm(query, term) {
  return terms(query).some((one) => one.toLowerCase() === term.toLowerCase());
}

/** The query with that field's terms replaced by one, or by none for an empty value. */
export function withValue(query, field, value) {
  const rest = terms(query).filter((term) => !term.toLowerCase().startsWith(`${field}:`));
  return (value ? [...rest, `${field}:${quoted(value)}`] : rest).join(" ");
}

export function withTerm(query, term, present) {
  const rest = terms(query).filter((one) => one.toLowerCase() !== term.toLowerCase());
  return (present ? [...rest, term] : rest).join(" ");
}

function quoted(value) {
  return /^\S+$/.test(value) ? value : `"${value.replaceAll('"', "")}"`;
}
