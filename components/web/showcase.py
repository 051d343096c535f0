"""What strangers may see: public links, the public gallery and the page that verifies files. No session, no cookies."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import segno
from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from components.actions import sharing, verify
from components.studio import Studio
from components.web.html import page, sentence
from components.web.session import actor_of
from components.web.views import seed_text
from pipelines.images import BadImage
from policies import sharing as rules
from policies.verdict import Refused
from store.shares import Share, Withdrawn
from store.vault import Missing

FILES = {
    "image.png": ("image", "image/png"),
    "preview.jpg": ("preview", "image/jpeg"),
    "thumb.webp": ("thumb", "image/webp"),
}
# Other sites may show a public picture, and whoever keeps a copy must ask each time whether it is still public.
SHOWN = {"cache-control": "no-cache", "cross-origin-resource-policy": "cross-origin"}
REASONS = {
    "unsafe": "report_unsafe",
    "minor": "report_minor",
    "rights": "report_rights",
    "personal": "report_personal",
    "other": "report_else",
}
KINDS = {
    "text_to_image": "public_kind_text_to_image",
    "image_to_image": "public_kind_image_to_image",
    "inpaint": "public_kind_inpaint",
    "upscale": "public_kind_upscale",
    "control": "public_kind_control",
    "grid": "public_kind_grid",
    "series": "public_kind_series",
}
GONE = ("public_gone_title", "public_gone_text")
NEVER = ("public_never_title", "public_never_text")
TOO_MANY = ("public_too_many_title", "public_too_many_text")
GUESSES, REPORTS = 10, 5  # for one link in WINDOW
WINDOW = 600.0  # seconds


class PublicRoute(APIRoute):
    """Says in a page what is not here: 410 for a link that was, 404 for one that never was."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except Withdrawn:
                return message(request, GONE, 410)
            except Missing:
                return message(request, NEVER, 404)

        return handled


class Throttle:
    """Counts tries for each link, in memory, whoever makes them: a password cannot be guessed in a day."""

    def __init__(self, most: int, clock: Callable[[], datetime]) -> None:
        self._most, self._clock = most, clock
        self._tries: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def full(self, name: str) -> bool:
        """Counts one more try; True when there were too many."""
        now = self._clock().timestamp()
        with self._lock:
            tries = [at for at in self._tries.pop(name, []) if at > now - WINDOW]
            too_many = len(tries) >= self._most
            self._tries[name] = tries if too_many else [*tries, now]
            if len(self._tries) > 10_000:
                self._tries.popitem(last=False)
        return too_many

    def spare(self, name: str) -> None:
        """The last try was none: it is not counted."""
        with self._lock:
            self._tries[name] = self._tries.get(name, [])[:-1]


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(route_class=PublicRoute)
    pages(routes, studio)
    files(routes, studio)
    leaving(routes, studio)
    complaints(routes, studio)
    unfurling(routes, studio)
    gallery(routes, studio)
    verifying(routes, studio)
    return routes


def pages(routes: APIRouter, studio: Studio) -> None:
    guesses = Throttle(GUESSES, studio.clock)

    @routes.get("/s/{token}")
    def show(request: Request, token: str) -> Response:
        share = sharing.visit(studio, token)
        if not sharing.may_see(studio, share, ""):
            return locked(studio, request, share)
        studio.stores.shares.count_view(share)
        return page(request, kind_of(share), **seen(studio, request, share))

    @routes.post("/s/{token}")
    def unlock(request: Request, token: str, password: Annotated[str, Form(max_length=500)] = "") -> Response:
        share = sharing.visit(studio, token)
        if guesses.full(share.id):
            return locked(studio, request, share, status=429, wrong=sentence(request, "public_too_many"))
        key = sharing.open_with(studio, share, password)
        if key is None:
            return locked(studio, request, share, wrong=sentence(request, "public_wrong_password"))
        guesses.spare(share.id)  # many who know it may come at once
        studio.stores.shares.count_view(share)
        return page(request, kind_of(share), headers={"cache-control": "no-store"}, **seen(studio, request, share, key))

    @routes.get("/s/{token}/embed")
    def embed(request: Request, token: str) -> Response:
        share = sharing.visit(studio, token)
        open_to_all = sharing.may_see(studio, share, "")
        framed = {"cross-origin-resource-policy": "cross-origin"}
        values = seen(studio, request, share) if open_to_all else facts(request, token)
        return page(request, "embed" if open_to_all else "embed_locked", ancestors="*", headers=framed, **values)


