"""Whose turn it is: nobody waits behind a hundred jobs of another."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.fairness import (
    QUANTUM,
    SMALL,
    Share,
    Turns,
    Waiting,
    choose,
    may_cut_in,
    may_run,
    served_before,
    settle,
    weight_of,
)

Queues = dict[str, list[float]]


def serve_all(queues: Queues, weights: dict[str, float] | None = None) -> list[tuple[str, float]]:
    """Whom `choose` serves until nothing is left, with the cost of each job."""
    left = {name: list(costs) for name, costs in queues.items()}
    turns, served = Turns(), []
    while any(left.values()):
        heads = [Waiting(name, name, costs[0], (weights or {}).get(name, 1.0)) for name, costs in left.items() if costs]
        chosen, turns = choose(heads, turns)
        assert chosen is not None
        served.append((chosen.subject_id, left[chosen.subject_id].pop(0)))
    return served


def test_twenty_people_with_one_job_pass_one_with_two_hundred() -> None:
    queues: Queues = {"heavy": [1.0] * 200} | {f"light{number:02}": [1.0] for number in range(20)}
    order = [name for name, _ in serve_all(queues)]
    last_light = max(place for place, name in enumerate(order) if name != "heavy")
    assert last_light <= 20 + 2 * QUANTUM / 1.0


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3), st.lists(st.floats(0.05, 30), min_size=1, max_size=12), min_size=1
    )
)
def test_everything_is_served_once_and_in_each_persons_own_order(queues: Queues) -> None:
    served = serve_all(queues)
    assert {name: [cost for who, cost in served if who == name] for name in queues} == queues


@given(st.floats(0.1, 20), st.floats(0.1, 20))
def test_two_busy_people_share_the_seconds_evenly(first: float, second: float) -> None:
    queues = {"alice": [first] * 400, "bob": [second] * 400}
    seconds: Counter[str] = Counter()
    left = {name: len(jobs) for name, jobs in queues.items()}
    for name, cost in serve_all(queues):
        seconds[name] += cost  # type: ignore[assignment]
        left[name] -= 1
        if not all(left.values()):
            break
        assert abs(seconds["alice"] - seconds["bob"]) <= first + second + 2 * QUANTUM + 1e-6


def test_a_plan_with_twice_the_weight_gets_twice_the_seconds() -> None:
    served = serve_all({"gold": [1.0] * 100, "plain": [1.0] * 100}, {"gold": 2.0})[:90]
    count = Counter(name for name, _ in served)
    assert 1.8 <= count["gold"] / count["plain"] <= 2.3


def test_a_job_that_took_longer_than_it_said_is_paid_for_later() -> None:
    turns = settle(Turns("alice", {"alice": 0.0, "bob": 0.0}), "alice", estimated=1.0, measured=9.0)
    assert turns.credit["alice"] == -8.0
    chosen, _ = choose([Waiting("a", "alice", 1.0), Waiting("b", "bob", 1.0)], turns)
    assert chosen is not None
    assert chosen.subject_id == "bob"


def test_nothing_waits() -> None:
    assert choose([], Turns("alice", {"alice": 3.0})) == (None, Turns())


def test_a_person_at_the_limit_is_passed_over_and_keeps_the_credit() -> None:
    turns = Turns("bob", {"alice": -5.0, "bob": 1.0})
    full, free = Waiting("a", "alice", 1.0, running=8), Waiting("b", "bob", 1.0, running=7)
    chosen, after = choose([full, free], turns, lambda one: may_run(one, 8))
    assert chosen == free
    assert after.credit["alice"] == -5.0
    assert choose([full], turns, lambda one: may_run(one, 8)) == (None, turns)


def test_only_a_small_job_of_a_person_with_nothing_running_cuts_in() -> None:
    assert may_cut_in(Waiting("a", "alice", SMALL), 8)
    assert not may_cut_in(Waiting("a", "alice", SMALL + 0.1), 8)
    assert not may_cut_in(Waiting("a", "alice", 0.1, running=1), 8)


def test_plans_weigh_more_the_more_they_give() -> None:
    assert weight_of("guest") < weight_of("user") < weight_of("user", premium=True) == weight_of("owner")


@pytest.mark.parametrize(("mine", "theirs"), [(4.0, 1.0), (1.0, 4.0), (2.0, 2.0), (1.0, 1.0)])
def test_the_estimate_of_who_comes_before_is_what_the_rounds_do(mine: float, theirs: float) -> None:
    own, other = [3.0, 2.0, 4.0], [1.0, 2.0] * 12
    order = serve_all({"me": own, "other": other}, {"me": mine, "other": theirs})
    last = max(place for place, (who, _) in enumerate(order) if who == "me")
    served = [cost for _, cost in order[:last]]
    estimated = served_before(own, mine, {"other": Share(theirs, other)})
    assert abs(sum(estimated) - sum(served)) <= 2 * QUANTUM * theirs  # where a round stands is not known
    heavier = served_before(own, 2 * mine, {"other": Share(theirs, other)})
    assert sum(heavier) <= sum(estimated)
