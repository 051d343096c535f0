"""Downloads from the model hub: safetensors and configuration only, resumable, with progress. Knows no catalogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.catalogue import Model

WANTED = ("*.json", "*.txt", "*.safetensors")
# Weights that a folder also brings in another precision or for other frameworks.
UNWANTED = ("*.fp16.safetensors", "*non_ema*", "*/openvino*", "*/flax*", "safety_checker/*", "v1-5-pruned*", "sd_xl_*")


def download(
    model: Model, folder: Path, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Path:
    """Answers the folder; raises HubUnreachable or Interrupted. `model_index.json` comes last and marks the end."""
    import httpx2
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    from pipelines.catalogue import HubUnreachable, Interrupted

    try:
        info = HfApi().model_info(model.repo, revision=model.revision, files_metadata=True)
        files = sorted(wanted(info.siblings), key=lambda file: file.rfilename == "model_index.json")
        total, done = sum(file.size or 0 for file in files), 0
        for file in files:
            progress(done, total)
            if cancelled():
                raise Interrupted(model.id)
            hf_hub_download(model.repo, file.rfilename, revision=info.sha, local_dir=folder)
            done += file.size or 0
        progress(total, total)
    except (OfflineModeIsEnabled, LocalEntryNotFoundError, HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        raise HubUnreachable(
            f"{model.name} could not be fetched: the model hub did not answer ({type(error).__name__}). "
            "What is here already goes on working; try again when the network is there."
        ) from error
    return folder


def wanted(files: Any) -> list[Any]:
    from fnmatch import fnmatch

    def fits(name: str) -> bool:
        return any(fnmatch(name, one) for one in WANTED) and not any(fnmatch(name, one) for one in UNWANTED)

    return [file for file in files or () if fits(file.rfilename)]
