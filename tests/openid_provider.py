"""An OpenID provider in a process of its own, which says what the test told it to: `python -m tests.openid_provider`.

Checks what a real one checks: the client's number and secret, the address to come back to, PKCE, and that a code is
used once. `POST /person` sets who is signed in there, and what is wrong with the next answers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "the-space", "a secret of the space"


class Provider(ThreadingHTTPServer):
    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
        self.person: dict[str, Any] = {}
        self.wrong = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []

    def id_token(self, asked: dict[str, str]) -> str:
        now, wrong = int(time.time()), self.wrong
        claims = {
            "iss": self.url,
            "sub": self.person["sub"],
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "nonce": asked["nonce"],
        }
        claims |= {
            "issuer": {"iss": "https://evil.example"},
            "audience": {"aud": "another"},
            "expired": {"iat": now - 9000, "exp": now - 8000},
            "nonce": {"nonce": "of another sign-in"},
        }.get(wrong, {})
        if wrong == "signature":
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))
        if wrong == "hmac":  # signed with what everybody knows
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.encode()))
        if wrong == "none":
            parts = ({"alg": "none"}, claims)
            coded = (base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts)
            return ".".join(coded) + "."
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
            urls = {name: f"{self.server.url}/{end}" for name, end in (ends | {"jwks_uri": "keys"}).items()}
            return self.say({"issuer": self.server.url} | urls)
        if path == "/keys":
            return self.say(KeySet([self.server.key]).as_dict(private=False))
        if path == "/asked":
            return self.say(self.server.asked)
        if path == "/userinfo":
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            person = self.server.tokens.get(token)
            if person is not None and self.server.wrong == "profile":
                person = person | {"sub": "somebody else"}
            return self.say(person or {}, 200 if person else 401)
        if path == "/authorize":
            return self.authorize(asked)
        self.say({}, 404)

    def authorize(self, asked: dict[str, str]) -> None:
        self.server.asked.append(asked)
        fits = asked.get("client_id") == CLIENT and asked.get("response_type") == "code"
        proven = asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) >= 43
        if not fits or not proven or "openid" not in asked.get("scope", "").split() or not asked.get("nonce"):
            return self.say({"error": "invalid_request"}, 400)
        answer = {"state": asked["state"]}
        if self.server.wrong == "denied":
            answer["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe(16)
            self.server.codes[code] = asked
            answer["code"] = code
        self.send_response(302)
        self.send_header("location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        if self.path == "/person":
            told = json.loads(body)
            self.server.person, self.server.wrong = told["person"], told["wrong"]
            return self.say({})
        given = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.server.codes.pop(given.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        fits = (
            asked is not None
            and self.path == "/token"
            and self.headers.get("authorization") == f"Basic {basic}"
            and given.get("redirect_uri") == asked["redirect_uri"]
            and base64.urlsafe_b64encode(challenge).decode().rstrip("=") == asked["code_challenge"]
        )
        if not fits or asked is None:
            return self.say({"error": "invalid_grant"}, 400)
        token = secrets.token_urlsafe(16)
        self.server.tokens[token] = self.server.person
        proof = {} if self.server.wrong == "missing" else {"id_token": self.server.id_token(asked)}
        self.say({"access_token": token, "token_type": "Bearer", "expires_in": 600} | proof)

    def say(self, content: Any, status: int = 200) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


class Running:
    """A provider that runs, as a test speaks to it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def is_now(self, sub: str, wrong: str = "", **claims: Any) -> None:
        """Who is signed in over there, and what the next answers get wrong."""
        body = json.dumps({"person": {"sub": sub, **claims}, "wrong": wrong}).encode()
        urllib.request.urlopen(f"{self.url}/person", body, timeout=30).read()

    def asked(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.load(urllib.request.urlopen(f"{self.url}/asked", timeout=30))
        return found


@contextmanager
def provider() -> Iterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.openid_provider", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Running(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    server = Provider(int(sys.argv[1]))
    print("ready", flush=True)
    server.serve_forever()
