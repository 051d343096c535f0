"""The pages around an account: sign up, sign in, and the links that letters carry. Forms in, documents out."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from components import words
from components.actions import accounts, mail, policy_life, signing_in
from components.actions.accounts import SignUp
from components.studio import Studio
from components.web.devices import device_of
from components.web.documents import document
from components.web.html import language_of
from components.web.rates import Rates
from components.web.session import COOKIE, actor_of, cookie_header, session_of
from policies.accounts import REFUSED_FOR
from policies.verdict import Refused, Verdict
from store.accounts import Account
from store.blobs import Missing
from store.passwords import strength

LARGEST_FORM = 2**16  # bytes
LONGEST = 320  # characters of a field
TOO_YOUNG = "pixcosmos_age"

Values = dict[str, str]


async def values_of(request: Request) -> Values:
    """The fields of a posted form, cut to what a field can hold."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > LARGEST_FORM:
        raise HTTPException(413)
    form = await request.form(max_files=0, max_fields=20)
    return {name: str(value)[:LONGEST] for name, value in form.items()}


Form = Annotated[Values, Depends(values_of)]


def router(studio: Studio) -> APIRouter:
    def only_with_accounts() -> None:
        if not studio.settings.has_accounts:
            raise Missing("account: this studio has none")

    routes = APIRouter(prefix="/account", dependencies=[Depends(only_with_accounts)])
    rates = Rates()
    signing_up(routes, studio, rates)
    verifying(routes, studio)
    entering(routes, studio, rates)
    leaving(routes, studio)
    resetting(routes, studio, rates)
    links(routes, studio)
    return routes


def signing_up(routes: APIRouter, studio: Studio, rates: Rates) -> None:
    here = [Depends(partial(only_with_passwords, studio))]

    @routes.get("/sign-up", dependencies=here)
    def ask(request: Request) -> Response:
        if actor_of(request).has_account:
            return RedirectResponse("/#account", 303)
        return too_young(request) if TOO_YOUNG in request.cookies else document(request, "sign_up")

    @routes.post("/sign-up", dependencies=here)
    def sign_up(request: Request, form: Form) -> Response:
        if TOO_YOUNG in request.cookies:
            return too_young(request)
        if actor_of(request).kind != "guest":
            return message(request, "page_no_cookie", 400)
        try:
            rates.count("sign_up", request)
            accounts.sign_up(studio, actor_of(request), sign_up_of(studio, form, language_of(request)))
        except Refused as refused:
            if refused.verdict.code == "account_age":
                return too_young(request, remember=studio.settings.is_https)
            return again(request, "sign_up", refused.verdict, form)
        return RedirectResponse("/account/sent", 303)

    @routes.get("/sent")
    def sent(request: Request) -> Response:
        return message(request, "page_sent")

    @routes.post("/strength")
    def estimate(request: Request, form: Form) -> dict[str, int]:
        """What the meter shows while a password is typed; nothing of it is kept."""
        rates.count("strength", request)
        about = [form.get(name, "") for name in ("name", "email", "username")]
        return {"score": strength(form.get("password", ""), *about)}


def only_with_passwords(studio: Studio) -> None:
    if not with_passwords(studio):
        raise Missing("account: nobody signs up with a password here")


def with_passwords(studio: Studio) -> bool:
    """On a Space people begin with Hugging Face; who brought a password along may still sign in with it."""
    return studio.settings.home == "hosted"


def sign_up_of(studio: Studio, form: Values, language: str) -> SignUp:
    return SignUp(
        **{name: form.get(name, "") for name in ("name", "email", "username", "password")},
        birth=born_of(form),
        consent=form.get("consent") == "yes",
        policy_version=str(policy_life.in_force(studio)),
        locale=language,
    )


def born_of(form: Values) -> tuple[int, int, int]:
    year, month, day = (number(form.get(f"birth_{part}", "")) for part in ("year", "month", "day"))
    return year, month, day


def number(text: str) -> int:
    """0, which is no day, no month and no year, for what is no number."""
    return int(text) if text.strip().isdecimal() and len(text.strip()) <= 4 else 0


