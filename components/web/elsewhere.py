"""Sign-in with Hugging Face on a Space: out to the provider, back from it, and the first form. No cookie of its own.

What a sign-in under way must fit is kept in memory for a few minutes, tied to the visitor who began it.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from components.actions import arriving, policy_life, signing_in
from components.actions.arriving import Beginning
from components.openid import Claims, Provider, Question, Unproven
from components.studio import Studio
from components.web.account_pages import TOO_YOUNG, Form, Values, again, born_of, entered, message, too_young
from components.web.devices import device_of
from components.web.documents import document
from components.web.html import language_of
from components.web.rates import Rates
from components.web.session import actor_of, session_of
from policies.verdict import Refused
from store.blobs import Missing

PATH = "/account/huggingface"
LASTS = timedelta(minutes=15)
MOST = 5000  # sign-ins under way; the oldest give way
PURPOSES = ("enter", "confirm", "connect")
BACK = {"confirm": "/#account", "connect": "/#account/security"}


@dataclass(frozen=True, slots=True)
class Begun:
    """`visitor` is the subject whose browser began it, `session` theirs, or empty for a guest."""

    visitor: str
    session: str
    purpose: str
    question: Question | None = None
    claims: Claims | None = None


class UnderWay:
    """Handed out once, to the visitor who began it, while it is fresh. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[datetime, Begun]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, key: str, begun: Begun, now: datetime) -> None:
        with self._lock:
            self._kept[key] = (now + LASTS, begun)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def take(self, key: str, request: Request, now: datetime) -> Begun | None:
        """None when it is too old, was used, or is another visitor's."""
        with self._lock:
            until, begun = self._kept.get(key, (now, None))
            if begun is None or (begun.visitor, begun.session) != whose(request):
                return None
            del self._kept[key]
        return begun if now < until else None


def whose(request: Request) -> tuple[str, str]:
    session = session_of(request)
    return actor_of(request).subject_id, session.id if session else ""


def router(studio: Studio) -> APIRouter:
    def only_on_a_space() -> None:
        if not studio.settings.signs_in_elsewhere:
            raise Missing("account: this studio has no such sign-in")

    routes = APIRouter(prefix=PATH, dependencies=[Depends(only_on_a_space)])
    provider = Provider(studio.settings, f"{studio.settings.address}{PATH}/callback")
    under_way, rates = UnderWay(), Rates()
    going(routes, studio, provider, under_way, rates)
    coming(routes, studio, provider, under_way, rates)
    beginning(routes, studio, under_way)
    return routes


def going(routes: APIRouter, studio: Studio, provider: Provider, under_way: UnderWay, rates: Rates) -> None:
    @routes.get("/go/{purpose}")
    def go(request: Request, purpose: str) -> Response:
        """Another site may not send people on this way: it would begin what they did not ask for."""
        signed_in, elsewhere = session_of(request) is not None, request.headers.get("sec-fetch-site", "none")
        if purpose not in PURPOSES or elsewhere not in ("same-origin", "none") or signed_in == (purpose == "enter"):
            return RedirectResponse("/account/sign-in", 303)
        if (request.url.hostname or "") != host_of(studio):
            return RedirectResponse(f"{studio.settings.address}{PATH}/go/{purpose}", 303)
        try:
            rates.count("sign_in", request)
            question = provider.ask(again=purpose == "confirm")
        except (Refused, Unproven):
            return failed(request)
        under_way.keep(question.state, Begun(*whose(request), purpose, question), studio.clock())
        return RedirectResponse(question.url, 303)


