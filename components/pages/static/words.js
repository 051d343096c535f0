// Looks up the words of the page and writes numbers, sizes and times as the reader's language does.

const { languages, errors } = JSON.parse(document.getElementById("words").textContent);
const language = [...navigator.languages, "en"].map((tag) => tag.split("-")[0]).find((tag) => tag in languages);
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat();

document.documentElement.lang = language;

/** The sentence for a key, with its braces filled. A plural key is chosen by `values.n`. */
export function say(key, values = {}) {
  const plural = "n" in values ? `${key}_${plurals.select(values.n)}` : key;
  const table = languages[language];
  const sentence = table[plural] ?? table[`${key}_other`] ?? table[key] ?? languages.en[key];
  if (sentence === undefined) throw new Error(`words: ${key} is missing`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => (name === "n" ? numbers.format(values.n) : String(values[name])));
}

/** What happened and what to do next, for a stable code. */
export function errorWords(code) {
  return errors[code] ?? errors[""];
}

export function seconds(value) {
  if (value < 90) return new Intl.NumberFormat(undefined, { style: "unit", unit: "second", unitDisplay: "narrow" }).format(Math.max(1, Math.round(value)));
  return new Intl.NumberFormat(undefined, { style: "unit", unit: "minute", unitDisplay: "short" }).format(Math.round(value / 60));
}

export function bytes(value) {
  const [unit, size] = value >= 1e9 ? ["gigabyte", 1e9] : value >= 1e6 ? ["megabyte", 1e6] : ["kilobyte", 1e3];
  return new Intl.NumberFormat(undefined, { style: "unit", unit, maximumFractionDigits: unit === "kilobyte" ? 0 : 1 }).format(value / size);
}

export function moment(iso) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

export function clock(iso) {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(new Date(iso));
}

/** The day as a heading: today, yesterday, or a date. */
export function day(iso) {
  const date = new Date(iso);
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  if (date >= midnight) return say("today");
  if (date >= new Date(midnight - 864e5)) return say("yesterday");
  const year = date.getFullYear() === midnight.getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year }).format(date);
}
