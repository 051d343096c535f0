"""The JSON routes behind the account view: who I am, my security, my mail. Acts for the session's person alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints

from components.actions import accounts, arriving, mail, second_factor, signing_in
from components.studio import Studio
from components.web.rates import Rates
from components.web.session import actor_of, session_of
from policies.actor import Actor
from policies.notifications import KINDS
from policies.verdict import refuse, require
from store.accounts import Account
from store.logins import Login
from store.sessions import Session

Text = Annotated[str, StringConstraints(max_length=320)]


class Profile(BaseModel):
    name: Text
    username: Text


class NewEmail(BaseModel):
    email: Text
    password: Text


class NewPassword(BaseModel):
    current: Text
    new: Text


class Proof(BaseModel):
    password: Text = ""
    code: Text = ""


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api/account")
    profile(routes, studio)
    security(routes, studio)
    factor(routes, studio)
    notifications(routes, studio)
    return routes


def profile(routes: APIRouter, studio: Studio) -> None:
    rates = Rates()

    @routes.get("")
    def me(request: Request) -> dict[str, Any]:
        return me_view(studio, actor_of(request), session_of(request))

    @routes.put("/profile")
    def change(request: Request, wanted: Profile) -> dict[str, Any]:
        return account_view(studio, accounts.change_profile(studio, actor_of(request), wanted.name, wanted.username))

    @routes.post("/email", status_code=202)
    def change_email(request: Request, wanted: NewEmail) -> dict[str, Any]:
        rates.count("mail", request)
        accounts.ask_for_email(studio, actor_of(request), wanted.email, wanted.password, session_of(request))
        return {}


def security(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/password")
    def change_password(request: Request, wanted: NewPassword) -> dict[str, Any]:
        accounts.change_password(studio, actor_of(request), signed_in(request), wanted.current, wanted.new)
        return {}

    @routes.post("/confirm")
    def confirm(request: Request, proof: Proof) -> dict[str, Any]:
        signing_in.confirm(studio, actor_of(request), signed_in(request), proof.password, proof.code)
        return {}

    @routes.post("/logins/ready")
    def ready(request: Request) -> dict[str, Any]:
        """Whether another way in may be connected now; asked before the browser is sent to the other service."""
        signing_in.require_confirmed(studio, actor_of(request), signed_in(request))
        return {}

    @routes.post("/logins/{login_id}/end")
    def disconnect(request: Request, login_id: str) -> dict[str, Any]:
        arriving.disconnect(studio, actor_of(request), signed_in(request), login_id)
        return {}

    @routes.get("/sessions")
    def sessions(request: Request) -> list[dict[str, Any]]:
        here = session_of(request)
        found = signing_in.sessions(studio, actor_of(request))
        return [session_view(session, here) for session in found]

    @routes.post("/sessions/end-others")
    def end_others(request: Request) -> dict[str, Any]:
        return {"ended": signing_in.end_other_sessions(studio, actor_of(request), signed_in(request))}

    @routes.post("/sessions/{session_id}/end")
    def end(request: Request, session_id: str) -> dict[str, Any]:
        signing_in.end_session(studio, actor_of(request), session_id)
        return {}


def factor(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/factor/offer")
    def offer(request: Request, proof: Proof) -> dict[str, Any]:
        offered = second_factor.offer(studio, actor_of(request), proof.password, session_of(request))
        return {"secret": offered.secret, "uri": offered.uri, "picture": offered.picture}

    @routes.post("/factor/on")
    def switch_on(request: Request, proof: Proof) -> dict[str, Any]:
        return {"codes": second_factor.switch_on(studio, actor_of(request), signed_in(request), proof.code)}

    @routes.post("/factor/off")
    def switch_off(request: Request, proof: Proof) -> dict[str, Any]:
        second_factor.switch_off(studio, actor_of(request), proof.password, proof.code, session_of(request))
        return {}

    @routes.post("/factor/codes")
    def codes(request: Request, proof: Proof) -> dict[str, Any]:
        person, session = actor_of(request), session_of(request)
        return {"codes": second_factor.fresh_recovery_codes(studio, person, proof.password, proof.code, session)}


def notifications(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/notifications")
    def read(request: Request) -> list[dict[str, Any]]:
        return switches_view(mail.switches(studio, accounts.mine(studio, actor_of(request)).id))

    @routes.put("/notifications")
    def write(request: Request, wanted: dict[str, bool]) -> list[dict[str, Any]]:
        return switches_view(accounts.set_switches(studio, actor_of(request), wanted))


def signed_in(request: Request) -> Session:
    """The session of a person with an account. Raises Refused."""
    session = session_of(request)
    if session is None:
        require(refuse("account_needed", field="account", value="", expected="a person who is signed in"))
    assert session is not None
    return session


def me_view(studio: Studio, actor: Actor, session: Session | None) -> dict[str, Any]:
    account = accounts.mine(studio, actor) if actor.has_account else None
    return {
        "home": studio.settings.home,
        "kind": actor.kind,
        "has_accounts": studio.settings.has_accounts,
        "has_sign_up": studio.settings.home == "hosted",
        "signs_in_elsewhere": studio.settings.signs_in_elsewhere,
        "guest_jobs": studio.settings.guest_jobs,
        "account": account_view(studio, account) if account else None,
        "session": session.id if session else None,
        "data": str(studio.settings.data) if actor.kind == "owner" else None,
    }


def account_view(studio: Studio, account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "username": account.username,
        "email": account.email,
        "role": account.role,
        "premium": account.premium,
        "created_at": account.created_at.isoformat(),
        "factor_since": account.totp_since.isoformat() if account.totp_since else None,
        "has_password": studio.stores.accounts.password_hash(account.id) is not None,
        "logins": [login_view(login) for login in arriving.logins(studio, account)],
        "recovery_codes": studio.stores.accounts.recovery_codes_left(account.id),
        "email_changing": accounts.email_changing(studio, account),
    }


def login_view(login: Login) -> dict[str, Any]:
    return {"id": login.id, "issuer": login.issuer, "created_at": login.created_at.isoformat()}


def session_view(session: Session, here: Session | None) -> dict[str, Any]:
    device = session.device
    return {
        "id": session.id,
        "browser": device.browser,
        "system": device.system,
        "device": device.device,
        "address": device.address,
        "created_at": session.created_at.isoformat(),
        "seen_at": session.seen_at.isoformat(),
        "here": here is not None and session.id == here.id,
    }


def switches_view(switches: dict[str, bool]) -> list[dict[str, Any]]:
    return [{"kind": kind.name, "fixed": kind.fixed, "wanted": switches[kind.name]} for kind in KINDS]
