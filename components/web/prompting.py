"""Routes of the prompt tools: what a prompt means, styles, history, templates and grids."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Request, Response, UploadFile
from pydantic import BaseModel, Field

from components.actions import generate, history, notebooks, prompting, series, sheets, styles
from components.actions.models import model_name
from components.pages.examples import EXAMPLES
from components.studio import Studio
from components.web.errors import error_view
from components.web.html import language_of
from components.web.images import PRIVATE
from components.web.session import actor_of
from components.web.views import job_view
from pipelines.catalogue import SCHEDULERS
from policies import access
from policies.actor import Actor
from policies.draft import Draft
from policies.grids import FIELDS
from policies.notebook import Series as SeriesAsked
from policies.styles import Style, Words
from policies.verdict import require
from store.series import Series
from store.vault import Missing

GRIDS = 20  # that are listed
OFFERED = tuple(example.prompt for example in EXAMPLES)
Text = Annotated[str, Field(max_length=4000)]


class Look(BaseModel):
    model: str = "starter"
    prompt: Text = ""
    negative_prompt: Text = ""


class Wear(BaseModel):
    on: bool
    prompt: Text = ""
    negative_prompt: Text = ""


class NewStyle(BaseModel):
    name: Text
    kind: Literal["style", "negative"] = "style"
    prompt: Text = ""
    negative: Text = ""
    picture: str = ""


class Ask(BaseModel):
    """A draft as the page holds it: what it leaves out is the model's own."""

    draft: dict[str, Any]


class AxisAsked(BaseModel):
    field: str
    values: Text


class AskGrid(Ask):
    x: AxisAsked
    y: AxisAsked | None = None


class Sought(BaseModel):
    words: str = Field("", max_length=200)


class Switch(BaseModel):
    on: bool


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api")
    looking(routes, studio)
    wearing(routes, studio)
    remembering(routes, studio)
    together(routes, studio)
    return routes


