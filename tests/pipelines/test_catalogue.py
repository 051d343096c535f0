"""What is listed as a model: the starter, what lies in the models folder, and what the hub has."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import diffusers
import numpy as np
import pytest
from safetensors.numpy import save_file

from pipelines.catalogue import Catalogue, HubUnreachable, UnknownModel
from pipelines.engine import LocalEngine
from pipelines.types import Done, Failed, RenderJob
from tests.pipelines import single_file, tiny
from tests.pipelines.test_engine import ask


def test_the_starter_and_its_quick_way_are_first_and_ready(tmp_path: Path) -> None:
    models = Catalogue(tmp_path / "nothing").list()
    assert [(model.id, model.state) for model in models[:2]] == [("starter", "ready"), ("starter-quick", "ready")]
    assert all(model.state == "available" and model.licence and model.size_bytes for model in models[2:])


def test_a_folder_that_is_dropped_in_is_listed_and_drawn_with(tmp_path: Path) -> None:
    tiny.sd(tmp_path / "my model")
    catalogue = Catalogue(tmp_path)
    model = catalogue.get("my model")
    assert (model.family, model.state) == ("sd", "ready")
    engine = LocalEngine(catalogue, device="cpu")
    job = RenderJob(id="mine", model="my model", prompt="anything", width=64, height=64, steps=2, scheduler="euler")
    done = ask(engine, job).end()
    engine.close()
    assert isinstance(done, Done)
    assert done.renders[0].pixels.shape == (64, 64, 3)
    assert done.renders[0].native is None


@pytest.mark.parametrize(
    ("tensor", "family"),
    [("model.diffusion_model.x", "sd"), ("conditioner.embedders.x", None), ("lora_unet.x", None)],
)
def test_a_single_file_is_known_by_its_tensors(tmp_path: Path, tensor: str, family: str | None) -> None:
    save_file({tensor: np.zeros(1, np.float32)}, tmp_path / "file.safetensors")
    listed = {model.id: model.family for model in Catalogue(tmp_path).list()}
    assert listed.get("file") == family


def test_what_could_run_code_or_is_broken_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "evil.ckpt").write_bytes(b"\x80\x04pickle")
    (tmp_path / "short.safetensors").write_bytes(b"\x01")
    (tmp_path / "pickles").mkdir()
    (tmp_path / "pickles" / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    (tmp_path / "pickles" / "weights.bin").write_bytes(b"\x80\x04")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "model_index.json").write_text("[]")
    before = {model.id for model in Catalogue(tmp_path / "nothing").list()}
    assert {model.id for model in Catalogue(tmp_path).list()} == before


def test_what_is_taken_away_or_leads_nowhere_hides_no_other_model(tmp_path: Path) -> None:
    """A folder of links into a cache that was emptied; and files whose header is no table."""
    tiny.sd(tmp_path / "fine")
    tiny.sd(tmp_path / "emptied")
    weights = next((tmp_path / "emptied").rglob("*.safetensors"))
    weights.unlink()
    weights.symlink_to(tmp_path / "gone.safetensors")
    (tmp_path / "link.safetensors").symlink_to(tmp_path / "gone.safetensors")
    for name, header in (("number", b"5"), ("deep", b"[" * 100_000)):
        (tmp_path / f"{name}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    listed = {model.id for model in Catalogue(tmp_path).list() if model.state == "ready"}
    assert listed == {"starter", "starter-quick", "fine"}
    with pytest.raises(UnknownModel, match="'emptied' is not here"):
        Catalogue(tmp_path).get("emptied")


def test_a_fetched_model_of_the_hub_is_listed_once(tmp_path: Path) -> None:
    folder = tmp_path / "sdxl-turbo"
    folder.mkdir()
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionXLPipeline"}))
    (folder / "model.safetensors").write_bytes(b"")
    listed = Catalogue(tmp_path).list()
    assert [model.state for model in listed if model.id == "sdxl-turbo"] == ["ready"]
    assert len({model.id for model in listed}) == len(listed)


def test_an_unknown_model_is_named_with_those_that_are_here(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="'nobody' is not here. Expected starter or"):
        Catalogue(tmp_path).get("nobody")


def test_a_model_is_a_name_in_the_folder_and_no_way_out_of_it(tmp_path: Path) -> None:
    tiny.sd(tmp_path / "outside")
    (tmp_path / "models").mkdir()
    catalogue = Catalogue(tmp_path / "models")
    for model_id in ("../outside", str(tmp_path / "outside"), "..", "", "/"):
        with pytest.raises(UnknownModel):
            catalogue.get(model_id)


def test_what_is_listed_is_what_is_found_by_its_name(tmp_path: Path) -> None:
    tiny.sd(tmp_path / "mine")
    tiny.sd(tmp_path / "sd15")
    save_file({"model.diffusion_model.x": np.zeros(1, np.float32)}, tmp_path / "mine.safetensors")
    catalogue = Catalogue(tmp_path)
    assert all(catalogue.get(model.id) == model for model in catalogue.list())


def test_a_hub_that_does_not_answer_is_said_and_the_studio_goes_on(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    with pytest.raises(HubUnreachable, match="Stable Diffusion 1.5 could not be fetched"):
        catalogue.fetch("sd15", lambda done, total: None, lambda: False)
    assert catalogue.get("sd15").state == "available"
    assert catalogue.get("starter").state == "ready"


def test_a_folder_in_half_precision_without_its_safety_checker_opens(tmp_path: Path) -> None:
    """As the hub's download leaves Stable Diffusion 1.5."""
    import diffusers

    tiny.sd(tmp_path / "whole")
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(tmp_path / "whole", safety_checker=None)
    pipe.save_pretrained(tmp_path / "sd15", variant="fp16")
    index = json.loads((tmp_path / "sd15" / "model_index.json").read_text())
    index |= {"safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"], "requires_safety_checker": True}
    (tmp_path / "sd15" / "model_index.json").write_text(json.dumps(index))
    engine = LocalEngine(Catalogue(tmp_path), device="cpu")
    job = RenderJob(id="mine", model="sd15", prompt="anything", width=64, height=64, steps=2, scheduler="euler")
    done = ask(engine, job).end()
    engine.close()
    assert isinstance(done, Done)


def test_a_single_file_without_its_familys_configuration_says_what_is_missing(tmp_path: Path) -> None:
    save_file({"model.diffusion_model.x": np.zeros(1, np.float32)}, tmp_path / "mine.safetensors")
    engine = LocalEngine(Catalogue(tmp_path), device="cpu")
    failed = ask(engine, RenderJob(id="mine", model="mine", width=64, height=64)).end()
    engine.close()
    assert isinstance(failed, Failed)
    assert "mine: its files cannot be used" in failed.reason
    assert "fetch sd15" in failed.reason


def test_a_single_file_draws_what_the_same_weights_draw_as_a_folder(tmp_path: Path) -> None:
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(tiny.sd(tmp_path / "sd15"))
    single_file.write(pipe, tmp_path / "mine.safetensors")
    engine = LocalEngine(Catalogue(tmp_path), device="cpu")
    job = RenderJob(id="mine", model="mine", prompt="a fox", width=64, height=64, steps=3, scheduler="euler", seed=4)
    one, other = (ask(engine, replace(job, id=model, model=model)).end() for model in ("mine", "sd15"))
    engine.close()
    assert isinstance(one, Done), one
    assert isinstance(other, Done)
    assert np.array_equal(one.renders[0].pixels, other.renders[0].pixels)
    assert one.renders[0].pixels.std() > 5
