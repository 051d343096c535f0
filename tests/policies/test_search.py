"""The search language: what is written is what is meant, and what cannot be read is named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.search import HAS, LONGEST, Box, Facts, Query, Range, Span, Term, folded, matches, parse
from policies.verdict import Refused

FOX = Facts(
    prompt=folded("A red Fox in the  night sky"),
    negative="blurry",
    model="starter",
    scheduler="euler_a",
    seed=7,
    steps=21,
    guidance=3.5,
    has=frozenset({"negative", "settings"}),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("fox", True),
        ("FOX red", True),
        ("fox dog", False),
        ("fox -dog", True),
        ("-fox", False),
        ('"night sky"', True),
        ('"sky night"', False),
        ('"the night', True),  # a quote that is still being typed
        ("seed:7", True),
        ("seed:8", False),
        ("-seed:8", True),
        ("steps:>20", True),
        ("steps:>21", False),
        ("steps:>=21", True),
        ("steps:<22 steps:<=21", True),
        ("steps:10..30", True),
        ("-steps:10..30", False),
        ("guidance:3.5", True),
        ("cfg:>3.5", False),
        ("model:START", True),
        ("sampler:euler", True),
        ("negative:blurry", True),
        ("has:negative", True),
        ("has:mask", False),
        ("(fox:1.3)", False),  # looks like a weight, and is a word
    ],
)
def test_a_query_means_what_it_says(text: str, found: bool) -> None:
    assert matches(parse(text), FOX) is found


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("board:icons", Term("board", "icons")),
        ('board:"My Icons"', Term("board", "my icons")),
        ("-tag:x", Term("tag", "x", negated=True)),
        ("is:starred", Term("is", "starred")),
        ("kind:image-to-image", Term("kind", "image_to_image")),
        ("size:512x768", Term("size", Box(512, 768))),
        ("size:>=512", Term("size", Range(low=512))),
        ("before:2026-11-01", Term("before", Span(end=date(2026, 11, 1)))),
        ("after:2026", Term("after", Span(start=date(2026, 1, 1)))),
        ("on:2026-12", Term("on", Span(date(2026, 12, 1), date(2027, 1, 1)))),
        ("on:2026-11-30", Term("on", Span(date(2026, 11, 30), date(2026, 12, 1)))),
    ],
)
def test_what_columns_answer_is_read(text: str, term: Term) -> None:
    query = parse(text)
    assert query.terms == (term,)
    assert query.plain == (term,) and query.sealed == ()


@pytest.mark.parametrize(
    ("text", "named", "expected"),
    [
        ("fox steps:many", "steps:many", "steps:>20"),
        ("steps:", "steps:", "steps:20"),
        ("steps:>", "steps:>", "steps:10..30"),
        ("before:yesterday", "before:yesterday", "before:2026-11-01"),
        ("on:2026-13", "on:2026-13", "on:2026-11-01"),
        ("on:9999-12-31", "on:9999-12-31", "a day"),
        ("has:wings", "has:wings", "has:mask"),
        ("is:mine", "is:mine", "is:starred"),
        ("-colour:red", "-colour:red", "model:"),
        ("size:512x", "size:512x", "size:512x768"),
        ('board:""', 'board:""', "board:icons"),
        ("x" * (LONGEST + 1), "xxx", "500 characters"),
        ("a " * 40, "40 terms", "at most 30"),
    ],
)
def test_an_error_names_the_term_and_what_was_expected(text: str, named: str, expected: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    verdict = refused.value.verdict
    assert verdict.code == "bad_search" and verdict.field == "q"
    assert named in str(verdict.value) and expected in verdict.expected


# Queries made of terms, written down and read again.

# No combining marks: folding a fold twice may differ where marks trade places.
plain = st.characters(blacklist_categories=("C", "Z", "M"), blacklist_characters='"')
texts = st.text(plain, min_size=1, max_size=12).map(folded).filter(lambda text: folded(text) == text)
quoted = texts.filter(bool).map(lambda text: (f'"{text}"', text))
whole = st.integers(0, 10**9)
ranges = st.one_of(
    whole.map(lambda n: (f"{n}", Range(n, n))),
    whole.map(lambda n: (f">{n}", Range(low=n, strict=True))),
    whole.map(lambda n: (f"<={n}", Range(high=n))),
    st.tuples(whole, whole).map(lambda two: (f"{two[0]}..{two[1]}", Range(*two))),
)
days = st.dates(date(1000, 1, 1), date(9000, 1, 1))
fields = st.one_of(
    st.tuples(st.just(""), quoted),
    st.tuples(st.sampled_from(["model", "board", "tag", "scheduler", "negative"]), quoted),
    st.tuples(st.sampled_from(["seed", "steps", "guidance", "width", "height", "size"]), ranges),
    st.tuples(st.just("has"), st.sampled_from(HAS).map(lambda name: (name, name))),
    st.tuples(st.just("before"), days.map(lambda day: (day.isoformat(), Span(end=day)))),
    st.tuples(st.just("after"), days.map(lambda day: (day.isoformat(), Span(start=day)))),
)
written = st.tuples(st.booleans(), fields).map(
    lambda one: (
        ("-" if one[0] else "") + (f"{one[1][0]}:" if one[1][0] else "") + one[1][1][0],
        Term(one[1][0], one[1][1][1], one[0]),
    )
)


@given(st.lists(written, max_size=12))
def test_what_is_written_is_read_back(terms: list[tuple[str, Term]]) -> None:
    text = "  ".join(text for text, _ in terms)
    if len(text) <= LONGEST:
        assert parse(text) == Query(tuple(term for _, term in terms))


@given(st.text(max_size=LONGEST + 5))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        query = parse(text)
    except Refused as refused:
        assert refused.verdict.code == "bad_search" and refused.verdict.expected
    else:
        assert isinstance(matches(query, FOX), bool)


@given(st.lists(written, max_size=6))
def test_a_minus_turns_every_sealed_term_round(terms: list[tuple[str, Term]]) -> None:
    for _, term in terms:
        turned = Query((Term(term.field, term.value, not term.negated),))
        if turned.sealed:
            assert matches(Query((term,)), FOX) != matches(turned, FOX)