def looking(routes: APIRouter, studio: Studio) -> None:
    # POST, though it changes nothing: an address ends in logs, and this is what a person types.
    @routes.post("/prompt")
    def look(request: Request, asked: Look) -> dict[str, Any]:
        words = Words(asked.prompt, asked.negative_prompt)
        found = prompting.look(studio, actor_of(request), asked.model, words)
        mistake = found.mistake
        return {
            "expansion": asdict(found.expansion) if found.expansion else None,
            "mistake": error_view(mistake.code, mistake.reason, mistake.field) if mistake else None,
            "worn": found.worn,
            "reading": asdict(found.reading),
            "model_name": model_name(studio, asked.model),
        }

    @routes.get("/wildcards")
    def wildcards(request: Request) -> dict[str, Any]:
        known = series.wildcards(studio)
        listed = [{"name": name, "lines": len(known[name]), "first": list(known[name][:4])} for name in known]
        return {"wildcards": listed, "may_add": access.fetch_models(actor_of(request)).allowed}

    @routes.post("/wildcards", status_code=201)
    def add(request: Request, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
        require(access.fetch_models(actor_of(request)))
        data = file.file.read(studio.settings.max_upload_bytes + 1)
        return {"name": series.wildcards(studio).add(file.filename or "", data)}


def wearing(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/styles")
    def listed(request: Request) -> dict[str, Any]:
        return {"styles": [asdict(style) for style in styles.all_styles(studio, actor_of(request))]}

    @routes.post("/styles/{style_id}/wear")
    def wear(request: Request, style_id: str, asked: Wear) -> dict[str, Any]:
        words = styles.apply(studio, actor_of(request), style_id, asked.on, Words(asked.prompt, asked.negative_prompt))
        return {"prompt": words.prompt, "negative_prompt": words.negative}

    @routes.post("/styles", status_code=201)
    def add(request: Request, style: NewStyle) -> dict[str, Any]:
        return view(styles.add(studio, actor_of(request), style.model_dump()))

    @routes.put("/styles/{style_id}")
    def change(request: Request, style_id: str, style: NewStyle) -> dict[str, Any]:
        return view(styles.change(studio, actor_of(request), style_id, style.model_dump()))

    @routes.delete("/styles/{style_id}")
    def delete(request: Request, style_id: str) -> dict[str, Any]:
        styles.delete(studio, actor_of(request), style_id)
        return {}

    def view(style: Style) -> dict[str, Any]:
        return asdict(style)


def remembering(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/history/search")
    def search(request: Request, sought: Sought) -> dict[str, Any]:
        actor = actor_of(request)
        found = history.search(studio, actor, sought.words)
        prompts = [
            {"id": past_id, "text": one.text, "used_at": one.used_at.isoformat(), "uses": one.uses, "model": one.model}
            for past_id, one in found
        ]
        return {"prompts": prompts, **suggestions(request)}

    @routes.get("/suggestions")
    def suggestions(request: Request) -> dict[str, Any]:
        actor = actor_of(request)
        favourite = history.favourite_model(studio, actor)
        return {
            "suggestions": [asdict(one) for one in history.suggest(studio, actor, OFFERED)],
            "model": {"id": favourite, "name": model_name(studio, favourite)} if favourite else None,
            "switches": history.switches(studio, actor),
        }

    @routes.delete("/history/{past_id}")
    def forget(request: Request, past_id: str) -> dict[str, Any]:
        history.forget(studio, actor_of(request), past_id)
        return {}

    @routes.put("/history/{name}")
    def switch(request: Request, name: Literal["prompt_history", "recommendations"], wanted: Switch) -> dict[str, Any]:
        return {"switches": history.switch(studio, actor_of(request), name, wanted.on, language_of(request))}


def together(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/series", status_code=202)
    def every(request: Request, asked: Ask) -> dict[str, Any]:
        return started(studio, actor_of(request), draft_of(studio, asked), SeriesAsked("every"))

    @routes.post("/grids/plan")
    def plan(request: Request, asked: AskGrid) -> dict[str, Any]:
        planned = series.plan(studio, draft_of(studio, asked), *typed(asked))
        return {
            "x": planned.x.labels,
            "y": planned.y.labels if planned.y else [],
            "count": len(planned.cells),
            "seconds": series.plan_cost(studio, planned),
            "most": series.MOST_PICTURES,
        }

    @routes.post("/grids", status_code=202)
    def grid(request: Request, asked: AskGrid) -> dict[str, Any]:
        x, y = typed(asked)
        many = SeriesAsked("grid", x, y or ("", ""))
        return started(studio, actor_of(request), draft_of(studio, asked), many)

    @routes.get("/grids")
    def grids(request: Request) -> dict[str, Any]:
        kept = studio.stores.series.recent(actor_of(request).subject_id, "grid", GRIDS)
        models = [(model.id, model.name) for model in studio.catalogue.list() if model.state == "ready"]
        return {
            "grids": [series_view(studio, one) for one in kept],
            "fields": FIELDS,
            "options": {"scheduler": list(SCHEDULERS.items()), "model": models},
        }

    @routes.get("/series/{series_id}")
    def one(request: Request, series_id: str) -> dict[str, Any]:
        actor = actor_of(request)
        found = studio.stores.series.get(actor.subject_id, series_id)
        return series_view(studio, found) | {"jobs": [job_or_none(actor.subject_id, at) for at in found.job_ids]}

    @routes.post("/series/{series_id}/cancel")
    def cancel(request: Request, series_id: str) -> dict[str, Any]:
        return series_view(studio, series.cancel(studio, actor_of(request), series_id))

    @routes.get("/series/{series_id}/sheet")
    def sheet(request: Request, series_id: str, download: bool = False) -> Response:
        file = sheets.sheet_of(studio, actor_of(request), series_id)
        named = {"content-disposition": f'attachment; filename="{file.name}"'} if download else {}
        return Response(file.data, media_type=file.media_type, headers=PRIVATE | named)

    def job_or_none(subject_id: str, job_id: str | None) -> dict[str, Any] | None:
        try:
            return job_view(studio, studio.stores.jobs.get(subject_id, job_id)) if job_id else None
        except Missing:
            return None


def started(studio: Studio, actor: Actor, draft: Draft, many: SeriesAsked) -> dict[str, Any]:
    """As a cell of the current notebook."""
    job = notebooks.bench(studio, actor, draft, many)
    member = studio.stores.series.of_job(job.id)
    assert member is not None
    return series_view(studio, studio.stores.series.get(actor.subject_id, member.series_id))


def typed(asked: AskGrid) -> tuple[tuple[str, str], tuple[str, str] | None]:
    y = (asked.y.field, asked.y.values) if asked.y else None
    return (asked.x.field, asked.x.values), y


def draft_of(studio: Studio, asked: Ask) -> Draft:
    """What the page's controls hold, over the model's defaults. What is no field of a draft is passed over."""
    given = dict(asked.draft)
    width, _, height = str(given.get("size", "")).partition("x")
    if width.isdecimal() and height.isdecimal():
        given |= {"width": int(width), "height": int(height)}
    known = {field.name for field in fields(Draft)} - {"kind"}
    return generate.draft_of(studio, {name: value for name, value in given.items() if name in known})


def series_view(studio: Studio, found: Series) -> dict[str, Any]:
    grid = found.kind == "grid"
    x, y = series.axes(found) if grid else (None, None)
    return {
        "id": found.id,
        "kind": found.kind,
        "created_at": found.created_at.isoformat(),
        "title": sheets.title(studio, found) if grid else found.value["template"],
        "prompt": found.value["prompt"] if grid else found.value["template"],
        "x": sheets.names(studio, x) if x else [],
        "y": sheets.names(studio, y) if y else [],
        "size": len(found.job_ids),
        "left": sum(job_id is not None for job_id in found.job_ids),
        "sheet": f"/api/series/{found.id}/sheet" if grid else None,
    }
