"""A copied command says what the picture says, to the program itself."""

from __future__ import annotations

import shlex
from dataclasses import replace
from unittest.mock import patch

import pytest
import typer
from typer.testing import CliRunner

from components import cli, terminal
from components.actions.command_line import command_of
from policies.draft import Draft


@pytest.mark.parametrize("prompt", ["a fox", "-- $(rm -rf /) `x` 'y' \"z\"", "--seed 3", "größer\nand greener"])
def test_the_command_is_read_as_the_same_draft(prompt: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = Draft(prompt=prompt, negative_prompt="dust, -noise", seed=7, steps=12, guidance=2.5, scheduler="euler")
    command = command_of(draft)
    assert command is not None
    _, _, *arguments = shlex.split(command)
    monkeypatch.setenv("PIXCOSMOS_DATA", str(tmp_path))
    asked: list[Draft] = []

    def draw(_: object, given: Draft, __: object) -> int:
        asked.append(given)
        return 0

    with patch.object(terminal, "draw", draw):
        done = CliRunner().invoke(cli.app, arguments, obj=lambda settings: None)
    assert done.exit_code == 0, done.output
    assert asked == [draft]
    assert isinstance(cli.app, typer.Typer)


def test_a_picture_that_needs_a_picture_has_no_command() -> None:
    assert command_of(replace(Draft(prompt="a fox"), kind="image_to_image", image="a")) is None