def too_young(request: Request, *, remember: bool | None = None) -> Response:
    """The refusal names no age. The browser keeps a mark for a day, and that is all that is kept anywhere."""
    answer = message(request, "page_refused", 403)
    if remember is not None:
        lasts = int(REFUSED_FOR.total_seconds())
        answer.set_cookie(TOO_YOUNG, "1", max_age=lasts, httponly=True, samesite="lax", secure=remember)
    return answer


def verifying(routes: APIRouter, studio: Studio) -> None:
    def asked(request: Request, token: str) -> dict[str, Any]:
        account, asks = accounts.to_verify(studio, actor_of(request), token)
        return {"email": account.email, "asks": asks, "token": token}

    @routes.get("/verify/{token}")
    def ask(request: Request, token: str) -> Response:
        try:
            return document(request, "verify", **asked(request, token))
        except Missing:
            return message(request, "page_old_link", 404)

    @routes.post("/verify/{token}")
    def verify(request: Request, token: str, form: Form) -> Response:
        try:
            account = accounts.verify(studio, actor_of(request), token, form.get("password", ""))
        except Missing:
            return message(request, "page_old_link", 404)
        except Refused as refused:
            return again(request, "verify", refused.verdict, form, **asked(request, token))
        return entered(studio, signing_in.begin(studio, account, device_of(request), second_factor=False))


def entering(routes: APIRouter, studio: Studio, rates: Rates) -> None:
    @routes.get("/sign-in")
    def ask(request: Request) -> Response:
        if actor_of(request).has_account:
            return RedirectResponse("/#account", 303)
        return document(request, "sign_in", **ways(studio))

    @routes.post("/sign-in")
    def sign_in(request: Request, form: Form, later: BackgroundTasks) -> Response:
        name, password = form.get("name", ""), form.get("password", "")
        try:
            rates.count("sign_in", request)
            done = signing_in.sign_in(studio, name, password, device_of(request), later.add_task)
            if not (done.token or done.ticket):
                return confirm_first(studio, rates, request, done.account)
        except Refused as refused:
            return again(request, "sign_in", refused.verdict, form, **ways(studio))
        if done.ticket:
            return document(request, "code", ticket=done.ticket)
        return entered(studio, done.token)

    @routes.post("/code")
    def with_code(request: Request, form: Form) -> Response:
        ticket = form.get("ticket", "")
        try:
            rates.count("sign_in", request)
            done = signing_in.sign_in_with_code(studio, ticket, form.get("code", ""), device_of(request))
        except Missing:
            return RedirectResponse("/account/sign-in", 303)
        except Refused as refused:
            return again(request, "code", refused.verdict, form, ticket=ticket)
        return entered(studio, done.token)


def confirm_first(studio: Studio, rates: Rates, request: Request, account: Account) -> Response:
    """The link once more, as often as an address may have letters written. Raises Refused."""
    rates.count("mail", request)
    accounts.post_verification(studio, account)
    return message(request, "page_unverified")


def ways(studio: Studio) -> dict[str, bool]:
    return {"elsewhere": studio.settings.signs_in_elsewhere, "sign_up": with_passwords(studio)}


