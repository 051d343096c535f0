"""A drawing whose numbers went wrong is no picture: the job fails by name, and nothing of it is kept."""

from __future__ import annotations

import pytest
import torch

from components.actions import gallery, generate
from components.jobs import Dispatcher
from components.studio import Studio
from pipelines.batcher import Row
from policies.draft import Draft
from tests.conftest import ended


@pytest.mark.promise("P18")
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_drawing_with_one_number_that_is_none_fails_by_name(
    studio: Studio, dispatcher: Dispatcher, apple: Draft, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    finished = Row.finished

    def spoilt(row: Row) -> object:
        row.latents = row.latents.clone()
        row.latents[0, 0, 3, 3] = torch.tensor(value)
        return finished(row)

    monkeypatch.setattr(Row, "finished", spoilt)
    job = ended(studio, generate.start(studio, studio.owner, apple))
    assert (job.state, job.error_code) == ("failed", "not_finite")
    assert gallery.page(studio, studio.owner)[0] == ()
