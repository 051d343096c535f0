"""The command line: `python app.py` serves; its commands call the same actions as the page."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.catalogue import UnknownModel
from policies.actor import OPERATOR, ROLES
from policies.draft import Draft
from policies.verdict import Refused
from store.backups import BadBackup
from store.keys import KeyGone
from store.lock import DataLock, Locked
from store.settings import Settings, SettingsError

app = typer.Typer(add_completion=False, no_args_is_help=False, help="PixCosmos, a self-hosted AI image studio.")
policy = typer.Typer(no_args_is_help=True, help="The privacy policy: its versions, and announcing a new one.")
app.add_typer(policy, name="policy")


def main(serve: Callable[[Settings], None]) -> None:
    """`serve` is handed in, so that the command line knows no web server."""
    app(obj=serve)


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Without a command: serve the studio and open it."""
    if context.invoked_subcommand is None:
        serve(context)


@app.command()
def serve(context: typer.Context) -> None:
    """Serve the studio and open it in the browser. Settings are read from PIXCOSMOS_... variables."""
    with clean_exit():
        context.obj(Settings.load())


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What you want to see.")],
    out: Annotated[Path, typer.Option(help="File to write: .png, .jpg or .webp. Several pictures get numbers.")] = Path(
        "picture.png"
    ),
    negative: Annotated[str, typer.Option(help="What you do not want to see.")] = "",
    model: Annotated[str, typer.Option(help="A model of `python app.py models`.")] = "starter",
    seed: Annotated[int | None, typer.Option(help="The same seed draws the same picture.")] = None,
    count: Annotated[int, typer.Option(help="How many pictures.")] = 1,
    size: Annotated[str | None, typer.Option(help="Width x height, such as 512x512.")] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps.")] = None,
    guidance: Annotated[float | None, typer.Option(help="How closely to follow the prompt.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Such as euler, ddim or dpmpp_2m_karras.")] = None,
    exact: Annotated[bool, typer.Option(help="In a batch of its own, the same to the last bit on a GPU too.")] = False,
    step_cache: Annotated[str, typer.Option(help="For FLUX and Qwen-Image: first_block or taylorseer.")] = "none",
) -> None:
    """Draw pictures without the page: the same job through the same queue."""
    from components.actions.models import defaults
    from components.terminal import draw

    chosen = {"steps": steps, "guidance": guidance, "scheduler": scheduler, **read_size(size)}
    chosen |= {"exact": exact, "step_cache": step_cache}
    values = {name: value for name, value in chosen.items() if value is not None}
    with clean_exit(), opened() as studio:
        base = defaults(studio, model)
        draft = Draft.from_dict(
            base.to_dict() | values | {"prompt": prompt, "negative_prompt": negative, "seed": seed, "count": count}
        )
        raise typer.Exit(draw(studio, draft, out))


@app.command()
def models() -> None:
    """List the models that are here and those that can be fetched."""
    from components.terminal import model_table

    with clean_exit():
        print(model_table(Settings.load()))


@app.command()
def fetch(model: Annotated[str, typer.Argument(help="A model of `python app.py models`.")]) -> None:
    """Download a model from its hub, with progress. An interrupted download goes on where it stopped."""
    from components.terminal import fetch_model

    with clean_exit():
        raise typer.Exit(fetch_model(Settings.load(), model))


@app.command(name="import")
def bring(folder: Annotated[Path, typer.Argument(help="A folder, a ZIP or one picture.", exists=True)]) -> None:
    """Bring pictures into the gallery, with the settings that A1111, ComfyUI, InvokeAI and others left in them."""
    from components.terminal import import_folder

    with clean_exit(), opened() as studio:
        raise typer.Exit(import_folder(studio, folder))


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The ZIP to write.")],
    query: Annotated[str, typer.Option(help='As in the gallery, such as "fox steps:>20 board:icons".')] = "",
    format: Annotated[str, typer.Option(help="png, jpeg or webp.")] = "png",
    metadata: Annotated[bool, typer.Option(help="Keep the settings inside the files and the manifest.")] = True,
) -> None:
    """Write pictures of the gallery into a ZIP with a manifest: all of them, or those that a search finds."""
    from components.terminal import export_zip

    with clean_exit(), opened() as studio:
        raise typer.Exit(export_zip(studio, out, query, format, metadata))


