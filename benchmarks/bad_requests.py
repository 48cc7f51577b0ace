"""Bad requests by the thousand: each has to be answered with 4xx and a sentence, never with 5xx or 2xx.

`python -m benchmarks.bad_requests` starts the app with the shipped models on a free port and sends 10,000.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
GOOD: dict[str, dict[str, Any]] = {
    "/translate": {"q": "Hi.", "source": "en", "target": "de"},
    "/detect": {"q": "Hi."},
    "/v1/chat/completions": {"model": "longshort-chat", "messages": [{"role": "user", "content": "Hi."}]},
    "/gradio_api/call/translate": {"data": ["Hi.", "en", "de"]},
    "/gradio_api/queue/join": {"session_hash": "fuzz", "fn_index": 0, "data": []},
}
NEEDED = {
    "/translate": ("q", "source", "target"),
    "/detect": ("q",),
    "/v1/chat/completions": ("model", "messages"),
    "/gradio_api/call/translate": ("data",),
    "/gradio_api/queue/join": ("fn_index", "data"),
}
WRONG = (None, True, 0, -1, 2**70, 1.5, {}, {"a": [1]}, "\u0000", "\U0001f600" * 9, "../../etc/passwd", "it")
NAMED = (
    "/v1/models/",
    "/v1/conversations/",
    "/download_file/",
    "/gradio_api/file=",
    "/v1/conversations/x/items/",
)


@dataclass(frozen=True)
class Bad:
    """A request, and what is wrong with it."""

    kind: str
    method: str
    path: str
    body: bytes = b""
    content: str = JSON


def bad_requests(count: int, seed: int = 1) -> Iterator[Bad]:
    """So many of them, the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(count):
        yield rng.choice(_KINDS)(rng)


def _wrong_type(rng: random.Random) -> Bad:
    path = rng.choice(list(GOOD))
    field = rng.choice(NEEDED[path])
    value = rng.choice([one for one in WRONG if field != "q" or not isinstance(one, str)])
    return Bad("wrong type or value", "POST", path, _json({**GOOD[path], field: value}))


def _missing(rng: random.Random) -> Bad:
    path = rng.choice(list(GOOD))
    field = rng.choice(NEEDED[path])
    left = {name: value for name, value in GOOD[path].items() if name != field}
    return Bad("missing field", "POST", path, _json(left))


def _huge(rng: random.Random) -> Bad:
    path = rng.choice(("/translate", "/detect"))
    size = rng.choice((20_001, 50_000, 240_000))
    if path == "/translate" and rng.random() < 0.5:
        return Bad("huge list", "POST", path, _json({**GOOD[path], "q": ["x"] * (257 + rng.randrange(9000))}))
    return Bad("huge text", "POST", path, _json({**GOOD[path], "q": "x" * size}))


def _too_large(rng: random.Random) -> Bad:
    return Bad("too large", "POST", rng.choice(list(GOOD)), b" " * (262_145 + rng.randrange(5000)))


def _nested(rng: random.Random) -> Bad:
    depth = rng.choice((5, 100, 1000, 20_000, 100_000))
    start, end = rng.choice((("[", "]"), ('{"q":', "}")))
    inner = start * depth + "1" + end * depth
    path = rng.choice(list(GOOD))
    body = inner if rng.random() < 0.5 else '{"%s":%s}' % (rng.choice(NEEDED[path]), inner)  # noqa: UP031
    return Bad("nested", "POST", path, body[:250_000].encode())


def _encoding(rng: random.Random) -> Bad:
    path = rng.choice(list(GOOD))
    text = json.dumps(GOOD[path])
    bodies = (
        text.encode("utf-16")[:-1],
        text.encode("cp500"),
        text.replace("Hi", "H\udcff").encode("utf-8", "surrogateescape"),
        b"\xff\xfe\x00\xd8" * rng.randrange(1, 50),
        rng.randbytes(rng.randrange(1, 400)),
    )
    found = rng.choice(bodies)
    broken = found if "H\udcff" not in text and found is not bodies[2] else b"\xff" + found
    return Bad("wrong encoding", "POST", path, broken)


def _broken_json(rng: random.Random) -> Bad:
    path = rng.choice(list(GOOD))
    text = json.dumps(GOOD[path])
    cut = rng.randrange(1, len(text) - 1)
    broken = rng.choice(
        (text[:cut], text[:cut] + "\u0000" + "}", text + text, "[]", '"x"', "7", "null", "NaN", "")
    )
    return Bad("broken JSON", "POST", path, broken.encode())


def _wrong_content(rng: random.Random) -> Bad:
    path = rng.choice([path for path in GOOD if "gradio" not in path])
    content = rng.choice(
        ("text/plain", "application/xml", "multipart/form-data", "image/png", "", "a" * 2000)
    )
    return Bad("wrong content type", "POST", path, _json(GOOD[path]), content)


