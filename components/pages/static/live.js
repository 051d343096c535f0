// Listens to the studio: the visitor's jobs, deleted pictures and the machine. Keeps the latest of each.

/** Job views by id. */
export const jobs = new Map();

const hub = new EventTarget();
let source = null;
let connected = null;
let wasIn = false;

/** Calls `listener(detail)` for "jobs" (a snapshot), "job", "removed", "restored", "changed", "gallery", "shares", "notebook" (news of one), "lesson", "status" or "connection". */
export function on(name, listener) {
  hub.addEventListener(name, (event) => listener(event.detail));
}

export function tell(name, detail) {
  hub.dispatchEvent(new CustomEvent(name, { detail }));
}

export function listen() {
  if (source) return;
  source = new EventSource("/events");
  source.addEventListener("open", () => {
    wasIn = true;
    setConnected(true);
  });
  source.addEventListener("error", () => {
    setConnected(false);
    if (source.readyState === EventSource.CLOSED) reopen();
  });
  receive("snapshot", (snapshot) => {
    jobs.clear();
    for (const job of snapshot.jobs) jobs.set(job.id, job);
    tell("jobs", snapshot.jobs);
    tell("status", snapshot.status);
  });
  receive("job", (job) => {
    jobs.set(job.id, job);
    tell("job", job);
  });
  receive("notebook", (news) => tell("notebook", news));
  receive("models", (models) => tell("models", models));
  receive("lesson", (lesson) => tell("lesson", lesson));
  receive("removed", ({ images }) => removed(images));
  receive("restored", ({ images }) => restored(images));
  receive("gallery", () => tell("gallery"));
  receive("shares", () => tell("shares"));
  receive("status", (status) => tell("status", status));
}

/** For a page that stays when its session ends: it waits for the receipt of a deletion. */
export function stopListening() {
  source?.close();
  source = null;
}

/** A picture that this page deleted is gone at once, before the stream says so; one of another tab, when it does. */
export function removed(images) {
  forget(images);
  tell("removed", images);
}

/** A job's picture that is gone is no more in it, so that nobody shows it again; its place keeps it for an undo. */
function forget(images) {
  const leaving = new Set(images);
  for (const view of places()) {
    if (leaving.has(view.image?.id)) Object.assign(view, { image: null, taken: view.image });
  }
}

/** They were taken back, here or in another tab: their jobs have them again. */
export function restored(images) {
  const back = new Set(images);
  for (const view of places()) {
    if (!view.image && back.has(view.taken?.id)) Object.assign(view, { image: view.taken, taken: null });
  }
  tell("restored", images);
  tell("jobs", [...jobs.values()]);
}

const places = () => [...jobs.values()].flatMap((job) => job.pictures);

/** What this page changed about pictures: `apply(image)` changes one of them, wherever it is kept. */
export function changed(ids, apply) {
  const known = new Set(ids);
  for (const view of places()) if (known.has(view.image?.id)) apply(view.image);
  tell("changed", { ids: known, apply });
}

function receive(name, listener) {
  source.addEventListener(name, (event) => listener(JSON.parse(event.data)));
}

// A browser gives up for good when a restarting server answers with an error page.
function reopen() {
  source = null;
  leaveIfSignedOut();
  setTimeout(listen, 2000);
}

/** Signed out from another device: what this page shows is nobody's business any more, so it starts anew. */
async function leaveIfSignedOut() {
  if (!wasIn) return; // never was in: a browser without cookies would start anew for ever
  const answer = await fetch("/api/account").catch(() => null);
  if (answer?.status === 401) location.reload();
}

function setConnected(value) {
  if (value === connected) return;
  const before = connected;
  connected = value;
  tell("connection", { connected, again: before === false });
}

// A phone that slept may hold a dead stream that never reports an error.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && source?.readyState === EventSource.CLOSED) reopen();
});
