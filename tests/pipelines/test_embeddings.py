"""Learned words: read by their names, for one and for two text encoders, and nothing of them is left afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from pipelines import embeddings
from pipelines.catalogue import of_folder, starter
from pipelines.device import Device
from pipelines.loader import load
from pipelines.text_to_image import Loaded
from tests.pipelines import tiny

FLOAT32 = Device(torch.device("cpu"), torch.float32, (1,), "CPU, float32")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    (folder / "embeddings").mkdir()
    return folder


def opened(models: Path, which: str) -> Loaded:
    if which == "starter":
        loaded = load(starter(), FLOAT32, models)
    else:
        folder = models / which
        if not folder.exists():
            getattr(tiny, which)(folder)
        model = of_folder(folder)
        assert model is not None
        loaded = load(model, FLOAT32, models)
    assert isinstance(loaded, Loaded)
    return loaded


def learn(models: Path, name: str, loaded: Loaded, vectors: int = 2) -> None:
    torch.manual_seed(3)
    widths = [encoder.get_input_embeddings().weight.shape[1] for _, encoder in embeddings.encoders(loaded.parts)]
    keys = embeddings.KEYS if len(widths) == 2 else ("emb_params",)
    kept = {key: torch.randn(vectors, width) for key, width in zip(keys, widths, strict=True)}
    save_file(kept, models / "embeddings" / f"{name}.safetensors")


def state(loaded: Loaded) -> list[torch.Tensor | int]:
    pairs = embeddings.encoders(loaded.parts)
    return [one for tokenizer, encoder in pairs for one in (len(tokenizer), *(w.clone() for w in encoder.parameters()))]


def same(one: torch.Tensor | int, other: torch.Tensor | int) -> bool:
    return one == other if isinstance(one, int) or isinstance(other, int) else torch.equal(one, other)


@pytest.mark.parametrize("which", ["starter", "sd", "sdxl"])
def test_a_learned_word_changes_its_own_prompt_and_leaves_no_trace(models: Path, which: str) -> None:
    loaded = opened(models, which)
    learn(models, "my-thing", loaded)
    before = state(loaded)
    plain = loaded.words("a red thing").tokens
    learned = loaded.words("a red my-thing").tokens
    assert all(same(one, other) for one, other in zip(before, state(loaded), strict=True))
    loaded._words.clear()
    assert torch.equal(loaded.words("a red thing").tokens, plain)
    assert torch.equal(loaded.words("a red my-thing").tokens, learned)
    # A file that takes its place, or is gone, means another thing at once.
    learn(models, "my-thing", loaded, vectors=3)
    assert not torch.equal(loaded.words("a red my-thing").tokens, learned)
    (models / "embeddings" / "my-thing.safetensors").unlink()
    assert not torch.equal(loaded.words("a red my-thing").tokens, learned)
    assert loaded.learned("a red my-thing") == []


def test_it_has_a_weight_like_other_words_and_is_no_part_of_one(models: Path) -> None:
    loaded = opened(models, "sd")
    learn(models, "owl", loaded)
    assert loaded.learned("an (owl:1.3), bowl") == ["owl"]
    assert loaded.learned("a bowl, owlish, barn-owl") == []
    assert not torch.equal(loaded.words("an (owl:1.3)").tokens, loaded.words("an owl").tokens)
    (models / "embeddings" / "owl.safetensors").unlink()


def test_one_of_another_family_is_refused_by_name_and_harms_nobody(models: Path) -> None:
    loaded = opened(models, "sd")
    save_file({"emb_params": torch.zeros(1, 7)}, models / "embeddings" / "strange.safetensors")
    (models / "embeddings" / "broken.safetensors").write_bytes(b"nothing")
    before = state(loaded)
    for name, reason in (("strange", "does not fit"), ("broken", "cannot be read")):
        with pytest.raises(ValueError, match=f"embedding: '{name}' {reason}"):
            loaded.words(f"a {name} fox")
    assert all(same(one, other) for one, other in zip(before, state(loaded), strict=True))
