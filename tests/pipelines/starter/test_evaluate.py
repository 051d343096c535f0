"""What is asked of a model is what the evaluation says, and its table shows every measure."""

from __future__ import annotations

import numpy as np

from pipelines.starter import evaluate
from pipelines.starter.dataset import Composer


def test_unseen_cases_are_held_out_and_seen_ones_are_not(composer: Composer) -> None:
    asked = evaluate.cases(composer, ["apple", "fox"], 2, np.random.default_rng(0))
    assert [one.held_out for one in asked["seen"]] == [False, False]
    assert [one.held_out for one in asked["unseen"]] == [True, True]
    assert {one.subject.labels[0] for one in asked["seen"]} == {"apple", "fox"}


def test_recoloured_cases_have_a_colour_that_can_be_told_from_the_ground(composer: Composer) -> None:
    asked = evaluate.cases(composer, ["apple", "fox"], 1, np.random.default_rng(0))["recoloured"]
    assert len(asked) == evaluate.RECOLOURED
    assert all(one.subject.tint and one.subject.tint not in one.ground.colours for one in asked)


def test_the_table_has_a_row_a_measure_and_a_dash_where_nothing_was_measured() -> None:
    nothing = {"object top-1": float("nan"), "distance": 7.0}
    columns = {"seen": {"object top-1": 0.5, "distance": 41.26}, "unseen": nothing}
    assert evaluate.table(columns).splitlines()[2:] == ["| object top-1 | 50.0% | – |", "| distance | 41.3 | 7.0 |"]


def test_judges_find_the_composites_they_are_shown_to_be_what_was_asked(composer: Composer) -> None:
    rng = np.random.default_rng(1)
    judges = evaluate.Judges.learn(composer, rng)
    asked = [composer.portrait(rng, thing) for thing in composer.things for _ in range(10)]
    scores = judges.scores(np.stack([one.pixels for one in asked]), asked)
    assert scores["object top-5"] == 1
    assert scores["colour of plain grounds"] > 0.8
    wrong = judges.scores(np.stack([255 - one.pixels for one in asked]), asked)
    assert wrong["colour of plain grounds"] < 0.3
