// The prompts that were drawn, and what might be drawn next. Both have a switch of their own.

import { get, post, put, remove } from "./api.js";
import { restore, startFrom } from "./bench.js";
import { dialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { ask, toastFailure } from "./overlays.js";
import { moment, say } from "./words.js";

const SEARCH_AFTER = 200;

export async function openHistory() {
  const search = h("input", { type: "search", placeholder: say("history_search"), "aria-label": say("history_search") });
  const list = h("ul", { class: "past", "aria-live": "polite" });
  const ideas = h("div", { class: "ideas" });
  const switches = h("div", { class: "switches" });
  const shown = dialog(say("tools_history"), {
    body: [search, ideas, list],
    choices: [switches, button(say("close"), { kind: "outlined", on: () => shown.close() })],
  });
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, SEARCH_AFTER);
  });
  search.focus();
  await refresh();

  async function refresh() {
    try {
      const found = await post("/api/history/search", { words: search.value });
      const { prompt_history: on } = found.switches;
      const nothing = !on ? "history_off" : search.value ? "history_nothing" : "history_empty";
      list.replaceChildren(...(found.prompts.length ? found.prompts.map(row) : [h("li", { class: "faint", text: say(nothing) })]));
      ideas.replaceChildren(...(search.value ? [] : ideaChips(found, (prompt) => use(prompt))));
      switches.replaceChildren(
        toggle("prompt_history", on, "history_keep", found.prompts.length),
        toggle("recommendations", found.switches.recommendations && on, "history_personal", 0, !on),
      );
    } catch (failure) {
      toastFailure(failure);
    }
  }

  function row(past) {
    const facts = `${moment(past.used_at)} · ${say("history_uses", { n: past.uses })}`;
    const words = { type: "button", class: "past-prompt", "aria-label": say("history_use", { prompt: past.text }), on: { click: () => use(past.text) } };
    const forget = button(say("history_forget"), { name: "close", quiet: true, on: () => act(remove(`/api/history/${past.id}`)) });
    return h("li", {}, h("button", words, h("span", { text: past.text }), h("small", { text: facts })), forget);
  }

  function use(prompt) {
    restore({ prompt });
    shown.close();
  }

  function toggle(name, on, key, kept, disabled = false) {
    const box = h("input", { type: "checkbox", checked: on, disabled });
    box.addEventListener("change", async () => {
      const sure = box.checked || !kept || (await ask({ title: say("history_ask", { n: kept }), text: say("history_ask_text", { n: kept }), action: say("history_ask_yes") }));
      if (!sure) return (box.checked = true);
      await act(put(`/api/history/${name}`, { on: box.checked }));
      document.dispatchEvent(new CustomEvent("pixcosmos:suggestions"));
    });
    return h("label", { class: "option" }, box, h("span", {}, say(key), h("small", { class: "faint", text: say(`${key}_note`) })));
  }

  async function act(answer) {
    await answer.catch(toastFailure);
    await refresh();
  }
}

/** Suggestions from the person's own prompts; none where they are the examples that everybody sees. */
function ideaChips({ suggestions, model }, choose) {
  const own = suggestions.filter((one) => one.because);
  if (!own.length) return [];
  const chips = own.map(({ prompt, because }) => h("button", { type: "button", class: "idea", title: say("suggestion_because", { words: because }), on: { click: () => choose(prompt) } }, prompt));
  return [h("h3", { text: say("suggestion_title") }), h("div", { class: "chips-row" }, chips), model && h("p", { class: "faint", text: say("suggestion_model", { name: model.name }) })].filter(Boolean);
}

/** For the empty stage: the same suggestions, which draw at a touch. */
export function suggestionsFor(place) {
  const refresh = async () => {
    const found = await get("/api/suggestions").catch(() => null);
    place.replaceChildren(...(found ? ideaChips(found, startFrom) : []));
  };
  document.addEventListener("pixcosmos:suggestions", refresh);
  refresh();
}
