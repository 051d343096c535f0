"""`python app.py bench` on this machine: it measures what it says, and says it in words."""

from __future__ import annotations

from components.actions.bench import measure
from store.settings import Settings
from tests.components.test_cli import run


def test_it_measures_one_and_several_people(settings: Settings) -> None:
    told: list[str] = []
    found = measure(settings, 4, told.append)
    assert told == ["one person draws", "4 people draw"]
    assert [row.people for row in found.rows] == [1, 4]
    one, four = found.rows
    assert 0 < one.seconds < four.seconds
    assert one.preview is None or one.preview < one.seconds
    assert found.device.startswith("CPU")
    assert found.memory > 10**8
    assert not settings.data.exists(), "it keeps nothing"


def test_the_command_line_prints_it_as_a_table(settings: Settings) -> None:
    done = run(settings.data, "bench", "--people", "1")
    assert done.returncode == 0, done.stderr
    assert "pictures a minute" in done.stdout
    assert "The process took" in done.stdout
