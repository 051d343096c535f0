// What scripts add to the pages for visitors: one click copies, a dropped file is sent. All of it works without.

for (const field of document.querySelectorAll(".copied")) {
  field.addEventListener("click", () => {
    field.select();
    navigator.clipboard?.writeText(field.value).then(
      () => field.classList.add("done"),
      () => {},
    );
  });
}

const drop = document.querySelector("form.drop");
if (drop) {
  const input = drop.querySelector("input[type=file]");
  const send = () => input.files.length && drop.requestSubmit();
  input.addEventListener("change", send);
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