def coming(routes: APIRouter, studio: Studio, provider: Provider, under_way: UnderWay, rates: Rates) -> None:
    @routes.get("/callback")
    def callback(request: Request, state: str = "", code: str = "") -> Response:
        begun = under_way.take(state, request, studio.clock())
        if begun is None or begun.question is None or not code:  # the last: the person said no there
            return failed(request)
        try:
            rates.count("sign_in", request)
            claims = provider.answer(begun.question, code, studio.clock())
            return PURPOSE[begun.purpose](request, studio, claims, under_way)
        except Unproven:
            return failed(request)
        except Refused as refused:
            return failed(request, refused.verdict.code)

    @routes.post("/code")
    def with_code(request: Request, form: Form) -> Response:
        """The second step of proving oneself again; that of signing in is the one of everybody."""
        session, ticket = session_of(request), form.get("ticket", "")
        if session is None:
            return failed(request)
        try:
            rates.count("sign_in", request)
            arriving.prove_with_code(studio, actor_of(request), session, ticket, form.get("code", ""))
        except Missing:
            return failed(request)
        except Refused as refused:
            return again(request, "code", refused.verdict, form, ticket=ticket, action=f"{PATH}/code")
        return RedirectResponse(BACK["confirm"], 303)


def enter(request: Request, studio: Studio, claims: Claims, under_way: UnderWay) -> Response:
    done = arriving.arrive(studio, claims, device_of(request))
    if done is not None:
        return document(request, "code", ticket=done.ticket) if done.ticket else entered(studio, done.token)
    if TOO_YOUNG in request.cookies:
        return too_young(request)
    ticket = secrets.token_urlsafe(32)
    under_way.keep(ticket, Begun(*whose(request), "welcome", claims=claims), studio.clock())
    typed = {"name": claims.name[:80], "username": claims.username[:30]}
    return document(request, "welcome", typed=typed, ticket=ticket, email=claims.email)


def confirm(request: Request, studio: Studio, claims: Claims, under_way: UnderWay) -> Response:
    session = session_of(request)
    assert session is not None, "going() sends nobody out for this without one"
    ticket = arriving.prove_again(studio, actor_of(request), session, claims)
    if ticket:
        return document(request, "code", ticket=ticket, action=f"{PATH}/code")
    return RedirectResponse(BACK["confirm"], 303)


def connect(request: Request, studio: Studio, claims: Claims, under_way: UnderWay) -> Response:
    session = session_of(request)
    assert session is not None, "going() sends nobody out for this without one"
    arriving.connect(studio, actor_of(request), session, claims)
    return RedirectResponse(BACK["connect"], 303)


PURPOSE = {"enter": enter, "confirm": confirm, "connect": connect}


def beginning(routes: APIRouter, studio: Studio, under_way: UnderWay) -> None:
    @routes.post("/welcome")
    def welcome(request: Request, form: Form) -> Response:
        if TOO_YOUNG in request.cookies:
            return too_young(request)
        ticket, now = form.get("ticket", ""), studio.clock()
        begun = under_way.take(ticket, request, now)
        if begun is None or begun.claims is None or actor_of(request).kind != "guest":
            return failed(request)
        try:
            account = arriving.join(studio, actor_of(request), begun.claims, beginning_of(studio, form, request))
        except Refused as refused:
            if refused.verdict.code == "account_age":
                return too_young(request, remember=True)
            under_way.keep(ticket, begun, now)
            return again(request, "welcome", refused.verdict, form, ticket=ticket, email=begun.claims.email)
        return entered(studio, signing_in.begin(studio, account, device_of(request), second_factor=False))


def beginning_of(studio: Studio, form: Values, request: Request) -> Beginning:
    return Beginning(
        name=form.get("name", ""),
        username=form.get("username", ""),
        birth=born_of(form),
        consent=form.get("consent") == "yes",
        policy_version=str(policy_life.in_force(studio)),
        locale=language_of(request),
    )


def host_of(studio: Studio) -> str:
    return urlsplit(studio.settings.address).hostname or ""


def failed(request: Request, code: str = "") -> Response:
    """Why a sign-in ended, in words for the person; what the provider said stays here."""
    title = {"login_taken": "page_login_taken", "login_other": "page_login_other"}.get(code, "page_login_failed")
    return message(request, title, 400, "/account/sign-in", "page_sign_in")
