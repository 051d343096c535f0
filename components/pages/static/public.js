// What scripts add to the pages for visitors: one click copies, a dropped file is sent. All of it works without.

import { turns } from "./turns.js";

for (const field of document.querySelectorAll(".copied")) {
  field.addEventListener("click", () => {
    field.select();
    navigator.clipboard?.writeText(field.value).then(
      () => field.classList.add("done"),
      () => {},
    );
  });
}

// Days as the reader writes them.
for (const time of document.querySelectorAll("time")) {
  const day = new Date(`${time.dateTime}T00:00`);
  time.textContent = day.toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });
}

const verifying = turns();
const drop = document.querySelector("form.drop");
if (drop) {
  const input = drop.querySelector("input[type=file]");
  const send = () => input.files.length && drop.requestSubmit();
  input.addEventListener("change", send);
  drop.addEventListener("submit", (event) => {
    event.preventDefault();
    verify(drop, input.files[0]);
  });
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    send();
  });
}

/** The answer comes from the studio; the picture beside it from the visitor's own disk, and from nowhere else. */
async function verify(form, file) {
  const last = verifying.next();
  const button = form.querySelector("button");
  form.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const said = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!last()) return; // another file was dropped meanwhile, and its answer is the one to show
    const found = said.querySelector(".findings, .wrong");
    if (!found) throw new Error("no answer");
    document.querySelectorAll(".findings, .wrong").forEach((old) => old.remove());
    form.after(document.importNode(found, true));
    if (found.matches(".findings")) await beside(document.querySelector(".findings"), file);
  } catch {
    if (!last()) return;
    form.submit(); // without this script the same answer is a page of its own
    return;
  }
  if (!last()) return;
  form.removeAttribute("aria-busy");
  button.disabled = false;
}

async function beside(findings, file) {
  const picture = new Image();
  picture.alt = file.name;
  picture.src = URL.createObjectURL(file);
  await picture.decode().then(() => findings.prepend(picture), () => {}); // a kind that this browser cannot show
  URL.revokeObjectURL(picture.src);
}
