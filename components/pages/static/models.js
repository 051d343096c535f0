// Models that are not here yet: what they are, and fetching one with its progress. Choosing one is Gradio's part.

import { get, post } from "./api.js";
import { button, h } from "./dom.js";
import { on } from "./live.js";
import { toast, toastFailure } from "./overlays.js";
import { bytes, say } from "./words.js";

/** A button beside the list of models. `arrived` is called when there is one more to choose from. */
export function modelsButton(arrived) {
  const known = new Map();
  let list = null;
  arrived(); // files may have been dropped into the models folder since the studio started
  on("models", (models) => {
    for (const model of models) {
      if (model.state === "ready" && known.get(model.id) === "fetching") {
        toast(say("model_arrived", { name: model.name }));
        arrived();
      }
      known.set(model.id, model.state);
    }
    list?.replaceChildren(...models.map(row));
  });
  return button(say("models_more"), { name: "plus", kind: "models-button", quiet: true, on: open });

  async function open() {
    list = h("ul", { class: "models", "aria-live": "polite" });
    const dialog = h(
      "dialog",
      { class: "question wide", "aria-label": say("models") },
      h("h2", { text: say("models") }),
      h("p", { text: say("models_text") }),
      list,
      h("p", { class: "faint", text: say("models_folder") }),
      h("div", { class: "choices" }, button(say("close"), { kind: "outlined", on: () => dialog.close() })),
    );
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      list = null;
    });
    document.body.append(dialog);
    dialog.showModal();
    await change(get("/api/models"));
  }

  async function change(answer) {
    try {
      const models = await answer;
      for (const model of models) known.set(model.id, model.state);
      list?.replaceChildren(...models.map(row));
    } catch (failure) {
      toastFailure(failure);
    }
  }

  function row(model) {
    const facts = h("small", { text: say("model_licence", { licence: model.licence }) });
    const trouble = model.state === "failed" && h("small", { class: "trouble", role: "alert", text: model.reason });
    return h("li", {}, h("div", {}, h("strong", { text: model.name }), facts, trouble), ...tools(model));
  }

  function tools(model) {
    const ask = (verb) => change(post(`/api/models/${encodeURIComponent(model.id)}/${verb}`));
    if (model.state === "ready") return [h("span", { class: "here", text: say("model_ready") })];
    if (model.state === "fetching") {
      const words = model.total ? say("model_fetching", { done: bytes(model.done), total: bytes(model.total) }) : say("model_asking");
      const bar = h("progress", { max: model.total || 1, value: model.total ? model.done : undefined, "aria-label": model.name });
      return [h("div", { class: "way" }, bar, h("small", { text: words })), button(say("cancel"), { kind: "outlined", on: () => ask("cancel") })];
    }
    return [button(say("model_fetch_size", { size: bytes(model.size_bytes) }), { kind: "outlined", on: () => ask("fetch") })];
  }
}