def files(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/s/{token}/settings")
    def settings(token: str, key: str = "") -> Response:
        """What "Remix" takes into the visitor's own studio. 404 where the owner did not allow it."""
        share = sharing.visit(studio, token)
        draft, notebook = share.card["settings"], share.card.get("document")
        if not sharing.may_see(studio, share, key) or not (draft or notebook):
            raise Missing("settings: they are not public")
        taken = {"notebook": notebook} if notebook else {"draft": draft | {"seed": seed_text(draft["seed"])}}
        return JSONResponse(taken, headers={"cache-control": "no-cache"})

    @routes.get("/s/{token}/{name}.{ending}")
    def file(request: Request, token: str, name: str, ending: str, key: str = "") -> Response:
        share = sharing.visit(studio, token)
        kind, dash, number = name.partition("-")
        if f"{kind}.{ending}" not in FILES or not sharing.may_see(studio, share, key):
            raise Missing("file: there is no such public file")
        variant, media = FILES[f"{kind}.{ending}"]
        variant = studio.stores.shares.variant(share, variant + dash + number)
        data = studio.stores.shares.file(share, variant)
        tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'  # of the bytes: they are signed anew when a choice changes
        shown = SHOWN | {"etag": tag, "content-disposition": f'inline; filename="pixcosmos-{name}.{ending}"'}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=shown)
        return Response(data, media_type=media, headers=shown)


