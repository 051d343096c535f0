"""Asks another service who somebody is: OpenID Connect, the code flow with state, nonce and PKCE. Keeps no token.

Sources: OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE); RFC 9700 (best current practice of OAuth 2.0 security).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from store.settings import Settings

TIMEOUT = 10.0  # seconds for one question to the provider
LEEWAY = 120  # seconds that two clocks may differ
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # signed with a key of the provider's alone
LONGEST = 255  # characters of its number for a person


class Unproven(Exception):
    """The provider did not say who this is, or what it said does not hold."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked at `url`, and what the answer must fit."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the provider says it is. `email` is empty unless the provider has confirmed it."""

    issuer: str
    subject: str
    name: str
    username: str
    email: str


class Provider:
    def __init__(self, settings: Settings, callback: str) -> None:
        """`callback` is the address of this studio that the provider sends people back to."""
        self._settings = settings
        self._callback = callback
        self._metadata: dict[str, Any] = {}

    def ask(self, *, again: bool = False) -> Question:
        """`again` asks the provider to have the person prove who they are once more. Raises Unproven."""
        nonce, verifier, state = (secrets.token_urlsafe(48) for _ in range(3))
        more = {"prompt": "login"} if again else {}
        try:
            with self._client() as client:
                endpoint = self._endpoint(client, "authorization_endpoint")
                url, _ = client.create_authorization_url(
                    endpoint, state=state, nonce=nonce, code_verifier=verifier, **more
                )
        except (HTTPError, OAuthError, ValueError) as error:
            raise Unproven("the provider does not answer") from error
        return Question(url, state, nonce, verifier)

    def answer(self, question: Question, code: str, now: datetime) -> Claims:
        """Trades the code for an ID token and checks it; the access token is used once and dropped. Raises Unproven."""
        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._endpoint(client, "token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=question.verifier,
                )
                proven = self._checked(client, token, question.nonce, now)
                told = client.get(self._endpoint(client, "userinfo_endpoint")).raise_for_status().json()
        except (HTTPError, OAuthError, JoseError, ValueError, KeyError, TypeError) as error:
            raise Unproven(f"the sign-in does not hold: {type(error).__name__}") from error
        if told.get("sub") != proven["sub"]:
            raise Unproven("the profile is somebody else's")
        return claims_of(str(proven["iss"]), told)

    def _checked(self, client: OAuth2Client, token: dict[str, Any], nonce: str, now: datetime) -> CodeIDToken:
        asked = client.request("GET", self._endpoint(client, "jwks_uri"), withhold_token=True)
        keys = asked.raise_for_status().json()
        signed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        wanted = {
            "iss": {"essential": True, "value": self._metadata["issuer"]},
            "aud": {"essential": True, "value": self._settings.oauth_client_id},
        }
        against = {"nonce": nonce, "client_id": self._settings.oauth_client_id, "access_token": token["access_token"]}
        claims = CodeIDToken(signed.claims, signed.header, wanted, against)
        claims.validate(int(now.timestamp()), LEEWAY)
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= LONGEST:
            raise ValueError("sub: expected 1 to 255 characters")
        return claims

    def _client(self) -> OAuth2Client:
        secret = self._settings.oauth_client_secret
        return OAuth2Client(
            self._settings.oauth_client_id,
            secret.get_secret_value() if secret else None,
            scope=self._settings.oauth_scopes,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            follow_redirects=False,
        )

    def _endpoint(self, client: OAuth2Client, name: str) -> str:
        """From the provider's own description, which must be about itself and stay as encrypted as it is."""
        provider = self._settings.openid_provider_url
        if not self._metadata:
            asked = client.request("GET", f"{provider}/.well-known/openid-configuration", withhold_token=True)
            found = asked.raise_for_status().json()
            if str(found["issuer"]).rstrip("/") != provider:
                raise ValueError(f"issuer: {found['issuer']!r} describes itself at {provider!r}")
            self._metadata = found
        endpoint = str(self._metadata[name])
        if urlsplit(endpoint).scheme not in ("https", urlsplit(provider).scheme):
            raise ValueError(f"{name}: {endpoint!r} is in plain text")
        return endpoint


def claims_of(issuer: str, told: dict[str, Any]) -> Claims:
    confirmed = told.get("email_verified") is True
    names = {name: str(told.get(name) or "") for name in ("name", "preferred_username", "email")}
    return Claims(
        issuer=issuer,
        subject=str(told["sub"]),
        name=names["name"] or names["preferred_username"],
        username=names["preferred_username"],
        email=names["email"] if confirmed else "",
    )
