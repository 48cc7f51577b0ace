"""A stand-in for a model hub: the few addresses that its client asks to send and fetch a folder of files."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_test"
COMMIT = "a" * 40


class Hub(ThreadingHTTPServer):
    """repos: name -> file -> bytes."""

    repos: dict[str, dict[str, bytes]]
    daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *arguments: Any) -> None:
        """Quietly."""

    def answer(self, status: int, value: Any = None, data: bytes | None = None, **headers: str) -> None:
        body = data if data is not None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            self.answer(401, {"error": "Invalid username or password."})
        elif path == "/api/repos/create":
            wanted = json.loads(body)
            name = (
                f"{wanted['organization']}/{wanted['name']}" if wanted.get("organization") else wanted["name"]
            )
            self.server.repos.setdefault(name, {})
            self.answer(200, {"url": f"http://{self.headers['host']}/{name}", "name": name, "id": name})
        elif path.endswith("/preupload/main"):
            files = [{"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                     for one in json.loads(body)["files"]]  # fmt: skip
            self.answer(200, {"files": files})
        elif path.endswith("/commit/main"):
            name = path.removeprefix("/api/models/").removesuffix("/commit/main")
            for line in body.decode().splitlines():
                part = json.loads(line)
                if part["key"] == "file":
                    self.server.repos[name][part["value"]["path"]] = base64.b64decode(
                        part["value"]["content"]
                    )
            address = f"http://{self.headers['host']}/{name}/commit/{COMMIT}"
            self.answer(200, {"commitUrl": address, "commitOid": COMMIT, "success": True})
        elif path == "/api/validate-yaml":
            self.answer(200, {"errors": [], "warnings": []})
        else:
            self.answer(404, {"error": path})

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/api/models/"):
            name, _, rest = path.removeprefix("/api/models/").partition("/revision/")
            name = name.partition("/tree/")[0]
            if name not in self.server.repos:
                return self.answer(404, {"error": "none"}, x_error_code="RepoNotFound")
            if rest not in ("", "main", COMMIT):
                return self.answer(404, {"error": "none"}, x_error_code="RevisionNotFound")
            files = self.server.repos[name]
            if "/tree/" in path:
                return self.answer(200, [
                    {"type": "file", "path": file, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                    for file, data in files.items()
                ])  # fmt: skip
            siblings = [{"rfilename": file} for file in files]
            return self.answer(200, {"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings,
                                     "private": False, "tags": [], "downloads": 0, "likes": 0})  # fmt: skip
        user, name, _, _, *file = path.removeprefix("/").split("/")
        data = self.server.repos.get(f"{user}/{name}", {}).get("/".join(file))
        if data is None:
            return self.answer(404, {"error": "none"}, x_error_code="EntryNotFound")
        etag = f'"{hashlib.sha1(data).hexdigest()}"'
        return self.answer(200, data=data, etag=etag, x_repo_commit=COMMIT)

    do_HEAD = do_GET


@contextmanager
def hub() -> Iterator[tuple[str, dict[str, dict[str, bytes]]]]:
    """Its address, and what it holds."""
    server = Hub(("127.0.0.1", 0), Handler)
    server.repos = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.repos
    finally:
        server.shutdown()
        server.server_close()