def leaving(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/s/{token}/share")
    def leave(request: Request, token: str, to: str) -> Response:
        """Says where a link leads before it leads there. Nothing outside is asked for until the visitor goes."""
        share = sharing.visit(studio, token)
        if to not in rules.PLACES or not sharing.may_see(studio, share, ""):
            raise Missing("to: there is no such place")
        said = facts(request, token)
        address = rules.address(to, said["link"], sharing.title_of(share.card))
        host = urlsplit(address).netloc
        return page(request, "leave", place=rules.PLACES[to][0], host=host, address=address, **said)

    @routes.get("/s/{token}/code")
    def code(request: Request, token: str) -> Response:
        sharing.visit(studio, token)
        drawn = io.BytesIO()
        segno.make(facts(request, token)["link"], error="m").save(drawn, "svg", scale=6, border=2, light="white")
        return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-cache"})


def complaints(routes: APIRouter, studio: Studio) -> None:
    reports = Throttle(REPORTS, studio.clock)

    @routes.get("/s/{token}/report")
    def complain(request: Request, token: str) -> Response:
        sharing.visit(studio, token)
        return page(request, "report", reasons=REASONS, sent=False, **facts(request, token))

    @routes.post("/s/{token}/report")
    def complained(
        request: Request,
        token: str,
        reason: Annotated[str, Form(max_length=32)],
        note: Annotated[str, Form(max_length=4000)] = "",
    ) -> Response:
        share = sharing.visit(studio, token)
        if reports.full(share.id):
            return message(request, TOO_MANY, 429)
        try:
            sharing.report(studio, share, reason, note)
        except Refused:
            return page(request, "report", 422, reasons=REASONS, sent=False, **facts(request, token))
        return page(request, "report", reasons=REASONS, sent=True, **facts(request, token))


def unfurling(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/oembed")
    def oembed(request: Request, url: Annotated[str, Query(max_length=500)], format: str = "json") -> Response:
        """https://oembed.com: a frame with the page in it. 401 for what a password guards, as the format asks."""
        if format != "json":
            return JSONResponse({"error": "json alone is spoken here"}, 501)
        token = token_of(url)
        share = sharing.visit(studio, token)
        if not sharing.may_see(studio, share, ""):
            return JSONResponse({"error": "private"}, 401)
        return JSONResponse(
            oembed_view(request, share),
            headers={"cache-control": "no-cache", "access-control-allow-origin": "*"},
        )


def gallery(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/showcase")
    def listed(request: Request, before: Annotated[str, Query(pattern=r"^(\d{1,18}-\w{1,40})?$")] = "") -> Response:
        at, _, share_id = before.partition("-")
        found, end = sharing.listed(studio, (int(at), share_id) if before else None)
        tiles = [
            {
                "href": f"/s/{quote(share.token)}",
                "thumb": f"/s/{quote(share.token)}/thumb.webp",
                "title": sharing.title_of(share.card),
                "by": share.card["pseudonym"],
                "pictures": len(share.pictures),
                "width": share.card["width"],
                "height": share.card["height"],
            }
            for share in found
            if share.notebook_id is None or share.pictures
        ]
        older = "-".join(map(str, end)) if end else None
        return page(request, "gallery", tiles=tiles, older=older, newer=bool(before))


def verifying(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/verify")
    def ask(request: Request) -> Response:
        return page(request, "verify", found=None, wrong="", file_name="")

    @routes.post("/verify")
    def answer(request: Request, file: Annotated[UploadFile, File()]) -> Response:
        """What the file says, never the file: nobody looked at its picture, so it is not shown from here.

        The visitor's own browser shows it beside the answer, from the visitor's own disk.
        """
        limit = studio.settings.max_upload_bytes
        data = file.file.read(limit + 1)
        name = (file.filename or "")[:120]
        if len(data) > limit:
            wrong = sentence(request, "verify_too_large", limit=limit // 2**20)
            return page(request, "verify", 413, found=None, wrong=wrong, file_name=name)
        try:
            found = verify.examine(studio, actor_of(request), data)
        except BadImage as error:
            wrong = str(error).removeprefix("file: ")
            return page(request, "verify", 422, found=None, wrong=wrong, file_name=name)
        headers = {"cache-control": "no-store"}
        return page(request, "verify", headers=headers, found=found, wrong="", file_name=name)


def facts(request: Request, token: str) -> dict[str, Any]:
    """Addresses that every page of a link knows."""
    site = site_of(request)
    return {"token": token, "site": site, "link": f"{site}/s/{token}"}


def site_of(request: Request) -> str:
    """How visitors reach this home: the setting, or what this one typed."""
    studio_url = request.scope["state"].get("public_url")
    return str(studio_url or f"{request.url.scheme}://{request.url.netloc}")


def seen(studio: Studio, request: Request, share: Share, key: str = "") -> dict[str, Any]:
    """What the page shows: the card, and addresses of the files with the pass that opens them."""
    said = facts(request, share.token)
    suffix = f"?key={quote(key)}" if key else ""
    link = f"/s/{quote(share.token)}"
    return said | {
        "card": share.card,
        "title": sharing.title_of(share.card),
        "views": share.views + 1,
        "published": share.created_at,
        "image": f"{link}/image.png{suffix}",
        "preview": f"{link}/preview.jpg{suffix}",
        "thumb": f"{link}/thumb.webp{suffix}",
        "remix": f"/#remix/{quote(share.token)}{'/' + quote(key) if key else ''}",
        "guarded": bool(share.password_hash),
        "places": [(name, shown[0]) for name, shown in rules.PLACES.items()],
        "frame": f'<iframe src="{said["link"]}/embed" {frame_size(share)} title="PixCosmos" loading="lazy"></iframe>',
        "listed": share.listed,
        "draft": False,
        "kinds": KINDS,
        "files": {number: f"{link}/preview-{number}.jpg{suffix}" for number in share.pictures},
        "large": {number: f"{link}/image-{number}.png{suffix}" for number in share.pictures},
    }


def kind_of(share: Share) -> str:
    """The template that shows it."""
    return "picture" if share.notebook_id is None else "notebook"


def frame_size(share: Share) -> str:
    width, height = embed_size(share.card)
    return f'width="{width}" height="{height}" style="border:0;border-radius:14px"'


def embed_size(card: Mapping[str, Any]) -> tuple[int, int]:
    """Of the frame, with the line of words below the picture."""
    width = min(640, int(card["width"]))
    return width, round(width * int(card["height"]) / int(card["width"])) + 56


def oembed_view(request: Request, share: Share) -> dict[str, Any]:
    said = facts(request, share.token)
    width, height = embed_size(share.card)
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": "PixCosmos",
        "provider_url": said["site"],
        "title": sharing.title_of(share.card),
        "author_name": share.card["pseudonym"],
        "thumbnail_url": f"{said['link']}/preview.jpg",
        "thumbnail_width": share.card["width"],
        "thumbnail_height": share.card["height"],
        "html": f'<iframe src="{said["link"]}/embed" {frame_size(share)} title="PixCosmos"></iframe>',
        "width": width,
        "height": height,
    }


def token_of(url: str) -> str:
    """The token in a link of ours. Raises Missing for any other address."""
    _, found, token = urlsplit(url).path.rpartition("/s/")
    if not found or "/" in token:
        raise Missing("url: this is no public link of this studio")
    return token


def locked(studio: Studio, request: Request, share: Share, *, status: int = 401, wrong: str = "") -> Response:
    headers = {"cache-control": "no-store", "x-robots-tag": "noindex"}
    return page(request, "locked", status, headers=headers, wrong=wrong, **facts(request, share.token))


def message(request: Request, said: tuple[str, str], status: int) -> Response:
    headers = {"cache-control": "no-store", "x-robots-tag": "noindex"}
    title, text = (sentence(request, key) for key in said)
    return page(request, "message", status, headers=headers, title=title, text=text)
