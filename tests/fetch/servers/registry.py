"""A small OCI registry that keeps to the distribution specification as far as helm uses it."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.fetch.servers import loopback
from tests.fetch.servers.loopback import Answer, Loopback, Request

_ROUTE = re.compile(
    r"/v2/(?P<name>[a-z0-9]+(?:[._/-][a-z0-9]+)*)/"
    r"(?:(?P<uploads>blobs/uploads/)(?P<upload>[\w-]*)|(?P<kind>blobs|manifests)/(?P<reference>[^/]+)|(?P<tags>tags/list))"
)
_PULLS = frozenset(("GET", "HEAD"))
TOKEN = "t0ken-0f-the-registry"


def digest(data: bytes) -> str:
    """The digest of a blob or a manifest."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Registry:
    """Blobs, manifests and tags by repository. `private` is how a client shows who it is: by a `bearer`
    token from `/token`, which wants USER and PASSWORD, or by them themselves (`basic`)."""

    def __init__(self, private: str | None = None, page: int = 1000) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.private = private
        self.page = page
        self.server: Loopback
        self._uploads: dict[str, bytes] = {}
        # What each token that was given out is for.
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def put(self, name: str, tag: str, manifest: object, *blobs: bytes) -> str:
        """Puts a manifest and the blobs that it names; returns its digest."""
        self.blobs.update((digest(blob), blob) for blob in blobs)
        data = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        self.manifests[name, digest(data)] = ("application/vnd.oci.image.manifest.v1+json", data)
        self.tags.setdefault(name, {})[tag] = digest(data)
        return digest(data)

    def issue(self, scope: str) -> str:
        """A token for what `scope` says: `repository:NAME:pull`."""
        token = f"{TOKEN}.{len(self._tokens)}"
        self._tokens[token] = scope
        return token

    def answer(self, request: Request) -> Answer:
        """What the registry says to a request."""
        with self._lock:
            parts = urlsplit(request.path)
            if parts.path == "/token":
                return self._token(request, parse_qs(parts.query))
            if not self._known(request):
                return self._unknown(request)
            if parts.path in ("/v2", "/v2/"):
                return Answer(200, b"{}")
            found = _ROUTE.fullmatch(parts.path)
            if found is None:
                return _error(404, "NAME_UNKNOWN")
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            if found["tags"]:
                return self._listed(found["name"], query)
            if found["uploads"]:
                return self._uploaded(request, found["name"], found["upload"], query)
            if found["kind"] == "blobs":
                return self._blob(found["reference"])
            if request.method == "PUT":
                return self._stored(request, found["name"], found["reference"])
            return self._manifest(found["name"], found["reference"])

    def _known(self, request: Request) -> bool:
        shown = request.headers.get("Authorization", "")
        if self.private == "bearer":
            found = _ROUTE.fullmatch(request.path.partition("?")[0])
            scope = self._tokens.get(shown.removeprefix("Bearer "))
            return scope is not None and (found is None or f"repository:{found['name']}:" in scope)
        return self.private is None or shown == loopback.basic()

    def _unknown(self, request: Request) -> Answer:
        challenge = 'Basic realm="registry"'
        if self.private == "bearer":
            found = _ROUTE.fullmatch(request.path.partition("?")[0])
            scope = f',scope="repository:{found["name"]}:pull"' if found else ""
            challenge = f'Bearer realm="{self.server.url}/token",service="registry"{scope}'
        return Answer(401, _error(401, "UNAUTHORIZED").body, {"WWW-Authenticate": challenge})

    def _token(self, request: Request, query: dict[str, list[str]]) -> Answer:
        body = parse_qs(request.body.decode())
        shown = (body.get("username"), body.get("password")) == ([loopback.USER], [loopback.PASSWORD])
        if not shown and request.headers.get("Authorization") != loopback.basic():
            return _error(401, "UNAUTHORIZED")
        token = self.issue(" ".join((*query.get("scope", ()), *body.get("scope", ()))))
        # Docker's clients read one, those of OAuth 2 the other.
        return Answer(200, json.dumps({"token": token, "access_token": token, "expires_in": 300}).encode())

    def _listed(self, name: str, query: dict[str, str]) -> Answer:
        if name not in self.tags:
            return _error(404, "NAME_UNKNOWN")
        tags = sorted(self.tags[name])
        tags = [tag for tag in tags if tag > query.get("last", "")]
        shown = tags[: min(self.page, int(query.get("n", self.page)))]
        following = f'</v2/{name}/tags/list?last={shown[-1]}>; rel="next"' if len(shown) < len(tags) else ""
        more = {"Link": following} if following else {}
        return Answer(200, json.dumps({"name": name, "tags": shown}).encode(), more)

    def _blob(self, reference: str) -> Answer:
        if reference not in self.blobs:
            return _error(404, "BLOB_UNKNOWN")
        return Answer(
            200,
            self.blobs[reference],
            {"Docker-Content-Digest": reference, "Content-Type": "application/octet-stream"},
        )

    def _manifest(self, name: str, reference: str) -> Answer:
        known = self.tags.get(name, {}).get(reference, reference)
        if (name, known) not in self.manifests:
            return _error(404, "MANIFEST_UNKNOWN")
        kind, data = self.manifests[name, known]
        return Answer(200, data, {"Docker-Content-Digest": known, "Content-Type": kind})

    def _uploaded(self, request: Request, name: str, upload: str, query: dict[str, str]) -> Answer:
        where = f"/v2/{name}/blobs/uploads/"
        if request.method == "POST" and "digest" not in query:
            upload = f"upload-{len(self._uploads)}"
            self._uploads[upload] = b""
            return Answer(202, b"", {"Location": where + upload, "Docker-Upload-UUID": upload})
        data = self._uploads.get(upload, b"") + request.body
        if request.method == "PATCH":
            self._uploads[upload] = data
            return Answer(202, b"", {"Location": where + upload, "Range": f"0-{len(data) - 1}"})
        if digest(data) != query.get("digest"):
            return _error(400, "DIGEST_INVALID")
        self.blobs[digest(data)] = data
        return Answer(
            201, b"", {"Location": f"/v2/{name}/blobs/{digest(data)}", "Docker-Content-Digest": digest(data)}
        )

    def _stored(self, request: Request, name: str, reference: str) -> Answer:
        found = digest(request.body)
        manifest = json.loads(request.body)
        for blob in (manifest.get("config"), *manifest.get("layers", ())):
            if blob and blob["digest"] not in self.blobs:
                return _error(400, "MANIFEST_BLOB_UNKNOWN")
        self.manifests[name, found] = (request.headers.get("Content-Type", ""), request.body)
        if not reference.startswith("sha256:"):
            self.tags.setdefault(name, {})[reference] = found
        return Answer(201, b"", {"Location": f"/v2/{name}/manifests/{found}", "Docker-Content-Digest": found})


def _error(status: int, code: str) -> Answer:
    body = json.dumps({"errors": [{"code": code, "message": code.lower().replace("_", " ")}]})
    return Answer(status, body.encode(), {"Content-Type": "application/json"})


@contextmanager
def serving(private: str | None = None, page: int = 1000, tls: Path | None = None) -> Iterator[Registry]:
    """A registry that runs; its `server` knows its address and what it was asked."""
    registry = Registry(private, page)
    with loopback.serving(registry.answer, tls) as server:
        registry.server = server
        yield registry
