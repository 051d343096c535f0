// Everything that is kept about the person: each table in words, what it is for, and what it holds.

import { get } from "./api.js";
import { h, icon } from "./dom.js";
import { measured, moment, say } from "./words.js";

export const section = {
  id: "data",
  icon: "search",
  title: "privacy_data",
  note: "privacy_data_note",
  shown: () => true,
  build: async () => {
    const { tables, staff_reads: reads } = await get("/api/privacy/data");
    const full = tables.filter((table) => table.total);
    const empty = tables.filter((table) => !table.total);
    return [
      h("p", { class: "muted", text: say("privacy_data_text") }),
      looks(reads),
      h("div", { class: "data-list" }, full.map(table)),
      empty.length > 0 && h("p", { class: "muted", text: say("privacy_data_empty", { names: empty.map(({ title }) => title).join(", ") }) }),
    ].filter(Boolean);
  },
};

function looks(reads) {
  if (!reads.length) return h("p", { class: "data-note" }, icon("check"), h("span", { text: say("privacy_no_looks") }));
  return h(
    "div",
    { class: "block-of" },
    h("h3", { text: say("privacy_looks") }),
    h("ul", { class: "devices" }, reads.map((read) => h("li", {}, icon("account"), h("div", {}, h("strong", { text: read.reason }), h("small", { text: `${say(`account_role_${read.who}`)} · ${moment(read.at)}` }))))),
  );
}

function table({ title, purpose, lawful, retention, sealed, kept_because: kept, columns, rows, total }) {
  const shown = columns.filter((column) => column.shown);
  const hidden = columns.filter((column) => !column.shown).map((column) => column.means);
  const facts = [
    [say("privacy_purpose"), purpose],
    [say("privacy_lawful"), lawful],
    [say("privacy_retention"), retention],
    sealed && [say("privacy_sealed"), say("privacy_sealed_text")],
    kept && [say("privacy_kept"), kept],
    hidden.length && [say("privacy_hidden"), hidden.join(", ")],
  ].filter(Boolean);
  return h(
    "details",
    { class: "data-table" },
    h("summary", {}, h("strong", { text: title }), h("small", { text: say("privacy_rows", { n: total }) })),
    h("dl", { class: "data-facts" }, facts.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value })))),
    h("ol", { class: "data-rows" }, rows.map((row) => record(row, shown))),
    total > rows.length && h("p", { class: "note", text: say("privacy_more_rows", { n: total - rows.length }) }),
  );
}

function record(row, columns) {
  const filled = columns.filter(({ name }) => row[name] !== null && row[name] !== "");
  return h("li", {}, h("dl", {}, filled.map(({ name, means, kind }) => h("div", {}, h("dt", { text: means }), h("dd", {}, value(row[name], kind))))));
}

function value(raw, kind) {
  if (kind === "moment") return h("time", { datetime: raw, text: moment(raw) });
  if (kind === "flag") return say(raw ? "privacy_yes" : "privacy_no");
  if (kind === "number") return measured(raw);
  if (kind !== "json") return String(raw);
  return Array.isArray(raw) ? h("div", {}, raw.map((one) => pairs(one))) : pairs(raw);
}

function pairs(raw) {
  if (typeof raw !== "object" || raw === null) return h("span", { text: String(raw) });
  const filled = Object.entries(raw).filter(([, one]) => one !== null && one !== "");
  return h("ul", {}, filled.map(([name, one]) => h("li", { text: `${name.replaceAll("_", " ")}: ${typeof one === "object" ? JSON.stringify(one) : one}` })));
}
