"""A module that is postponed is imported when it is asked for, and is the module itself then."""

import subprocess
import sys

import pytest

from front.later import postponed

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


def test_the_app_starts_without_pandas() -> None:
    """It takes a tenth of the start and more than fifty megabytes, and the page needs none of it."""
    code = "import sys, app; assert 'pandas' not in sys.modules; import pandas; pandas.DataFrame({'a': [1]})"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)