@app.command()
def bench(
    people: Annotated[int, typer.Option(min=1, max=64, help="The most people at once.")] = 8,
) -> None:
    """Measure this machine with the starter: seconds a picture, alone and for several people at once."""
    from components.terminal import bench_table

    with clean_exit():
        print(bench_table(Settings.load(), people))


@app.command()
def doctor() -> None:
    """Check this installation and say what to mend."""
    from components.actions.doctor import examine
    from components.terminal import report

    with clean_exit():
        raise typer.Exit(report(examine()))


@app.command()
def promises(
    missing: Annotated[bool, typer.Option("--not-yet", help="Only those that are not kept yet.")] = False,
) -> None:
    """Print every promise of the privacy policy, whether it is kept, and the tests that show it."""
    from components.actions.promises import read_evidence, table
    from components.terminal import print_promises

    print_promises(table(), read_evidence(), only_missing=missing)


@app.command()
def grant(
    email: Annotated[str, typer.Argument(help="The address or username of the account.")],
    role: Annotated[str, typer.Argument(help="user, moderator or admin.")],
    premium: Annotated[bool | None, typer.Option(help="Whether the account is premium; as it was if unset.")] = None,
) -> None:
    """Give an account of a hosted home a role. Staff rights begin once its two-step sign-in is on."""
    from components.actions.accounts import grant

    if role not in ROLES:
        raise typer.BadParameter(f"role: {role!r} is not allowed. Expected {', '.join(ROLES)}.")
    with clean_exit(), opened() as studio:
        account = grant(studio, email, role, premium)
        factor = "on" if account.totp_since else "off: staff rights begin once it is on"
        name, plan = account.email or account.username, ", premium" if account.premium else ""
        print(f"{name}: {account.role}{plan}. Two-step sign-in is {factor}.")


@app.command()
def announce(
    subject: Annotated[str, typer.Argument(help="The subject of the letter.")],
    file: Annotated[Path, typer.Argument(help="A text file with its words.", exists=True, dir_okay=False)],
) -> None:
    """Write news to everybody who switched them on. The same news reach nobody twice."""
    from components.actions.notices import announce

    with clean_exit(), opened() as studio:
        written = announce(studio, subject, file.read_text())
        print(f"{written} letters are in the outbox; a running studio sends them.")


@app.command("erase-child")
def erase_child(
    email: Annotated[str, typer.Argument(help="The address of the account.")],
    reason: Annotated[str, typer.Option(help="How you learned that it is a child's.")],
) -> None:
    """Delete the account of a child under 13 at once, with everything in it. There is no way back."""
    from components.actions.leaving import erase_child

    with clean_exit(), opened() as studio:
        done = erase_child(studio, OPERATOR, email, reason)
        found = "nothing is left" if done.verified_at else "another process is at it"
        print(f"Deleted and looked for again: {found}. Receipt {done.receipt}.")


@policy.command("announce")
def announce_policy(
    sooner: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day within the 30 days, if a law demands it.")
    ] = None,
    because: Annotated[str, typer.Option(help="The law that demands that day.")] = "",
) -> None:
    """Write to everybody that the newest text of the privacy policy will hold in 30 days. Doing it twice is safe."""
    from components.actions.policy_life import announce

    with clean_exit(), opened() as studio:
        done = announce(studio, sooner.replace(tzinfo=UTC) if sooner else None, because)
        day = f"{done.notice.effective_at:%Y-%m-%d}"
        print(f"Version {done.notice.version} holds from {day}. {done.letters} letters are in the outbox.")


