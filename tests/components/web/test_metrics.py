"""Metrics: numbers for whoever may read them, and no word of what anybody asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import generate
from components.studio import Studio
from policies.actor import Actor
from policies.draft import Draft
from store.settings import Settings
from tests.conftest import ended

CANARY = "zinnober-canary"


def reader(studio: Studio, host: str = "127.0.0.1", base: str = "http://127.0.0.1:7860") -> TestClient:
    return TestClient(app.build(studio), base_url=base, client=(host, 50000))


def value(text: str, name: str) -> float:
    return float(next(line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(f"{name} ")))


@pytest.fixture
def drawn(studio: Studio, alice: Actor, apple: Draft) -> Iterator[str]:
    """What is read after a picture, a failure and some requests."""
    with reader(studio) as client:  # started, so there is a dispatcher
        good = replace(apple, prompt=f"a red apple {CANARY}")
        assert ended(studio, generate.start(studio, alice, good)).state == "done"
        bad = replace(apple, prompt=f"<lora:{CANARY}:1> an apple")
        assert ended(studio, generate.start(studio, alice, bad)).state == "failed"
        assert client.get(f"/i/{CANARY}").status_code == 404
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        yield answer.text


def test_what_was_done_is_counted(drawn: str) -> None:
    assert value(drawn, 'pixcosmos_jobs_ended_total{code="",state="done"}') == 1
    assert value(drawn, 'pixcosmos_jobs_ended_total{code="model_missing",state="failed"}') == 1
    assert value(drawn, 'pixcosmos_jobs{state="done"}') == 1
    assert value(drawn, "pixcosmos_queue_depth") == 0
    assert value(drawn, "pixcosmos_job_wait_seconds_count") == 2
    assert value(drawn, 'pixcosmos_job_draw_seconds_count{model="starter"}') == 1
    assert value(drawn, 'pixcosmos_steps_total{pictures="1"}') >= 3
    assert value(drawn, "pixcosmos_models_loaded") == 1
    assert value(drawn, 'pixcosmos_memory_bytes{kind="total"}') > 10**9
    assert 'pixcosmos_http_request_seconds_count{method="GET",route="/i/{image_id}",status="4xx"} 1.0' in drawn


def test_no_prompt_no_person_and_no_path_is_among_the_numbers(drawn: str, alice: Actor) -> None:
    assert CANARY not in drawn
    assert alice.subject_id not in drawn
    assert "127.0.0.1" not in drawn


@pytest.mark.parametrize(
    ("host", "base", "headers"),
    [
        ("203.0.113.7", "http://127.0.0.1:7860", {}),
        ("127.0.0.1", "http://studio.example", {}),
        ("127.0.0.1", "http://127.0.0.1:7860", {"x-forwarded-for": "203.0.113.7"}),
    ],
)
def test_others_find_nothing_there(studio: Studio, host: str, base: str, headers: dict[str, str]) -> None:
    hosted = replace(studio, settings=Settings(data=studio.settings.data, home="hosted"))
    assert reader(hosted, host, base).get("/metrics", headers=headers).status_code == 404


def test_a_token_opens_them_from_anywhere_and_nothing_else_does(studio: Studio) -> None:
    settings = Settings(data=studio.settings.data, home="hosted", metrics_token="correct horse")
    client = reader(replace(studio, settings=settings), "203.0.113.7", "http://studio.example")
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong horse"}).status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer correct horse"}).status_code == 200
    assert reader(replace(studio, settings=settings)).get("/metrics").status_code == 404
