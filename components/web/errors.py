"""Turns exceptions into answers, once: a status and `{"error": {...}}` in words a person can act on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from components import words
from components.actions.exports import BadImport
from components.actions.generate import NoSettings
from components.actions.moderation import ScanFailed
from pipelines.catalogue import UnknownModel
from pipelines.images import BadImage
from pipelines.wildcards import BadWildcard
from policies import letters
from policies.notebook import BadNotebook
from policies.verdict import Refused, require
from store.search import BadCursor
from store.vault import Missing

# Refusals that mean more than "not like this".
STATUS = {
    "account_needed": 403,
    "case_taken": 409,
    "claim_first": 403,
    "own_case": 403,
    "account_locked": 429,
    "confirm_first": 403,
    "consent_needed": 403,
    "reason_needed": 403,
    "staff_only": 403,
    "too_many": 429,
}


def install(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> JSONResponse:
        verdict = error.verdict
        return answer(STATUS.get(verdict.code, 422), verdict.code, verdict.reason, field=verdict.field)

    @app.exception_handler(Missing)
    async def missing(_: Request, error: Missing) -> JSONResponse:
        return answer(404, "not_found", str(error))

    @app.exception_handler(ScanFailed)
    async def scan_failed(_: Request, error: ScanFailed) -> JSONResponse:
        return answer(503, "scan_failed", str(error))

    @app.exception_handler(UnknownModel)
    async def unknown_model(_: Request, error: UnknownModel) -> JSONResponse:
        return answer(404, "model_missing", str(error), field="model")

    bad_words(app)
    bad_files(app)
    app.router.dependencies.append(Depends(whole_letters))


async def whole_letters(request: Request) -> None:
    """For every JSON that is sent: half a character, which no database takes, is refused by its field's name."""
    if "json" not in request.headers.get("content-type", "").partition(";")[0]:
        return
    with suppress(ValueError, RecursionError):  # what cannot be read is refused by the route that reads it
        sent = await request.json()
        require(letters.whole(sent))


def bad_words(app: FastAPI) -> None:
    @app.exception_handler(BadCursor)
    async def bad_cursor(_: Request, error: BadCursor) -> JSONResponse:
        return answer(422, "malformed", str(error), field="before")

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        return answer(422, "malformed", f"{field}: {first['msg']}", field=field)


def bad_files(app: FastAPI) -> None:
    @app.exception_handler(BadImage)
    async def bad_image(_: Request, error: BadImage) -> JSONResponse:
        code = "no_settings" if isinstance(error, NoSettings) else "bad_image"
        return answer(422, code, str(error), field="file")

    @app.exception_handler(BadImport)
    async def bad_import(_: Request, error: BadImport) -> JSONResponse:
        return answer(422, "bad_import", str(error), field="file")

    @app.exception_handler(BadWildcard)
    async def bad_wildcard(_: Request, error: BadWildcard) -> JSONResponse:
        return answer(422, "bad_wildcard", str(error), field="file")

    @app.exception_handler(BadNotebook)
    async def bad_notebook(_: Request, error: BadNotebook) -> JSONResponse:
        return answer(422, "notebook_rule", str(error))


def answer(status: int, code: str, reason: str, field: str = "") -> JSONResponse:
    return JSONResponse({"error": error_view(code, reason, field)}, status)


def error_view(code: str, reason: str, field: str = "") -> dict[str, Any]:
    """What the page shows: a title, the reason, and what to do next."""
    title, hint = words.error(code)
    return {"code": code, "title": title, "reason": reason, "hint": hint, "field": field}
