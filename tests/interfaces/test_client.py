"""longshort translate --server: the same lines as with the model here, from a server."""

import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner

import cli
from interfaces.addresses import is_here
from interfaces.client import Remote
from interfaces.keys import Keys
from translate.command import translate_lines
from translate.decode import NO_GLOSSARY, Glossary
from translate.translator import Translator

Run = Callable[..., tuple[int, str, str]]


def run(*arguments: object, stdin: str = "") -> str:
    done = CliRunner().invoke(
        cli.app, ["translate", *map(str, arguments)], input=stdin, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_server_says_what_the_model_here_says(server: str, translator: Translator) -> None:
    texts = ["Where is Ada?", "", "Where is the door?"]
    wanted = [one.text for one in translator.translate(texts, "en", "de")]
    assert [one.text for one in Remote(server).translate(texts, "en", "de")] == wanted
    assert (
        run("--server", server, "-s", "en", "-t", "de", texts[0]) == f"{' '.join(wanted[0].splitlines())}\n"
    )
    assert run("--server", server, "-s", "en", "-t", "de", stdin="\n".join(texts)).count("\n") == 3


def test_long_lists_go_in_parts(server: str) -> None:
    texts = [f"{number} " * 40 for number in range(70)]  # more than the server takes at once
    assert [one.text.split()[0] for one in Remote(server).translate(texts, "en", "en")] == [
        text.split()[0] for text in texts
    ]


def test_a_glossary_counts_where_the_server_counts_it(server: str) -> None:
    texts = ["1 " * 50] * 20  # 2,000 characters are one request, and with the glossary two
    glossary = Glossary({"house by the lake": "Haus am See"}, ("my old friend",))
    done = Remote(server).translate(texts, "en", "en", glossary=glossary)
    assert [one.text.strip() for one in done] == [text.strip() for text in texts]


def test_a_line_that_is_not_offered_is_named_after_those_before_it(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["Where is the door?"] * 100 + ["Das Wetter ist heute sehr schön, und wir gehen spazieren."]
    remote = cast("Translator", Remote(server))
    for lines, named in ((texts, "a.txt, line 101"), (texts[-1:], "a.txt, line 1")):
        with pytest.raises(ValueError, match=rf"^{named} seems to be German.*--target en"):
            translate_lines(remote, lines, 64, None, "auto", "fr", 1, NO_GLOSSARY, name="a.txt, line")
        assert len(capsys.readouterr().out.splitlines()) == len(lines) - 1


def test_no_proxy_is_sent_what_stays_on_this_machine(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert Remote(server).translate(["Where is Ada?"], "en", "de")
    with pytest.raises(ValueError, match="refused"):  # by the proxy, which others are asked through
        Remote("http://elsewhere.example").translate(["Where is Ada?"], "en", "de")
    assert [is_here(f"http://{host}:7860") for host in ("localhost", "127.0.0.2", "[::1]", "10.0.0.1")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_what_speaks_no_http_is_named() -> None:
    def greet(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            connection.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=greet, args=(listening,))
        thread.start()
        with pytest.raises(
            ValueError, match=r"'SSH-2\.0-OpenSSH_9\.2' is no answer in HTTP: give an address"
        ):
            Remote(f"http://127.0.0.1:{listening.getsockname()[1]}", seconds=20).translate(["Hi."])
        thread.join()


def test_glossary_alternatives_and_detection(server: str) -> None:
    glossary = Glossary({"door": "Pforte"}, ("Ada",))
    (one,) = Remote(server).translate(["The door of Ada."], "auto", "de", glossary=glossary, alternatives=2)
    assert "Pforte" in one.text and "Ada" in one.text and len(one.alternatives) <= 2
    assert one.source == "en" and one.detection and one.detection.confidence > 0.5


def test_a_document(server: str, tmp_path: Path) -> None:
    file, output = tmp_path / "a.md", tmp_path / "b.md"
    file.write_text("# Where is Ada?\n\n```\nkept\n```\n", encoding="utf-8")
    run("--server", server, "-s", "en", "-t", "de", "--file", file, "--output", output)
    assert output.read_text(encoding="utf-8").endswith("\n\n```\nkept\n```\n")


def test_what_is_wrong_is_said(server: str, guarded: str, keys: Keys) -> None:
    for address in (
        "ftp://x",
        "127.0.0.1",
        "http://127.0.0.1:abc",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://x/a b",
    ):
        with pytest.raises(ValueError, match=f"--server {re.escape(address)}: give an address"):
            Remote(address)
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:9.*Is it running"):
        Remote("http://127.0.0.1:9").translate(["Hi."])
    with pytest.raises(ValueError, match="it is not supported"):
        Remote(server).translate(["Hi."], "en", "it")
    with pytest.raises(ValueError, match="an API key is needed"):
        Remote(guarded).translate(["Hi."], "en", "de")
    assert Remote(guarded, keys.add("remote")).translate(["Hi."], "en", "de")
    with pytest.raises(ValueError, match="no answer of a LibreTranslate server|answers 404"):
        Remote(f"{server}/nowhere").translate(["Hi."], "en", "de")
    with pytest.raises(ValueError, match="--back needs a model here"):
        run("--server", server, "--back", "Hi.")
