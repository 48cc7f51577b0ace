"""The page's languages: every text in each of them, and the one that somebody wants."""

import re
from pathlib import Path

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient

import wording
from wording import LANGUAGES, Spoken, Wording, preferred

ROOT = Path(__file__).parent.parent
FILES = sorted(path for path in ROOT.glob("*/texts.yaml") if path.parts[-2] != ".venv")
_FIELD = re.compile(r"\{(\w*)\}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_text_is_there_in_every_language_with_the_same_values(path: Path) -> None:
    texts = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, entry in texts.items():
        assert isinstance(key, str), f"{key!r}: YAML reads this key as something else; choose another"
        assert set(entry) == set(LANGUAGES), f"{key}: {sorted(entry)}"
        assert all(isinstance(text, str) for text in entry.values()), key
        fields = {code: sorted(_FIELD.findall(text)) for code, text in entry.items()}
        assert len(set(map(tuple, fields.values()))) == 1, f"{key}: {fields}"
        empty = [code for code, text in entry.items() if not text.strip()]
        assert empty in ([], ["en"]), f"{key} says nothing in {empty}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_no_text_is_left_over(path: Path) -> None:
    texts = yaml.safe_load(path.read_text(encoding="utf-8"))
    sources = "".join(
        file.read_text(encoding="utf-8") for kind in ("py", "js") for file in path.parent.rglob(f"*.{kind}")
    )
    sources += (ROOT / "page.py").read_text(encoding="utf-8")
    # Keys that are put together: languages' codes, counts, who spoke, parts and reasons.
    composed = re.compile(r"(?:en|de|fr|es|(?:part|reason|who|error|kept|sign)\..*|.*\.(?:one|many))")
    unused = [key for key in texts if key not in sources and not composed.fullmatch(key)]
    assert not unused, unused


def test_all_tabs_keep_their_texts_in_one_place() -> None:
    assert {path.parent.name for path in FILES} >= {"chat", "front", "lab", "translate"}


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "it,ES;q=0.5", "es"),
        ("longshort-language=fr", "de", "fr"),
        ("other=1; longshort-language=es", "de", "es"),
        ("longshort-language=xx", "de", "de"),
        ("longshort-language=../../etc", "", "en"),
        ('broken="', "fr", "fr"),
        ('prefs={"theme":"dark"}; flag; a[b]=1; longshort-language=es', "de", "es"),
    ],
)
def test_a_choice_counts_before_the_browsers_wish(cookie: str, accepted: str, language: str) -> None:
    assert preferred({"cookie": cookie, "accept-language": accepted}) == language


@pytest.fixture
def texts(tmp_path: Path) -> Wording:
    path = tmp_path / "texts.yaml"
    path.write_text(
        "turns.one: {en: '{count} turn', de: '{count} Beitrag', fr: '{count} tour', es: '{count} turno'}\n"
        "turns.many: {en: '{count} turns', de: '{count} Beiträge', fr: '{count} tours', es: '{count}'}\n"
        "time: {en: '{s} s', de: '{s} s', fr: '{s} s', es: '{s} s'}\n"
        "yours: {en: Yours, de: Ihres, fr: Le vôtre, es: El suyo}\n"
    )
    return Wording("test", path)


def test_numbers_are_written_as_the_reader_does(texts: Wording) -> None:
    server = FastAPI()
    server.add_middleware(Spoken)

    @server.get("/")
    def said() -> list[str]:  # runs in another thread, like the routes of the page
        return [texts.counted("turns", 1), texts.counted("turns", 20_000), texts("time", s=1234.56)]

    client = TestClient(server)
    assert client.get("/", headers={"accept-language": "de"}).json() == [
        "1 Beitrag", "20.000 Beiträge", "1.234,6 s",
    ]  # fmt: skip
    assert client.get("/").json() == ["1 turn", "20,000 turns", "1,234.6 s"]
    assert wording.asked_in() == "en"


def test_what_the_browser_is_told(texts: Wording) -> None:
    for _ in range(2):  # the same piece twice is one
        marked = texts.piece("<b>[[yours]]</b> & <i>[[yours]]</i>")
    assert "piece0" in marked and "yours" in texts.label("yours")
    assert texts.of("de") == {"test.yours": "Ihres", "test.piece0": "<b>Ihres</b> & <i>Ihres</i>"}
    with pytest.raises(KeyError):
        texts.label("nobody.wrote.this")
    with pytest.raises(KeyError):
        texts.piece("[[nor.this]]")
