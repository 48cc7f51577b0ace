"""The load benchmark against a server that is made up: what it counts, and when it finds fault."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.load import Found, is_flat, line, load, main, quantile, rows
from benchmarks.users import TURNS, Tally


class Answers(BaseHTTPRequestHandler):
    """Every third translation is refused; conversations have numbers."""

    protocol_version = "HTTP/1.1"
    begun, deleted, asked, looked = 0, 0, 0, 0

    def do_GET(self) -> None:
        Answers.looked += 1
        cpu = f"process_cpu_seconds_total {2 + 0.5 * Answers.looked}"
        self._say(200, f"process_resident_memory_bytes 3e+08\n{cpu}\n".encode(), "text/plain")

    def do_DELETE(self) -> None:
        Answers.deleted += 1
        self._say(200, b"{}")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/v1/conversations":
            Answers.begun += 1
            self._say(200, json.dumps({"id": f"conv_{Answers.begun}"}).encode())
            return
        assert body.get("conversation", "conv_").startswith("conv_") and "{" not in str(body.get("q"))
        Answers.asked += self.path == "/translate"
        busy = self.path == "/translate" and Answers.asked % 3 == 0
        self._say(503 if busy else 200, b'{"error": "busy"}' if busy else b"{}")

    def _say(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("benchmarks.users.time.sleep", lambda seconds: None)
    Answers.begun = Answers.deleted = Answers.asked = Answers.looked = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_users_chat_and_translate_and_refusals_are_counted(address: str) -> None:
    tally = load(address, clients=4, seconds=0.6)
    assert tally.chat and tally.translation and tally.seconds >= 0.6
    assert next(iter(tally.refused)) == "503 {'error': 'busy'}"
    assert Answers.begun >= 2 + Answers.deleted
    assert Answers.begun <= 2 + Answers.deleted + len(tally.chat) // TURNS
    assert f"| {sum(tally.refused.values())} |" in line("four", tally)


def test_one_alone_does_both(address: str) -> None:
    tally = load(address, clients=1, seconds=0.4)
    assert tally.chat and tally.translation


def test_rows_compare_each_round_with_its_own_single_user(address: str) -> None:
    options = ["--server", address, "--clients", "4", "--seconds", "0.5", "--rounds", "2"]
    answers, waiting, memory = rows(options)
    assert answers.what == "4 users at once, answers" and answers.against == "one at a time"
    for row in (answers, waiting):
        assert row.low is not None and row.ratio is not None and row.high is not None
        assert 0 < row.low <= row.ratio <= row.high
    assert memory.ours == "300 MB at most, flat" and memory.ratio is None


def test_the_program_prints_a_table(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["load", "--server", address, "--clients", "2", "--seconds", "0.5", "--minutes", "0.01"]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().out
    assert ended.value.code == 0 and "| one at a time |" in told and "| 2 at once |" in told
    assert "x the throughput" in told and "memory is flat" in told and "2 for 0.01 minutes" in told


def test_without_answers_there_is_no_ratio() -> None:
    with pytest.raises(ValueError, match="more --seconds"):
        _ = Found(Tally(seconds=1.0), Tally([0.1], seconds=1.0), [300.0]).throughput


def test_memory_that_grows_is_noticed() -> None:
    assert is_flat([100, 300, 310, 312, 309, 311, 312, 312])
    assert not is_flat([100, 300, 310, 330, 340, 350, 360, 380])


def test_quantiles_are_milliseconds() -> None:
    assert quantile([0.1, 0.3, 0.2], 0.5) == pytest.approx(200)
    assert quantile([], 0.5) != quantile([], 0.5)
    assert Tally([0.1], [0.1], seconds=0.5, cpu=0.1).rate == 4
    assert Tally([0.1], [0.1], seconds=0.5, cpu=0.1).cost == pytest.approx(50)
