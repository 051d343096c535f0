"""How the command line shows work: a progress bar, tables, exit codes. Decides nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from components.actions import exporting, gallery, generate, importing
from components.actions.doctor import Finding
from components.actions.housekeeping import Swept
from components.actions.promises import Evidence, Row, newer
from components.jobs import Dispatcher
from components.studio import Studio
from pipelines.catalogue import Catalogue, HubUnreachable, UnknownModel
from pipelines.images import Format
from policies.draft import Draft
from store.jobs import Job
from store.lock import DataLock, Locked
from store.settings import Settings

FORMATS: dict[str, Format] = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}

COLUMNS = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())

console = Console(stderr=True)


def say(text: str) -> None:
    """Names of files may hold brackets: they are no markup."""
    console.print(text, markup=False)


def draw(studio: Studio, draft: Draft, out: Path) -> int:
    """Queues the draft, waits for its end and writes the pictures. Exit code 0, or 1 with the reason."""
    if out.suffix.lower() not in FORMATS:
        say(f"out: {str(out)!r} is not allowed. Expected a name ending in {', '.join(FORMATS)}.")
        return 2
    if not out.parent.is_dir():  # said before anything is drawn
        say(f"out: {str(out)!r} is not allowed. Expected a name in a folder that is there.")
        return 2
    lock = DataLock(studio.settings.data)
    try:
        lock.acquire()
    except Locked:
        # A server has this data folder open: it draws the job, we watch its row.
        return finish(studio, watch(studio, generate.start(studio, studio.owner, draft)), out)
    dispatcher = Dispatcher(studio)
    dispatcher.start()
    try:
        return finish(studio, watch(studio, generate.start(studio, studio.owner, draft)), out)
    finally:
        dispatcher.stop()
        lock.release()


def watch(studio: Studio, job: Job) -> Job:
    changed = threading.Event()
    try:
        with studio.live.watch(job.subject_id, changed.set), Progress(*COLUMNS, console=console) as bar:
            line = bar.add_task("waiting", total=job.draft.steps * job.draft.count)
            while job.state in ("queued", "running"):
                changed.wait(0.5)
                changed.clear()
                live = studio.live.progress(job.id)
                if live is not None:
                    done = sum(picture.step for picture in live.pictures.values())
                    bar.update(line, description=live.phase, completed=done)
                job = studio.stores.jobs.get(job.subject_id, job.id)
            if job.state == "done":
                bar.update(line, description="done", completed=job.draft.steps * job.draft.count)
    except KeyboardInterrupt:
        generate.cancel(studio, studio.owner, job.id)
        raise
    return job


def finish(studio: Studio, job: Job, out: Path) -> int:
    if job.state != "done":
        say(job.error_reason or f"The job was {job.state}.")
        return 1
    images = studio.stores.gallery.of_job(job.subject_id, job.id)
    for image in images:
        path = out if len(images) == 1 else out.with_name(f"{out.stem}-{image.index + 1}{out.suffix}")
        file = gallery.download(studio, studio.owner, image.id, format=FORMATS[out.suffix.lower()])
        path.write_bytes(file.data)
        say(f"{path}  seed {image.seed}, {image.width} x {image.height}")
    return 0


def model_table(settings: Settings) -> str:
    table = Table("model", "name", "licence", "size", "state")
    for model in Catalogue(settings.models_dir).list():
        size = f"{model.size_bytes / 1e9:.1f} GB" if model.size_bytes else ""
        table.add_row(escape(model.id), escape(model.name), model.licence, size, model.state)
    with console.capture() as text:
        console.print(table)
    return text.get()


def bench_table(settings: Settings, people: int) -> str:
    from components.actions.bench import measure

    with Progress(*COLUMNS[:2], console=console) as bar:
        line = bar.add_task("loading the starter", total=None)
        found = measure(settings, people, lambda words: bar.update(line, description=words))
    table = Table("people at once", "first preview", "until all are done", "a picture", "pictures a minute")
    for row in found.rows:
        shown = "" if row.preview is None else f"{row.preview:.2f} s"
        each = row.seconds / row.people
        table.add_row(str(row.people), shown, f"{row.seconds:.2f} s", f"{each:.2f} s", f"{60 / each:.0f}")
    with console.capture() as text:
        say(f"{found.device}. The starter, {found.steps} steps, 512 x 512; medians of {found.turns}.")
        console.print(table)
        say(f"Loading took {found.loading:.1f} s. The process took {found.memory / 1e9:.2f} GB at most.")
    return text.get()


def fetch_model(settings: Settings, model_id: str) -> int:
    try:
        with Progress(console=console) as bar:
            line = bar.add_task(model_id, total=None)
            Catalogue(settings.models_dir).fetch(
                model_id, lambda done, total: bar.update(line, completed=done, total=total), lambda: False
            )
    except (HubUnreachable, UnknownModel) as error:
        say(str(error))
        return 1
    return 0


def import_folder(studio: Studio, folder: Path) -> int:
    """Exit code 0 when every file could be used, 1 when some could not, and says which and why."""
    counts = {"kept": 0, "already": 0, "refused": 0}
    refused: list[importing.Brought] = []
    with Progress(*COLUMNS, console=console) as bar:
        line = bar.add_task("importing", total=len(importing.found(folder)))
        for brought in importing.bring_folder(studio, studio.owner, folder):
            counts[brought.state] += 1
            refused += [brought] if brought.state == "refused" else []
            bar.update(line, advance=1)
    for brought in refused:
        say(f"{brought.name}: {brought.reason}")
    say("{kept} kept, {already} here already, {refused} refused".format(**counts))
    return 1 if refused else 0


def export_zip(studio: Studio, out: Path, query: str, format: str, metadata: bool) -> int:
    """The file appears when it is whole."""
    if format not in get_args(Format):
        say(f"format: {format!r} is not allowed. Expected {', '.join(get_args(Format))}.")
        return 2
    ids = exporting.select(studio, studio.owner, listing=gallery.listing(query))
    if not ids:
        say("There is nothing to write: no picture fits.")
        return 1
    unfinished = out.with_name(f".{out.name}.part")
    packing = exporting.Packing(cast(Format, format), metadata)
    try:
        with unfinished.open("wb") as file, Progress(*COLUMNS, console=console) as bar:
            line = bar.add_task("exporting", total=None)
            for chunk in exporting.stream(studio, studio.owner, ids, packing):
                file.write(chunk)
                bar.update(line, advance=len(chunk))
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    say(f"{out}  {len(ids)} pictures, {out.stat().st_size / 1e6:.1f} MB")
    return 0


def report(findings: list[Finding]) -> int:
    table = Table("", "check", "what was found")
    for finding in findings:
        table.add_row("[green]ok[/]" if finding.ok else "[red]mend[/]", finding.name, escape(finding.detail))
    Console().print(table)
    return 0 if all(finding.ok for finding in findings) else 1


def print_promises(rows: Sequence[Row], evidence: Evidence, *, only_missing: bool = False) -> None:
    out = Console()
    listed = Table("", "promise", "state", "tests", "what the software does")
    for row in rows:
        if only_missing and row.promise.kept:
            continue
        colour = "green" if row.promise.kept else "yellow"
        words = row.promise.does if row.promise.kept else row.promise.missing
        listed.add_row(row.promise.id, row.promise.title, f"[{colour}]{row.state}[/]", str(len(row.proofs)), words)
    out.print(listed)
    kept = sum(row.promise.kept for row in rows)
    out.print(f"{kept} kept, {len(rows) - kept} not yet.")
    if evidence.run_at is not None:
        out.print(f"Every proof passed on {evidence.run_at:%Y-%m-%d %H:%M} UTC, on commit {evidence.commit}.")
        if count := newer(rows, evidence):
            out.print(f"{count} {'test is' if count == 1 else 'tests are'} newer than that, or did not run there.")


def print_swept(found: Sequence[Swept], *, dry_run: bool) -> None:
    """What each rule of housekeeping did, or would do."""
    out = Console()
    listed = Table("rule", "would delete" if dry_run else "deleted", "would warn" if dry_run else "warned")
    for one in found:
        listed.add_row(one.rule, str(one.deleted), str(one.warned))
    out.print(listed)
    for one in found:
        for line in one.lines:
            out.print(line)
