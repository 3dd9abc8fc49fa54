"""A small provider of OpenID Connect over HTTP, which can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "dashboard", "kunci & rahasia"


class SmallProvider:
    """Its keys, the codes that it gave, and what it says; tests change these."""

    def __init__(self) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {"sub": "sub-1", "preferred_username": "Camat"}
        self.metadata: dict[str, Any] = {}
        self.nonce: str | None = None
        self.sign = self.sign_rightly
        self.url = ""
        self.asked: list[str] = []

    def sign_rightly(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def answer(self, method: str, path: str, fields: dict[str, str], auth: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            named = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            ends = {name: f"{self.url}/{name}" for name in named}
            return 200, {"issuer": self.url, **ends, **self.metadata}
        if path == "/jwks_uri":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/authorization_endpoint":
            code = secrets.token_urlsafe(8)
            self.codes[code] = fields
            query = urlencode({"code": code, "state": fields["state"]})
            return 302, f"{fields['redirect_uri']}?{query}"
        if path == "/token_endpoint" and method == "POST":
            return self.give_token(fields, auth)
        return 404, {}

    def give_token(self, fields: dict[str, str], auth: str) -> tuple[int, Any]:
        asked = self.codes.pop(fields.get("code", ""), None)
        name, _, secret = base64.b64decode(auth.removeprefix("Basic ")).decode().partition(":")
        if asked is None or (unquote_plus(name), unquote_plus(secret)) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked["code_challenge"] != challenge or asked["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}
        if asked["redirect_uri"] != fields["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce or asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(claims)}


@contextmanager
def serve_provider() -> Iterator[SmallProvider]:
    """A provider on a port of this machine."""
    provider = SmallProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply("GET", parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.reply("POST", parse_qs(body))

        def reply(self, method: str, query: dict[str, list[str]]) -> None:
            fields = {name: values[-1] for name, values in query.items()}
            path, auth = urlsplit(self.path).path, self.headers.get("authorization", "")
            status, said = provider.answer(method, path, fields, auth)
            body = b"" if status == 302 else json.dumps(said).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("location", said)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