@policy.command("versions")
def policy_versions() -> None:
    """List the versions of the privacy policy: which holds, and from when."""
    from components.actions.trust import versions_view

    with clean_exit(), opened() as studio:
        for one in versions_view(studio):
            since = f" from {one['effective']}" if one["effective"] else ""
            print(f"{one['number']}: {one['state'].replace('_', ' ')}{since}")


@app.command()
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
) -> None:
    """Do the housekeeping now: quiet people, guests, old counts, downloads and backups, deletions that are due."""
    from components.actions.housekeeping import sweep
    from components.terminal import print_swept

    with clean_exit(), opened() as studio:
        print_swept(sweep(studio, dry_run=dry_run, force=True), dry_run=dry_run)


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="File to write, such as monday.pxb.")]) -> None:
    """Copy everything but the keys into one encrypted file, which opens for 30 days. The studio may go on working."""
    from components.actions.backing_up import backup

    with clean_exit(), opened() as studio:
        made = backup(studio, target)
        print(f"{target}: {len(made.files)} files, opens until {made.expires_at:%Y-%m-%d}")


@app.command("verify-backup")
def verify_backup(source: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")]) -> None:
    """Read a backup to its end and compare every file in it with its manifest."""
    from components.actions.backing_up import verify

    with clean_exit(), opened() as studio:
        made = verify(studio, source)
        print(f"{source}: whole, {len(made.files)} files of {made.made_at:%Y-%m-%d %H:%M} UTC")


@app.command()
def restore(source: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")]) -> None:
    """Put a backup back, then delete again whoever left since. Stop the studio first; keys stay as they are."""
    from components.actions.backing_up import restore

    with clean_exit(), DataLock(Settings.load().data), opened() as studio:
        made, gone = restore(studio, source)
        print(f"Restored {len(made.files)} files of {made.made_at:%Y-%m-%d %H:%M} UTC; {gone} who left stay gone.")


@app.command("rotate-keys")
def rotate_keys() -> None:
    """Put a new master key in place of the old one. Stop the studio first; after a crash, run it again."""
    from components.actions.rotating import rotate

    with clean_exit(), DataLock(Settings.load().data), opened(alone=True) as studio:
        done = rotate(studio)
        what = "Ended the rotation that was begun before" if done.resumed else "Rotated"
        print(
            f"{what}: master key {done.version} is in place "
            f"(keys wrapped anew: {done.keys}, accounts: {done.accounts}, letters: {done.letters}). "
            "Keep a fresh copy of keyring.json and of the keys database; older copies open nothing new."
        )


@contextmanager
def opened(*, alone: bool = False) -> Iterator[Any]:
    from components import logs
    from components.studio import open_studio

    settings = Settings.load()
    logs.configure(settings)
    studio = open_studio(settings, alone=alone)
    try:
        yield studio
    finally:
        studio.close()


@contextmanager
def clean_exit() -> Iterator[None]:
    """What a person can mend is one sentence on stderr and exit code 2, not a traceback."""
    try:
        yield
    except (SettingsError, Refused, Locked, UnknownModel, BadBackup, KeyGone) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error
    except BrokenPipeError:  # nobody reads on, such as `| head`
        raise
    except OSError as error:  # a folder that is a file or not for this user, a disk that is full
        named = error.filename2 or error.filename
        print(f"{named}: {error.strerror}." if named else error, file=sys.stderr)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(130) from error


def read_size(size: str | None) -> dict[str, int]:
    if size is None:
        return {}
    sides = re.fullmatch(r"([0-9]{1,6})x([0-9]{1,6})", size.lower())
    if sides is None:
        raise typer.BadParameter(f"size: {size!r} is not allowed. Expected width x height, such as 512x512.")
    return {"width": int(sides[1]), "height": int(sides[2])}
