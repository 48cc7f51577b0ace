"""What a server was given for a burst of work, it gives back."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MOST = 20.0  # MB that a burst may leave behind; left alone, this one leaves 40
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told anything")
# In a process of its own: what the C library is told holds for the whole process.
BURST = """
import sys
from pathlib import Path
import numpy as np
from front.memory import give_back, keep_giving_back, spare
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions

def size():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

def answer(count, tokens):
    options = SearchOptions(beam_size=5, min_length=6, max_length=6, avoid_loops=False)
    segments = [rng.integers(300, 5000, tokens).tolist() for _ in range(count)]
    states = engine.read([engine.new_state()] * count, segments)
    engine.generate(states, ["<2de>"] * count, options)

assert spare()
rng = np.random.default_rng(1)
engine = Engine.load("pretrained/translate", "onnx", threads=1)
answer(2, 12)
give_back()
before = size()
answer(32, 90)
give_back()
print(size() - before)
"""
AGAIN = """
import time
from front import memory
from threading import Event
times, enough = [], Event()
def note():
    times.append(time.monotonic())
    if len(times) == 4:
        enough.set()
    return True
memory.give_back = note
memory.keep_giving_back(0.01)
assert enough.wait(60)
"""


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


@glibc
def test_a_burst_leaves_nothing_behind() -> None:
    assert float(run(BURST)) < MOST


@glibc
def test_memory_goes_back_again_and_again() -> None:
    run(AGAIN)


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from front import memory

    monkeypatch.setattr("front.memory.platform.libc_ver", lambda: ("", ""))
    assert not memory.spare() and not memory.give_back()
    memory.keep_giving_back(0.01)  # makes no thread