def leaving(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/sign-out")
    def sign_out(request: Request) -> Response:
        session = session_of(request)
        if session is not None:
            signing_in.sign_out(studio, session)
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer


def resetting(routes: APIRouter, studio: Studio, rates: Rates) -> None:
    @routes.get("/reset")
    def ask(request: Request) -> Response:
        return document(request, "reset_ask")

    @routes.post("/reset")
    def send(request: Request, form: Form, later: BackgroundTasks) -> Response:
        """The letter is written after the answer: the time of the answer tells nothing about the address."""
        try:
            rates.count("mail", request)
        except Refused as refused:
            return again(request, "reset_ask", refused.verdict, form)
        later.add_task(signing_in.ask_for_reset, studio, form.get("email", ""))
        return message(request, "page_reset_sent")

    @routes.get("/reset/{token}")
    def choose(request: Request, token: str) -> Response:
        try:
            email = signing_in.to_reset(studio, token).email
        except Missing:
            return message(request, "page_old_link", 404, "/account/reset", "page_reset_ask")
        return document(request, "reset", token=token, email=email)

    @routes.post("/reset/{token}")
    def reset(request: Request, token: str, form: Form) -> Response:
        try:
            email = signing_in.to_reset(studio, token).email
            signing_in.reset_password(studio, token, form.get("password", ""))
        except Missing:
            return message(request, "page_old_link", 404, "/account/reset", "page_reset_ask")
        except Refused as refused:
            return again(request, "reset", refused.verdict, form, token=token, email=email)
        return message(request, "page_reset_done", 200, "/account/sign-in", "account_sign_in")


def links(routes: APIRouter, studio: Studio) -> None:
    """A link only asks: programs that look into letters follow links, and must change nothing by it."""

    @routes.get("/email/{side}/{token}")
    def ask_email(request: Request, side: str, token: str) -> Response:
        return confirm(request, "page_email", f"/account/email/{side}/{token}")

    @routes.post("/email/{side}/{token}")
    def email(request: Request, side: str, token: str) -> Response:
        if side not in ("old", "new"):
            return message(request, "page_old_link", 404)
        try:
            done = accounts.confirm_email(studio, side, token)
        except Missing:
            return message(request, "page_old_link", 404)
        return message(request, "page_email_done" if done else "page_email_half")

    @routes.get("/unsubscribe/{token}")
    def ask_stop(request: Request, token: str) -> Response:
        return confirm(request, "page_stop", f"/account/unsubscribe/{token}")

    @routes.post("/unsubscribe/{token}")
    def stop(request: Request, token: str) -> Response:
        """Also what a mail program sends by itself after one click (RFC 8058)."""
        try:
            mail.unsubscribe(studio, token)
        except Missing:
            return message(request, "page_old_link", 404)
        return message(request, "page_stopped")


# letters of a page -> its title and text, so that each is named here
MESSAGES = {
    "page_sent": "page_sent_text",
    "page_refused": "page_refused_text",
    "page_unverified": "page_unverified_text",
    "page_reset_sent": "page_reset_sent_text",
    "page_reset_done": "page_reset_done_text",
    "page_email_half": "page_email_half_text",
    "page_email_done": "page_email_done_text",
    "page_stopped": "page_stopped_text",
    "page_old_link": "page_old_link_text",
    "page_no_cookie": "page_no_cookie_text",
    "page_login_failed": "page_login_failed_text",
    "page_login_taken": "page_login_taken_text",
    "page_login_other": "page_login_other_text",
}
ASKED = {"page_email": ("page_email_text", "page_email_go"), "page_stop": ("page_stop_text", "page_stop_go")}


def message(request: Request, title: str, status: int = 200, href: str = "/", label: str = "page_back") -> Response:
    language = language_of(request)
    title, text, label = (words.say_in(language, key) for key in (title, MESSAGES[title], label))
    return document(request, "message", status, title=title, text=text, href=href, label=label)


def confirm(request: Request, title: str, action: str) -> Response:
    language = language_of(request)
    title, text, label = (words.say_in(language, key) for key in (title, *ASKED[title]))
    return document(request, "confirm", title=title, text=text, label=label, action=action)


def again(request: Request, name: str, verdict: Verdict, form: Values, **values: Any) -> Response:
    """The form once more, with what was typed but for passwords, and the reason at its field or above them all."""
    said = words.error(verdict.code, language_of(request))
    errors = {verdict.field: said} if verdict.field in FIELDS.get(name, ()) else {}
    typed = {field: value for field, value in form.items() if field not in ("password", "code")}
    trouble = None if errors else said
    status = 429 if verdict.code in ("too_many", "account_locked") else 422
    return document(request, name, status, errors=errors, typed=typed, trouble=trouble, **values)


FIELDS = {
    "sign_up": ("name", "email", "username", "password", "birth", "consent"),
    "welcome": ("name", "username", "birth", "consent"),
    "verify": ("password",),
    "reset": ("password",),
    "code": ("code",),
}


def entered(studio: Studio, token: str) -> Response:
    """To the studio, with the cookie of the new session in place of the old one."""
    answer = RedirectResponse("/", 303)
    answer.headers.append("set-cookie", cookie_header(studio.settings, token))
    return answer
