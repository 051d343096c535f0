"""The one guard in front of every route: which hosts, which sites, who asks, which headers."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.actions.policy_life import accept_by_use
from components.actions.privacy import visited
from components.actions.signing_in import is_alive, recognise
from components.studio import Studio
from components.web.html import language_of, opens_page
from components.web.rates import Rates
from components.web.streams import STREAMS, until_signed_out
from components.web.turned_away import turned_away
from policies.actor import NOBODY, Actor
from policies.cookies import SIGNED_IN
from policies.verdict import Refused
from store.sessions import Session
from store.settings import Settings

UNATTENDED = ("/healthz", "/metrics")  # asked by programs that have no session; the second checks on its own
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
COOKIE = "pixcosmos"
DAY = 24 * 3600  # seconds
MONTH = SIGNED_IN * DAY
YEAR = 365 * DAY
LARGEST_CALL = 2**20  # bytes of a call to Gradio; pictures are never in one

# What Gradio's page itself needs; everything else under /gradio_api/ (files, uploads, deep links, run history...)
# is closed, because pictures travel through our own owner-checked routes only.
GRADIO_OPEN = ("startup-events", "heartbeat/", "queue/join", "queue/data", "cancel", "component_server", "info")

# What is there before any session: the page's own files, the way in, and links in mails.
OPEN = ("/ui/", "/healthz", "/account/")

# Open to strangers of every home: public links, the public gallery, the page that verifies files, and their looks.
PUBLIC = ("/showcase", "/verify", "/oembed")
LOOKS = ("tokens.css", "public.css", "public.js", "turns.js", "logo.svg", "favicon.png")
PUBLIC_LOOKS = {f"/ui/{name}" for name in LOOKS}

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)


class Guard:
    """ASGI middleware. Lets a request through with `actor` and `session` in its state, or answers it itself."""

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self.app = app
        self.studio = studio
        self.sessions = GradioSessions()
        self.rates = Rates()
        self.headers = security_headers(studio.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        cookies: list[str] = []
        sender = self._with_headers(send, cookies)
        answer = self._refused(request) or await self._admit(request, cookies)
        if answer is None and request.url.path.startswith("/gradio_api/"):
            answer, receive = await self._bind(request)
        if answer is None and self.studio.settings.home != "personal" and request.url.path.startswith(STREAMS):
            return await until_signed_out(self.app, scope, receive, sender, lambda: still_in(self.studio, request))
        await (answer or self.app)(scope, receive, sender)

    def _refused(self, request: Request) -> Response | None:
        settings, path = self.studio.settings, request.url.path
        if not (host_allowed(settings, request.headers.get("host", "")) or is_look(path)):
            return turned_away(request, "other_host")
        if settings.is_https and in_plain_text(request):
            return RedirectResponse(f"{settings.public_url}{path}", 308)
        if not same_site(request.method, request.headers) and not (is_public(path) and request.method in SAFE_METHODS):
            return PlainTextResponse("This request came from another site.", 403)
        if path.startswith("/gradio_api/") and not path.removeprefix("/gradio_api/").startswith(GRADIO_OPEN):
            return PlainTextResponse("Not found", 404)
        return None

    async def _admit(self, request: Request, cookies: list[str]) -> Response | None:
        settings = self.studio.settings
        attended = request.url.path not in UNATTENDED
        if not attended or (settings.home != "personal" and about_everybody(request.url.path)):
            return None
        if is_public(request.url.path):
            await run_in_threadpool(self._recognise, request)
            return None
        session: Session | None = None
        if settings.home == "personal":
            answer = access_by_token(settings, request)
            if answer is not None:
                return answer
            actor = self.studio.owner
        else:
            try:
                actor, session = await run_in_threadpool(self._visitor, request, cookies)
            except Refused:
                return turned_away(request, "too_many")
            if actor is NOBODY and not request.url.path.startswith(OPEN):
                return turned_away(request, "session_needed")
        known = {"actor": actor, "session": session, "public_url": settings.public_url}
        request.scope.setdefault("state", {}).update(known)
        if actor is not NOBODY:
            signal = request.headers.get("sec-gpc") == "1"
            await run_in_threadpool(visited, self.studio, actor, opted_out=signal)
            if opens_page(request) or request.method not in SAFE_METHODS:  # a page left open by itself uses nothing
                await run_in_threadpool(accept_by_use, self.studio, actor, language_of(request))
        return None

    def _recognise(self, request: Request) -> None:
        """On a public page whoever is known stays known, and nobody is asked who they are or given a cookie."""
        settings = self.studio.settings
        state = request.scope.setdefault("state", {})
        token = request.cookies.get(COOKIE)
        actor, session = NOBODY, None
        if settings.home != "personal":
            actor, session = recognise(self.studio, token) if token else (NOBODY, None)
        elif access_by_token(settings, request) is None:
            actor = self.studio.owner
        state |= {"actor": actor, "session": session, "public_url": settings.public_url}

    async def _bind(self, request: Request) -> tuple[Response | None, Receive]:
        """Gradio's own calls name a session, in the address or in their JSON: it must be the visitor's."""
        if int(request.headers.get("content-length") or 0) > LARGEST_CALL:
            return PlainTextResponse("This call is too large.", 413), request.receive
        try:
            body = await request.body()
        except ClientDisconnect:  # a page that was left: there is nobody to answer
            return PlainTextResponse("Gone", 400), request.receive
        session_hash = gradio_session(request, body)
        if session_hash and not self.sessions.belongs(session_hash, actor_of(request).subject_id):
            return PlainTextResponse("Not found", 404), request.receive
        return None, replay(body, request.receive)

    def _visitor(self, request: Request, cookies: list[str]) -> tuple[Actor, Session | None]:
        """Who the cookie says it is; a first visit to a page makes a new guest."""
        token = request.cookies.get(COOKIE)
        actor, session = recognise(self.studio, token) if token else (NOBODY, None)
        if actor is NOBODY and opens_page(request):
            self.rates.count("guest", request)
            token, subject_id = self.studio.stores.subjects.new_guest(self.studio.clock())
            cookies.append(cookie_header(self.studio.settings, token, self.studio.settings.guest_days * DAY))
            actor = Actor(subject_id, "guest")
        return actor, session

    def _with_headers(self, send: Send, cookies: list[str]) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                for cookie in cookies:
                    headers.append("set-cookie", cookie)
            await send(message)

        return sender


class GradioSessions:
    """Binds Gradio's session hashes to the subject that used them first: nobody reads another's event stream."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._capacity = capacity

    def belongs(self, session_hash: str, subject_id: str) -> bool:
        owner = self._owners.setdefault(session_hash, subject_id)
        self._owners.move_to_end(session_hash)
        if len(self._owners) > self._capacity:
            self._owners.popitem(last=False)
        return owner == subject_id


