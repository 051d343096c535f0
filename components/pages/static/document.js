// What makes the pages around an account nicer: the chosen theme, passwords that can be shown, a meter of their
// strength. Every form works without it.

import { turns } from "./turns.js";

const theme = localStorage.getItem("pixcosmos.theme");
if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;

const SVG = "http://www.w3.org/2000/svg";
const EYE = ["M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z", "M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z"];
const PAUSE = 300; // milliseconds without typing before the strength is asked for

for (const box of document.querySelectorAll(".secret")) addShow(box);
for (const input of document.querySelectorAll("[data-strength]")) addMeter(input, input.dataset.strength.split("|"));
document.querySelector("[aria-invalid]")?.focus();

function addShow(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", title: box.dataset.show });
  button.setAttribute("aria-label", box.dataset.show);
  button.setAttribute("aria-pressed", "false");
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  for (const d of EYE) picture.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", d);
  button.append(picture);
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
  input.form.addEventListener("submit", () => (input.type = "password"));
  box.append(button);
}

/** The estimate is the server's, which judges the password too. */
function addMeter(input, words) {
  const meter = document.createElement("div");
  meter.className = "meter";
  meter.setAttribute("role", "status");
  meter.hidden = true;
  const bar = document.createElement("i");
  const word = document.createElement("span");
  meter.append(bar, word);
  input.closest(".field").append(meter);
  let timer = 0;
  const asking = turns();
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  async function ask() {
    const last = asking.next();
    meter.hidden = !input.value;
    if (!input.value) return;
    const answer = await fetch("/account/strength", { method: "POST", body: new URLSearchParams(new FormData(input.form)) }).catch(() => null);
    if (!answer?.ok || !last()) return;
    const { score } = await answer.json();
    meter.dataset.score = score;
    meter.style.setProperty("--strength", `${(score + 1) * 20}%`);
    word.textContent = words[score];
  }
}
