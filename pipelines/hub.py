"""Downloads from the model hub: safetensors and configuration only, resumable, with progress. Knows no catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.models import Model

WANTED = ("*.json", "*.txt", "*.model", "*.safetensors")
# The same weights for other frameworks, and a checker whose place our own moderation takes.
UNWANTED = ("*non_ema*", "*/openvino*", "*/flax*", "safety_checker/*")
CHUNK = 2**20
MARK = "model_index.json"  # written last: a folder with it is complete


class HubUnreachable(Exception):
    """The model hub did not answer, or will not give this model."""


class Damaged(Exception):
    """A file is not what the hub said that it would be."""


class Interrupted(Exception):
    """A download was cancelled; what is there is kept for the next try."""


@dataclass(slots=True)
class Meter:
    """Counts bytes, and asks at every chunk whether to go on."""

    total: int
    progress: Callable[[int, int], None]
    cancelled: Callable[[], bool]
    done: int = 0

    def add(self, size: int) -> None:
        """Raises Interrupted."""
        self.done += size
        self.progress(self.done, self.total)
        if self.cancelled():
            raise Interrupted


def download(model: Model, folder: Path, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Path:
    """Answers the folder; raises HubUnreachable or Interrupted. Every file is resumed where an earlier try stopped."""
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, OfflineModeIsEnabled

    try:
        hub = HfApi()
        info = hub.model_info(model.repo, revision=model.revision, files_metadata=True)
        files = sorted(wanted(info.siblings), key=lambda file: file.rfilename == MARK)
        meter = Meter(sum(file.size or 0 for file in files), progress, cancelled)
        for file in files:
            meter.add(0)
            fetch(
                f"{hub.endpoint}/{model.repo}/resolve/{info.sha}/{file.rfilename}", folder / file.rfilename, file, meter
            )
    except GatedRepoError as error:
        raise HubUnreachable(
            f"{model.name} is given to those who accepted its licence: do that at {model.repo} on the hub, then set "
            "HF_TOKEN to a token of yours and try again."
        ) from error
    except Damaged as error:
        raise HubUnreachable(f"{model.name} could not be fetched: {error}. Try again.") from error
    except (OfflineModeIsEnabled, HfHubHTTPError, httpx2.HTTPError, ConnectionError, TimeoutError) as error:
        raise HubUnreachable(
            f"{model.name} could not be fetched: the model hub did not answer ({type(error).__name__}). "
            "What is here already goes on working; try again when the network is there."
        ) from error
    except OSError as error:  # ours: a full disk, a folder that is not to be written to
        raise HubUnreachable(
            f"{model.name} could not be kept: {error.strerror or error}. Expected room for it in a models folder that "
            "can be written to."
        ) from error
    return folder


def wanted(files: Any) -> list[Any]:
    """Weights lie in folders (a checkpoint beside them repeats them), in half precision where the hub has both."""
    names = {file.rfilename for file in files or ()}

    def fits(name: str) -> bool:
        if not any(fnmatch(name, one) for one in WANTED) or any(fnmatch(name, one) for one in UNWANTED):
            return False
        halved = name.removesuffix(".safetensors") + ".fp16.safetensors"
        return not name.endswith(".safetensors") or ("/" in name and halved not in names)

    return [file for file in files or () if fits(file.rfilename)]


def fetch(url: str, target: Path, file: Any, meter: Meter) -> None:
    """One file, through `<name>.part` and, for weights, past their checksum. A complete one is not asked for again."""
    if target.is_file() and (file.size is None or target.stat().st_size == file.size):
        meter.add(file.size or 0)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    transfer(url, part, meter)
    expected = file.lfs.sha256 if file.lfs else None
    if expected is not None and sha256(part) != expected:
        part.unlink()
        raise Damaged(f"{target.name} arrived damaged: its checksum is not {expected}")
    part.replace(target)


def transfer(url: str, part: Path, meter: Meter) -> None:
    """Appends what is missing; a server that cannot go on in the middle starts over."""
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    have = part.stat().st_size if part.exists() else 0
    headers = build_hf_headers() | ({"Range": f"bytes={have}-"} if have else {})
    with get_session().stream("GET", url, headers=headers, follow_redirects=True) as answer:
        if answer.status_code == 416:  # everything was there already
            meter.add(have)
            return
        hf_raise_for_status(answer)
        resumed = answer.status_code == 206
        meter.add(have if resumed else 0)
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_bytes(CHUNK):
                file.write(chunk)
                meter.add(len(chunk))


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
