"""Whose job is next: deficit round-robin over people, by device seconds. Pure: the state goes in and comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

QUANTUM = 2.0  # device seconds that a visit of the round gives
SMALL = QUANTUM  # device seconds up to which a job may cut in
CUT_IN = 4  # pictures that may be drawn beyond a full device, for those who have nothing running

# kind of actor -> the share of its plan in the device's time
WEIGHTS: Mapping[str, float] = {"guest": 1.0, "user": 2.0}
MOST = 4.0  # of the owner of a home, of its staff, and of a premium plan


def weight_of(kind: str, *, premium: bool = False) -> float:
    return MOST if premium else WEIGHTS.get(kind, MOST)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The oldest waiting job of one subject. `weight` is the share of its plan, `running` counts its jobs at work."""

    job_id: str
    subject_id: str
    cost: float
    weight: float = 1.0
    running: int = 0


def may_run(one: Waiting, most: int) -> bool:
    """The others of a person who has as many jobs at work as the home allows wait."""
    return one.running < most


def may_cut_in(one: Waiting, most: int) -> bool:
    """A small job need not wait for a place beside the long ones of others, once for each person."""
    return one.running == 0 and one.cost <= SMALL


@dataclass(frozen=True, slots=True)
class Share:
    """The costs of one subject's waiting jobs in their order, and the share of its plan."""

    weight: float
    costs: Sequence[float]


@dataclass(frozen=True, slots=True)
class Turns:
    """Who was served last, and what each subject has left of its visits."""

    last: str = ""
    credit: Mapping[str, float] = field(default_factory=dict)


def choose(
    waiting: Sequence[Waiting], turns: Turns, ready: Callable[[Waiting], bool] = lambda one: True
) -> tuple[Waiting | None, Turns]:
    """The next job and the state after it. Each round visits everybody who waits once, in one fixed order.

    A subject is served while its credit covers its next job; a job dearer than the credit waits for more rounds, which
    are added at once instead of being walked through. Shreedhar and Varghese, "Efficient fair queuing using deficit
    round-robin", 1996. Those who are not `ready` are passed over and keep their credit.
    """
    if not waiting:
        return None, Turns()
    circle = sorted(filter(ready, waiting), key=lambda one: one.subject_id)
    if not circle:
        return None, turns
    credit = {one.subject_id: turns.credit.get(one.subject_id, 0.0) for one in waiting}
    current = next((one for one in circle if one.subject_id == turns.last), None)
    if current is not None and credit[current.subject_id] >= current.cost:
        return serve(current, credit)
    after = [one for one in circle if one.subject_id > turns.last]
    order = after + [one for one in circle if one.subject_id <= turns.last]
    rounds = [rounds_until(one, credit[one.subject_id]) for one in order]
    fewest = min(rounds)
    chosen = order[rounds.index(fewest)]
    position = order.index(chosen)
    for place, one in enumerate(order):
        visits = fewest if place <= position else fewest - 1
        credit[one.subject_id] += visits * QUANTUM * one.weight
    return serve(chosen, credit)


def serve(chosen: Waiting, credit: dict[str, float]) -> tuple[Waiting, Turns]:
    return chosen, Turns(chosen.subject_id, credit | {chosen.subject_id: credit[chosen.subject_id] - chosen.cost})


def rounds_until(one: Waiting, credit: float) -> int:
    """Visits needed before the credit covers the job, at least one."""
    missing = one.cost - credit
    return max(1, -int(-missing // (QUANTUM * one.weight)))


def served_before(own: Sequence[float], weight: float, others: Mapping[str, Share]) -> list[float]:
    """The costs of those that are served before the last of `own`, of people whose credits are not known.

    Each visit gives everybody what their weight is worth, so the last of one's own comes after as many visits as cover
    all of them, and until then the others are served what the same visits cover for them.
    """
    visits = max(1, -int(-sum(own) // (QUANTUM * weight)))
    served = list(own[:-1])
    for share in others.values():
        credit = visits * QUANTUM * share.weight
        for cost in share.costs:
            if cost > credit:
                break
            credit -= cost
            served.append(cost)
    return served


def settle(turns: Turns, subject_id: str, estimated: float, measured: float) -> Turns:
    """Corrects the credit by what a job really took."""
    if subject_id not in turns.credit:
        return turns
    return Turns(turns.last, {**turns.credit, subject_id: turns.credit[subject_id] + estimated - measured})