def actor_of(connection: HTTPConnection) -> Actor:
    """The actor that the guard found. A route that is reached without one is a mistake of ours: KeyError."""
    actor: Actor = connection.scope["state"]["actor"]
    return actor


def still_in(studio: Studio, connection: HTTPConnection) -> bool:
    """Whether the session that opened a stream still is one. A personal home has none that could end."""
    if studio.settings.home == "personal":
        return True
    return is_alive(studio, session_of(connection), connection.cookies.get(COOKIE, ""))


def session_of(connection: HTTPConnection) -> Session | None:
    """The signed-in session; guests and a personal home have none."""
    session: Session | None = connection.scope["state"]["session"]
    return session


def is_public(path: str) -> bool:
    return path.startswith("/s/") or path in PUBLIC or is_look(path)


def is_look(path: str) -> bool:
    """The style of pages that strangers read: the same in every studio, so that no host name has to be right."""
    return path.startswith("/ui/fonts/") or path in PUBLIC_LOOKS


def gradio_session(request: Request, body: bytes) -> str | None:
    path = request.url.path
    if path.startswith("/gradio_api/heartbeat/"):
        return path.rsplit("/", 1)[-1]
    if not body:
        return request.query_params.get("session_hash")
    try:
        call = json.loads(body)
    except ValueError:
        return None
    return str(call.get("session_hash") or "") if isinstance(call, dict) else None


def replay(body: bytes, receive: Receive) -> Receive:
    """What was read from the request is read once more by whoever comes after."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def about_everybody(path: str) -> bool:
    """The privacy policy and what its page needs: read before there is a session, and reading makes none."""
    return path == "/trust" or path.startswith(("/trust/", "/ui/", "/words/"))


def host_allowed(settings: Settings, host: str) -> bool:
    """A loopback home without a token answers to loopback names only: a page elsewhere cannot rebind its name to us."""
    if settings.home != "personal" or settings.access_token is not None:
        return True
    return (urlsplit(f"//{host}").hostname or "") in LOOPBACK | {settings.host}


def in_plain_text(request: Request) -> bool:
    """Whether it crossed the network without encryption, as the proxy in front says; on this machine nothing did."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme).split(",")[-1].strip()
    return scheme == "http" and (request.url.hostname or "") not in LOOPBACK


def same_site(method: str, headers: Headers) -> bool:
    """Other sites may link to a page, and nothing else."""
    site = headers.get("sec-fetch-site")
    if site in ("cross-site", "same-site"):
        return method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    origin = headers.get("origin")
    if site is None and origin is not None and method not in SAFE_METHODS:
        return urlsplit(origin).netloc == headers.get("host")
    return True


def access_by_token(settings: Settings, request: Request) -> Response | None:
    """With an access token set, a personal home asks for it once (`/?token=...`) and remembers it in a cookie."""
    if settings.access_token is None:
        return None
    wanted = settings.access_token.get_secret_value()
    given = request.query_params.get("token")
    if given is not None and secrets.compare_digest(given.encode(), wanted.encode()):
        answer = RedirectResponse("/", 303)
        answer.headers.append("set-cookie", cookie_header(settings, remembered(wanted)))
        return answer
    if secrets.compare_digest(request.cookies.get(COOKIE, "").encode(), remembered(wanted).encode()):
        return None
    return turned_away(request, "studio_private")


def remembered(token: str) -> str:
    """What the cookie holds instead of the token itself."""
    return hashlib.sha256(f"pixcosmos {token}".encode()).hexdigest()


def cookie_header(settings: Settings, token: str, seconds: int = MONTH) -> str:
    """Essential cookie of the session, which a browser forgets after so many seconds.

    A Space is shown inside a frame of another site, which Lax would not serve.
    """
    secure = settings.home == "space" or settings.is_https
    site = "SameSite=None; Partitioned" if settings.home == "space" else "SameSite=Lax"
    return f"{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; {site}" + ("; Secure" if secure else "")


def security_headers(settings: Settings) -> dict[str, str]:
    ancestors = "https://huggingface.co https://*.hf.space" if settings.home == "space" else "'none'"
    headers: Iterable[tuple[str, str]] = (
        ("content-security-policy", CONTENT_POLICY.format(ancestors=ancestors)),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    )
    secure = {"strict-transport-security": f"max-age={YEAR}"} if settings.is_https else {}
    return dict(headers) | secure
