// Looks up the words of the page and writes numbers, sizes and times as the reader's language does.

// The page carries English; every other language is fetched once it is wanted.
const english = JSON.parse(document.getElementById("words").textContent);
export const languages = english.languages;
export const language = navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => tag in languages) ?? "en";
const spoken = language === "en" ? english : await fetched(language);
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

document.documentElement.lang = language;

async function fetched(code) {
  try {
    const answer = await fetch(`/words/${code}.json`);
    return answer.ok ? await answer.json() : english;
  } catch {
    return english;
  }
}

/** Speaks another language from now on; "" follows the browser again. The page starts anew, its input is kept. */
export function speak(code) {
  if (code) localStorage.setItem("pixcosmos.language", code);
  else localStorage.removeItem("pixcosmos.language");
  location.reload();
}

/** The language that a person chose here, or "". */
export const chosen = localStorage.getItem("pixcosmos.language") ?? "";

/** The sentence for a key, with its braces filled. A plural key is chosen by `values.n`. */
export function say(key, values = {}) {
  const plural = "n" in values ? `${key}_${plurals.select(values.n)}` : key;
  const tables = [spoken.words, english.words];
  const sentence = tables.map((table) => table[plural] ?? table[`${key}_other`] ?? table[key]).find((found) => found !== undefined);
  if (sentence === undefined) throw new Error(`words: ${key} is missing`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => (name === "n" ? numbers.format(values.n) : String(values[name])));
}

/** What happened and what to do next, for a stable code. */
export function errorWords(code) {
  return spoken.errors[code] ?? english.errors[code] ?? spoken.errors[""];
}

// Dates follow the reader's country too: 25/11 or 11/25.
const region = navigator.language.startsWith(language) ? navigator.language : language;

export function seconds(value) {
  if (value < 90) return new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "narrow" }).format(Math.max(1, Math.round(value)));
  return new Intl.NumberFormat(language, { style: "unit", unit: "minute", unitDisplay: "short" }).format(Math.round(value / 60));
}

/** A number that was measured; a whole one stands as it is, because it may be a seed. */
export function measured(value) {
  return Number.isInteger(value) ? String(value) : new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value);
}

export function bytes(value) {
  const [unit, size] = value >= 1e9 ? ["gigabyte", 1e9] : value >= 1e6 ? ["megabyte", 1e6] : ["kilobyte", 1e3];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: unit === "kilobyte" ? 0 : 1 }).format(value / size);
}

/** The reader's time zone by its name: its days are shorter or longer when summer begins and ends. */
export const zone = named(Intl.DateTimeFormat().resolvedOptions().timeZone);

function named(found) {
  return !found || found === "Etc/Unknown" ? "UTC" : found;
}

export function moment(iso) {
  return new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

/** A day without its time, such as "3 January 2027". */
export function date(iso) {
  return new Intl.DateTimeFormat(region, { dateStyle: "long" }).format(new Date(iso));
}

export function clock(iso) {
  return new Intl.DateTimeFormat(region, { timeStyle: "short" }).format(new Date(iso));
}

/** The day as a heading: today, yesterday, or a date. */
export function day(iso) {
  const date = new Date(iso);
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  if (date >= midnight) return say("today");
  const before = new Date(midnight);
  before.setDate(before.getDate() - 1); // not 24 hours: a day may have 23 or 25
  if (date >= before) return say("yesterday");
  const year = date.getFullYear() === midnight.getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(region, { weekday: "long", day: "numeric", month: "long", year }).format(date);
}
