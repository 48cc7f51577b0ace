"""The server behind the page: whom it answers, what it refuses, and the command line."""

import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app import LARGEST_REQUEST, SECURITY_HEADERS, load, main, serve
from front.frame import theme
from translate.translator import Translator


def ask(
    app: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(app).netloc, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    found = answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


def test_every_answer_carries_the_security_headers(app: str) -> None:
    for path in ("/", "/config", "/nothing/here"):
        _, headers, _ = ask(app, "GET", path)
        assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, path
        assert "server" not in headers, path


def test_another_sites_name_is_not_answered(app: str) -> None:
    assert ask(app, "GET", "/", headers={"Host": "rebound.example"})[0] == 400


def test_only_loopback_listens(app: str) -> None:
    port = urlsplit(app).port
    assert port is not None
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1"}:
        with socket.socket() as probe:
            probe.settimeout(2)
            if address.startswith("127."):
                continue
            assert probe.connect_ex((str(address), port)) != 0, address


def test_a_large_request_is_refused_unread(app: str) -> None:
    status, _, body = ask(app, "POST", "/gradio_api/queue/join", b"x" * (LARGEST_REQUEST + 1))
    assert status == 413 and b"too large" in body


def test_a_large_request_in_chunks_is_cut_off(app: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(app).netloc, timeout=30)
    chunks = (b"x" * 65536 for _ in range(LARGEST_REQUEST // 65536 + 2))
    try:
        connection.request("POST", "/gradio_api/queue/join", chunks, {"Content-Type": "application/json"})
        assert connection.getresponse().status >= 400
    except (http.client.HTTPException, OSError):
        pass  # hung up on
    finally:
        connection.close()
    assert ask(app, "GET", "/")[0] == 200


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "./app.py", "../app.py", "https://example.org/x"])
def test_no_file_is_served(app: str, path: str) -> None:
    for prefix in ("/gradio_api/file=", "/file="):
        status, _, body = ask(app, "GET", prefix + path)
        assert status in (400, 403, 404), (prefix + path, status)
        assert b"root:" not in body and b"import gradio" not in body


def test_the_page_names_no_other_host_to_fetch_from() -> None:
    fonts = str(theme()._stylesheets) + theme()._get_theme_css()
    assert theme()._stylesheets == [] and "http" not in fonts.replace("http://www.w3.org", "")


def test_handlers_are_not_offered_as_an_interface(app: str) -> None:
    info = json.loads(ask(app, "GET", "/gradio_api/info")[2])
    assert set(info["named_endpoints"]) == {"/translate", "/detect"} and info["unnamed_endpoints"] == {}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::", ""])
def test_other_addresses_than_loopback_are_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"serves this machine only.*ssh -L"):
        serve(host=host)


def test_a_taken_port_is_named(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = urlsplit(app).port
    assert main(["--no-browser", "--port", str(port)]) == 2
    assert f"--port {port}" in capsys.readouterr().err


@pytest.mark.parametrize("port", [-1, 0, 65536, 70000])
def test_what_is_no_port_is_named(capsys: pytest.CaptureFixture[str], port: int) -> None:
    assert main(["--no-browser", "--port", str(port)]) == 2
    assert capsys.readouterr().err == f"app.py: --port {port}: give a number from 1 to 65535\n"


def test_a_model_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"--translate-model: no translation model at .*nowhere"):
        load(Translator.load, tmp_path / "nowhere", "--translate-model")


def test_a_missing_default_model_leaves_the_app_running() -> None:
    def missing(path: Path | None) -> Translator:
        raise ValueError("no translation model at pretrained/translate")

    assert load(missing, None, "--translate-model") == (None, "no translation model at pretrained/translate")