def _form(rng: random.Random) -> Bad:
    fields = [
        f"{quote(rng.choice(('q', 'x', 'source', '', chr(0))))}=%ff{rng.randrange(9)}" for _ in range(40)
    ]
    if rng.random() < 0.5:
        return Bad("bad form", "POST", "/detect", "&".join(["y=1"] * (2 + rng.randrange(60))).encode(), FORM)
    return Bad("bad form", "POST", "/translate", "&".join(fields).encode(), FORM)


def _multipart(rng: random.Random) -> Bad:
    parts = [
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="../../a.exe"\r\n\r\nMZ\r\n--b--\r\n',
        b'--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nno file\r\n--b--\r\n',
        b"--b\r\n\r\n\r\n" * rng.randrange(1, 30),
        b"--b\r\ncontent-disposition: " + b"x" * rng.randrange(9000) + b"\r\n\r\n--b--\r\n",
        rng.randbytes(200),
    ]
    return Bad(
        "bad multipart", "POST", "/translate_file", rng.choice(parts), "multipart/form-data; boundary=b"
    )


def _path(rng: random.Random) -> Bad:
    tail = "".join(
        rng.choice(("..%2f", "%00", "é", "a", "'", "%ff", "conv_", "%2e", "{x}", "\\")) for _ in range(9)
    )
    method = rng.choice(("GET", "DELETE")) if "conversations" in (path := rng.choice(NAMED)) else "GET"
    return Bad("no such thing", method, path + quote(tail, safe="%"))


def _conversation(rng: random.Random) -> Bad:
    values = ("conv_" + "0" * 32, {"id": []}, 5, ["x"], "\u0000", "x" * 9000, "conv_")
    body = {**GOOD["/v1/chat/completions"], "conversation": rng.choice(values[:-1])}
    return Bad("no such conversation", "POST", "/v1/chat/completions", _json(body))


def _option(rng: random.Random) -> Bad:
    wrong: dict[str, Any] = rng.choice(
        (
            {"temperature": rng.choice((-1, 3, "hot", [], 1e300))},
            {"max_tokens": rng.choice((0, -5, "x", 1.5))},
            {"n": rng.choice((0, 2, 10**30, "x"))},
            {"top_p": rng.choice((0, 2, -1, {}))},
            {"stream": rng.choice(("perhaps", 7, []))},
            {"stop": rng.choice((5, {}, [5]))},
            {
                "messages": rng.choice(
                    ([], "x", [{}], [{"role": "x", "content": ""}], [{"role": "user"}] * 1001)
                )
            },
            {"model": rng.choice(("gpt-4", "", "x" * 5000))},
        )
    )
    return Bad(
        "wrong option", "POST", "/v1/chat/completions", _json({**GOOD["/v1/chat/completions"], **wrong})
    )


_KINDS: tuple[Callable[[random.Random], Bad], ...] = (
    _wrong_type, _missing, _huge, _too_large, _nested, _encoding, _broken_json, _wrong_content, _form,
    _multipart, _path, _conversation, _option,
)  # fmt: skip


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def fault_of(server: str, bad: Bad) -> str:
    """What is wrong with the answer to a bad request; "" where it is 4xx with a clear sentence."""
    connection = HTTPConnection(urlsplit(server).netloc, timeout=60)
    try:
        headers = {"content-type": bad.content} if bad.content else {}
        connection.request(bad.method, bad.path, bad.body or None, headers)
        answer = connection.getresponse()
        said = answer.read(100_000).decode("utf-8", "replace")
    except OSError as error:  # too large a body is not read to its end
        return "" if bad.kind == "too large" else f"{type(error).__name__}"
    finally:
        connection.close()
    if not 400 <= answer.status < 500:
        return f"{answer.status} {said[:100]}"
    if len(said.strip()) < 10 or "Traceback" in said:
        return f"{answer.status} says only {said[:100]!r}"
    return ""


def main() -> None:
    """Sends them, and counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", help="an address (default: the app is started)")
    options = parser.parse_args()
    server = options.server or _start()
    kinds, faults = Counter[str](), []
    started = time.monotonic()
    for bad in bad_requests(options.count, options.seed):
        kinds[bad.kind] += 1
        if fault := fault_of(server, bad):
            faults.append((bad, fault))
            print(f"{bad.kind}: {bad.method} {bad.path[:80]} {bad.body[:120]!r}: {fault}", flush=True)
    print(*(f"{count:6,} {kind}" for kind, count in kinds.most_common()), sep="\n")
    print(f"{options.count:,} bad requests, {len(faults)} faults, {time.monotonic() - started:.0f} s")
    sys.exit(bool(faults))


def _start() -> str:
    from app import serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    store = Path(tempfile.mkdtemp()) / "conversations.sqlite3"
    work: dict[str, Any] = {"port": port, "store": str(store), "per_minute": 0}
    threading.Thread(target=serve, kwargs=work, daemon=True).start()
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"http://127.0.0.1:{port}"
        time.sleep(0.2)
    raise SystemExit("the app did not start")


if __name__ == "__main__":
    main()
