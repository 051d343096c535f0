"""Templates, grids, styles and the history, as a person uses them: with the real starter and the real store."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from components.actions import choices, generate, history, notebooks, privacy, prompting, series, sheets, styles
from components.jobs import Dispatcher
from components.studio import Studio
from pipelines.wildcards import BadWildcard, Wildcards
from policies.actor import Actor
from policies.draft import Draft
from policies.notebook import Cell, Series
from policies.styles import Words
from policies.verdict import Refused
from store.jobs import Job
from store.vault import Missing
from tests.conftest import ended

EXAMPLES = ("a rocket in the night sky", "a cactus in the desert")


def begun(studio: Studio, actor: Actor, draft: Draft, many: Series | None = None) -> list[Job]:
    """Every job of a run of the bench, in the order of its series."""
    first = notebooks.bench(studio, actor, draft, many) if many else notebooks.start_bench(studio, actor, draft)
    member = studio.stores.series.of_job(first.id)
    if member is None:
        return [first]
    found = studio.stores.series.get(actor.subject_id, member.series_id)
    return [studio.stores.jobs.get(actor.subject_id, job_id) for job_id in found.job_ids if job_id]


def drawn_cells(studio: Studio, actor: Actor) -> tuple[Cell, ...]:
    kept = notebooks.current(studio, actor)
    assert kept is not None
    return kept.document.cells



def test_the_same_seed_gives_the_same_prompts_and_each_picture_says_its_own(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    asked = replace(apple, prompt="a {red apple|lemon|pear} on __colour__", seed=5, count=3)
    jobs = begun(studio, alice, asked)
    again = [job.draft for job in begun(studio, alice, asked)]
    assert [job.draft for job in jobs] == again
    assert [draft.seed for draft in again] == [5, 6, 7]
    assert {draft.template for draft in again} == {asked.prompt}
    assert all("{" not in draft.prompt and "__" not in draft.prompt for draft in again)
    last = ended(studio, jobs[-1], 240)
    (image,) = studio.stores.gallery.of_job(alice.subject_id, last.id)
    assert (image.draft.prompt, image.draft.template) == (last.draft.prompt, asked.prompt)
    alone = notebooks.start_bench(studio, alice, replace(asked, seed=image.seed, count=1))
    assert alone.draft.prompt == image.draft.prompt, "the picture's own seed finds its prompt again"


def test_every_prompt_of_a_template_is_drawn_with_one_seed(studio: Studio, alice: Actor, apple: Draft) -> None:
    asked = replace(apple, prompt="a {fox|owl} {in the snow|on the sea}", seed=9)
    jobs = begun(studio, alice, asked, Series("every"))
    assert [job.draft.prompt for job in jobs] == [
        "a fox in the snow",
        "a fox on the sea",
        "a owl in the snow",
        "a owl on the sea",
    ]
    assert {(job.draft.seed, job.draft.count) for job in jobs} == {(9, 1)}


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("a {fox|owl", "bad_template"),
        ("__nothing__", "bad_template"),
        ("{1|2|3|4|5} {1|2|3|4|5} {a|b|c}", "too_many_prompts"),
    ],
)
def test_a_template_that_cannot_be_drawn_queues_nothing(
    studio: Studio, alice: Actor, apple: Draft, prompt: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        notebooks.bench(studio, alice, replace(apple, prompt=prompt), Series("every"))
    assert refused.value.verdict.code == code
    assert studio.stores.jobs.count_queued() == 0


def test_a_series_is_queued_whole_or_not_at_all(studio: Studio, alice: Actor, apple: Draft) -> None:
    for _ in range(studio.settings.max_queued - 1):
        studio.stores.jobs.enqueue(alice.subject_id, apple, 1.0, studio.clock())
    with pytest.raises(Refused):
        notebooks.bench(studio, alice, replace(apple, prompt="a {fox|owl}"), Series("every"))
    assert studio.stores.jobs.count_queued(alice.subject_id) == studio.settings.max_queued - 1


def test_a_grid_is_planned_drawn_and_kept_as_a_labelled_sheet(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, bob: Actor, apple: Draft
) -> None:
    planned = series.plan(studio, apple, ("steps", "2, 3"), ("prompt", "red apple, lemon"))
    assert len(planned.cells) == 4
    assert series.plan_cost(studio, planned) > 0
    assert studio.stores.jobs.count_queued() == 0, "a plan draws nothing"
    asked = Series("grid", ("steps", "2, 3"), ("prompt", "red apple, lemon"))
    jobs = [ended(studio, job, 240) for job in begun(studio, alice, apple, asked)]
    (grid,) = studio.stores.series.recent(alice.subject_id, "grid", 2)
    assert [(job.draft.steps, job.draft.prompt) for job in jobs] == [
        (2, "a red apple"),
        (3, "a red apple"),
        (2, "a lemon"),
        (3, "a lemon"),
    ]
    (cell,) = drawn_cells(studio, alice)
    assert (cell.kind, cell.state, len(cell.outputs)) == ("grid", "fresh", 4)
    assert [one.image for one in cell.outputs] == [
        image.id for job in jobs for image in studio.stores.gallery.of_job(alice.subject_id, job.id)
    ]
    sheet = Image.open(io.BytesIO(sheets.sheet_of(studio, alice, grid.id).data))
    assert sheet.format == "PNG"
    before = sheet.tobytes()
    (image,) = studio.stores.gallery.of_job(alice.subject_id, jobs[0].id)
    studio.stores.gallery.delete(alice.subject_id, [image.id])
    after = Image.open(io.BytesIO(sheets.sheet_of(studio, alice, grid.id).data))
    assert after.size == sheet.size
    assert after.tobytes() != before, "a deleted picture is not on the sheet any more"
    with pytest.raises(Missing):
        sheets.sheet_of(studio, bob, grid.id)
    rest = [image.id for job in jobs for image in studio.stores.gallery.of_job(alice.subject_id, job.id)]
    studio.stores.gallery.delete(alice.subject_id, rest)
    with pytest.raises(Missing):
        studio.stores.series.get(alice.subject_id, grid.id)


@pytest.mark.parametrize(("x", "field"), [(("steps", "5, 500"), "steps"), (("model", "starter, nowhere"), "model")])
def test_a_grid_with_one_bad_cell_is_refused_before_anything_is_drawn(
    studio: Studio, alice: Actor, apple: Draft, x: tuple[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        series.plan(studio, apple, x, None)
    assert refused.value.verdict.field == field


def test_the_history_is_ones_own_each_prompt_once_and_searchable(
    studio: Studio, alice: Actor, bob: Actor, apple: Draft
) -> None:
    for prompt in ("a red apple", "a Größe fox", "a red apple", "a {fox|owl} at sea"):
        notebooks.start_bench(studio, alice, replace(apple, prompt=prompt, count=2))
    found = [past for _, past in history.search(studio, alice)]
    drawn = [("a {fox|owl} at sea", 1), ("a red apple", 2), ("a Größe fox", 1)]
    assert [(past.text, past.uses) for past in found] == drawn
    assert [past.text for _, past in history.search(studio, alice, "GRÖSSE fox")] == ["a Größe fox"]
    assert history.search(studio, bob) == ()
    with pytest.raises(Missing):
        history.forget(studio, bob, history.search(studio, alice)[0][0])


@pytest.mark.promise("P3")
def test_the_history_lies_sealed_on_disk(studio: Studio, alice: Actor, apple: Draft) -> None:
    notebooks.start_bench(studio, alice, replace(apple, prompt="a canarybird of its own"))
    styles.add(studio, alice, {"name": "canarystyle", "prompt": "canarywords {prompt}"})
    files = [path.read_bytes() for path in Path(studio.settings.data).rglob("*") if path.is_file()]
    assert not any(word in data for data in files for word in (b"canarybird", b"canarystyle", b"canarywords"))


@pytest.mark.promise("P4")
def test_off_gives_two_people_the_same_suggestions(studio: Studio, alice: Actor, bob: Actor, apple: Draft) -> None:
    for actor, look in ((alice, "in the snow"), (bob, "on the sea")):
        for thing in ("a fox", "an owl", "a bear"):
            generate.start(studio, actor, replace(apple, prompt=f"{thing} {look}"))
    assert history.suggest(studio, alice, EXAMPLES) != history.suggest(studio, bob, EXAMPLES)
    for actor in (alice, bob):
        history.switch(studio, actor, "recommendations", False)
        assert history.favourite_model(studio, actor) is None
    assert history.suggest(studio, alice, EXAMPLES) == history.suggest(studio, bob, EXAMPLES)


@pytest.mark.promise("P4")
@pytest.mark.promise("P48")
def test_the_switch_of_suggestions_and_the_choice_about_them_are_one(studio: Studio, alice: Actor) -> None:
    assert history.switches(studio, alice)["recommendations"] and privacy.switches(studio, alice)["recommendations"]
    choices.choose(studio, alice, "recommendations", False, "en")
    assert not history.switches(studio, alice)["recommendations"]
    history.switch(studio, alice, "recommendations", True, "de")
    assert privacy.switches(studio, alice)["recommendations"]
    given = [(one.purpose, one.given, one.locale) for one in privacy.receipts(studio, alice)]
    assert sorted(given) == [("recommendations", False, "en"), ("recommendations", True, "de")]


def test_turning_the_history_off_empties_it_and_keeps_nothing_more(studio: Studio, alice: Actor, apple: Draft) -> None:
    generate.start(studio, alice, apple)
    history.switch(studio, alice, "prompt_history", False)
    assert history.search(studio, alice) == ()
    generate.start(studio, alice, apple)
    assert history.search(studio, alice) == ()
    history.switch(studio, alice, "prompt_history", True)
    assert history.search(studio, alice) == ()


def test_styles_are_added_changed_and_deleted_by_their_own_person(studio: Studio, alice: Actor, bob: Actor) -> None:
    mine = styles.add(studio, alice, {"name": "Mine", "prompt": "ink of {prompt}", "negative": "colour"})
    assert mine in styles.all_styles(studio, alice)
    assert mine not in styles.all_styles(studio, bob)
    worn = styles.apply(studio, alice, mine.id, True, Words("a fox"))
    assert worn == Words("ink of a fox", "colour")
    assert mine.id in styles.worn(studio, alice, worn)
    for act in (
        lambda: styles.change(studio, bob, mine.id, {"name": "Theirs", "prompt": "{prompt}"}),
        lambda: styles.delete(studio, bob, mine.id),
        lambda: styles.apply(studio, bob, mine.id, True, Words("a fox")),
        lambda: styles.add(studio, bob, {"name": "Stolen", "prompt": "{prompt}", "picture": "not theirs"}),
    ):
        with pytest.raises(Missing):
            act()
    changed = styles.change(studio, alice, mine.id, {"name": "Chalk", "prompt": "chalk of {prompt}"})
    assert (changed.name, changed.negative) == ("Chalk", "")
    styles.delete(studio, alice, mine.id)
    assert mine.id not in {style.id for style in styles.all_styles(studio, alice)}


def test_a_look_at_a_prompt_says_what_it_becomes_and_what_is_not_read(studio: Studio, alice: Actor) -> None:
    look = prompting.look(studio, alice, "starter", Words("a (red:1.4) {fox|owl} in the snow"))
    assert look.expansion and look.expansion.count == 2
    assert look.reading.weights == (("a ", 1.0), ("red", 1.4), (" fox in the snow", 1.0))
    assert look.reading.limit == 30 and look.reading.tokens == 6 and not look.reading.cut
    long = prompting.look(studio, alice, "starter", Words("fox " * 30 + "and the rest"))
    assert (long.reading.tokens, long.reading.cut) == (33, "and the rest")
    wrong = prompting.look(studio, alice, "starter", Words("a {fox|owl"))
    assert wrong.mistake and "character 3" in wrong.mistake.reason


def test_wildcards_are_files_by_name_and_lead_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "wildcards" / "mine").mkdir(parents=True)
    (tmp_path / "wildcards" / "mine" / "pets.txt").write_text("# cats first\ncat\n\n dog \n")
    (tmp_path / "secret.txt").write_text("secret")
    words = Wildcards(tmp_path)
    assert words["mine/pets"] == ("cat", "dog")
    assert {"mine/pets", "colour", "animal"} <= set(words)
    for name in ("../secret", "mine/../../secret", "/etc/passwd", "nothing"):
        with pytest.raises(KeyError):
            words[name]
    assert words.add("new pets.txt", b"hamster\nparrot") == "new pets"
    assert words["new pets"] == ("hamster", "parrot")
    wrong = (("x.txt", b"\xff\xfe"), ("..", b"a"), ("empty.txt", b"\n# only words about it\n"), ("p.txt", b"a\0b"))
    for name, data in wrong:
        with pytest.raises(BadWildcard):
            words.add(name, data)
