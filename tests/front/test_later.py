"""A module that is postponed is imported when it is asked for, and is the module itself then."""

import inspect
import json.decoder
import subprocess
import sys

import pytest

from front.later import absent, postponed, without_source

BEHIND = "wave"  # of the standard library, imported by nobody here


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, BEHIND, raising=False)


def test_it_comes_when_it_is_asked_for() -> None:
    with postponed(BEHIND):
        import wave as early
    assert BEHIND not in sys.modules
    assert not hasattr(early, "__path__") and not hasattr(early, "__file__") and BEHIND not in sys.modules
    opened = early.open
    import wave

    assert wave is not early and opened is wave.open and early.Error is wave.Error
    with pytest.raises(AttributeError, match="nothing"):
        _ = early.nothing


def test_what_was_imported_before_stays() -> None:
    import wave

    with postponed(BEHIND):
        import wave as again
    assert again is wave and sys.modules[BEHIND] is wave


def test_what_is_absent_cannot_be_imported_meanwhile() -> None:
    with absent(BEHIND), pytest.raises(ImportError):
        import wave
    import wave

    with absent(BEHIND):
        import wave as again
    assert again is wave


def test_sources_are_hidden_of_one_package_and_for_a_time() -> None:
    with without_source("json"):
        with pytest.raises(OSError, match="json.decoder"):
            inspect.getfile(json.decoder.JSONDecoder)
        assert inspect.getfile(subprocess.Popen) and inspect.getfile(json.decoder)
    assert inspect.getfile(json.decoder.JSONDecoder) == json.decoder.__file__


@pytest.mark.parametrize("name", ["pandas", "mcp"])
def test_the_page_starts_without(name: str) -> None:
    """Each takes a tenth of the start and tens of megabytes, and the page needs neither."""
    code = f"import sys, page; assert {name!r} not in sys.modules; import {name}; {name}.__version__"
    subprocess.run([sys.executable, "-c", code.removesuffix("; mcp.__version__")], check=True, timeout=600)
