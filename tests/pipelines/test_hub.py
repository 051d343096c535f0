"""Downloads, against a small hub on this machine that speaks the real one's words: choice of files, resuming, ends."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from pipelines import hub
from pipelines.hub import HubUnreachable, Interrupted
from pipelines.models import SD15

COMMIT = "a" * 40
MODEL = replace(SD15, repo="somebody/tiny", revision=None)
WEIGHTS = bytes(range(256)) * 20_000  # 5 MB: several chunks
FILES = {
    "model_index.json": b"{}",
    "unet/config.json": b"{}",
    "unet/diffusion_pytorch_model.safetensors": b"full precision",
    "unet/diffusion_pytorch_model.fp16.safetensors": WEIGHTS,
    "vae/diffusion_pytorch_model.safetensors": b"one precision alone",
    "tokenizer/merges.txt": b"a b",
    "tiny-pruned.safetensors": b"the same once more",
    "unet/diffusion_pytorch_model.bin": b"\x80\x04 pickle",
    "safety_checker/model.safetensors": b"checker",
}
CHOSEN = {name for name in FILES if name.split("/")[0] in ("model_index.json", "vae", "tokenizer")} | {
    "unet/config.json",
    "unet/diffusion_pytorch_model.fp16.safetensors",
}


class Hub(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str | None]]] = []
    corrupt: ClassVar[bool] = False

    def do_GET(self) -> None:
        if self.path.startswith("/api/models/"):
            return self.answer(200, json.dumps(self.info()).encode())
        name = self.path.split(f"/resolve/{COMMIT}/")[1]
        wanted = self.headers.get("Range")
        Hub.asked.append((name, wanted))
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        content = b"x" * len(FILES[name]) if Hub.corrupt else FILES[name]
        return self.answer(206 if wanted else 200, content[start:])

    def info(self) -> dict[str, object]:
        siblings = []
        for name, content in FILES.items():
            digest = hashlib.sha256(content).hexdigest()
            lfs = {"sha256": digest, "size": len(content), "pointerSize": 1} if "safetensors" in name else None
            siblings.append({"rfilename": name, "size": len(content), "lfs": lfs})
        return {"id": MODEL.repo, "sha": COMMIT, "siblings": siblings}

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def small_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()
    monkeypatch.setattr(Hub, "asked", [])
    yield Hub
    close_session()
    server.shutdown()
    server.server_close()


def never() -> bool:
    return False


def test_safetensors_and_configuration_come_and_nothing_that_could_run(small_hub: type[Hub], tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    hub.download(MODEL, tmp_path, lambda done, total: told.append((done, total)), never)
    here = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert here == CHOSEN
    assert (tmp_path / "unet/diffusion_pytorch_model.fp16.safetensors").read_bytes() == WEIGHTS
    total = sum(len(FILES[name]) for name in CHOSEN)
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert small_hub.asked[-1][0] == "model_index.json"


def test_a_cancelled_download_goes_on_in_the_middle_of_a_file(small_hub: type[Hub], tmp_path: Path) -> None:
    done = [0]
    with pytest.raises(Interrupted):
        hub.download(MODEL, tmp_path, lambda now, total: done.__setitem__(0, now), lambda: done[0] > 2_000_000)
    part = tmp_path / "unet/diffusion_pytorch_model.fp16.safetensors.part"
    have = part.stat().st_size
    assert 0 < have < len(WEIGHTS)
    assert not (tmp_path / "model_index.json").exists()
    hub.download(MODEL, tmp_path, lambda now, total: None, never)
    assert ("unet/diffusion_pytorch_model.fp16.safetensors", f"bytes={have}-") in small_hub.asked
    assert part.with_suffix("").read_bytes() == WEIGHTS
    names = [name for name, _ in small_hub.asked]
    assert names.count("unet/config.json") == 1


def test_weights_that_arrive_damaged_are_thrown_away(
    small_hub: type[Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_hub, "corrupt", True)
    with pytest.raises(HubUnreachable, match="arrived damaged"):
        hub.download(MODEL, tmp_path, lambda now, total: None, never)
    assert not list(tmp_path.rglob("*.fp16.*"))


def test_a_folder_that_cannot_be_written_to_is_not_said_of_the_hub(small_hub: type[Hub], tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(HubUnreachable, match="could not be kept: Not a directory") as said:
        hub.download(MODEL, tmp_path / "models" / "tiny", lambda now, total: None, never)
    assert "did not answer" not in str(said.value)


def test_a_hub_that_is_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()
    with pytest.raises(HubUnreachable, match="try again when the network is there"):
        hub.download(MODEL, tmp_path, lambda now, total: None, never)
    close_session()
