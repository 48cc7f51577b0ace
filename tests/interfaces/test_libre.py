"""LibreTranslate's clients work unmodified: its own Python package, forms, JSON, lists, HTML, files, keys."""

import io
import json
import urllib.error
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from libretranslatepy import LibreTranslateAPI

from interfaces.keys import Keys
from interfaces.libre_files import Shelf, file_name
from interfaces.refusing import Refusal
from translate.documents import FORMATS

HTTP = httpx.Client(timeout=60)  # one for all: each would read the certificates anew
JSON = {"content-type": "application/json"}


def post(server: str, path: str, **values: Any) -> httpx.Response:
    return HTTP.post(server + path, json=values)


def problem(answer: httpx.Response, status: int, *words: str) -> None:
    """LibreTranslate's form of an error."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert list(said) == ["error"] and all(word in said["error"] for word in words), said


def test_the_python_package_of_libretranslate(server: str) -> None:
    client = LibreTranslateAPI(server)
    assert client.translate("Where is the door?", "en", "de").strip()
    assert client.translate("Grüße, wo ist die Tür? & 100 %", "auto", "en").strip()
    (found,) = client.detect("Guten Morgen, wie geht es dir heute?")
    assert found["language"] == "de" and 50 < found["confidence"] <= 100
    languages = {one["code"]: one for one in client.languages()}
    assert languages["de"] == {"code": "de", "name": "German", "targets": ["de", "en"]}
    assert languages["en"]["targets"] == ["de", "en", "es", "fr"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        client.translate("Hello.", "en", "it")
    assert refused.value.code == 400 and "it is not supported" in json.loads(refused.value.read())["error"]


def test_a_text_and_a_list(server: str) -> None:
    one = post(server, "/translate", q="Where is Ada?", source="en", target="de").json()
    assert list(one) == ["translatedText"] and isinstance(one["translatedText"], str)
    many = post(server, "/translate", q=["Where is Ada?", "", "42"], source="en", target="de").json()
    assert many["translatedText"] == [one["translatedText"], "", "42"]


def test_a_language_that_is_to_be_detected(server: str) -> None:
    one = post(server, "/translate", q="Wo ist die Tür?", source="auto", target="en").json()
    assert one["detectedLanguage"]["language"] == "de"
    two = ["Wo ist die Tür?", "Where is it?"]
    many = post(server, "/translate", q=two, source="auto", target="en").json()
    assert [found["language"] for found in many["detectedLanguage"]] == ["de", "en"]
    assert many["translatedText"][1] == "Where is it?"
    assert post(server, "/detect", q="12 + 3").json() == [{"confidence": 0.0, "language": "en"}]


def test_a_text_that_is_not_offered_is_named_as_the_client_knows_it(server: str) -> None:
    german, english = (
        "Das Wetter ist heute sehr schön, und wir gehen spazieren.",
        "Where is the door, please?",
    )
    values: dict[str, Any] = {"source": "auto", "target": "fr"}
    for form, before in (("text", 60), ("html", 1)):
        answer = post(server, "/translate", q=[english] * before + [german], format=form, **values)
        problem(answer, 400, f"q[{before}] seems to be German")
        answer = post(server, "/translate", q=german, format=form, **values)
        problem(answer, 400, "the text seems to be German", "translate into English first")
        assert "target=" not in answer.text
    problem(upload(server, "a.txt", german.encode(), **values), 400, "a.txt seems to be German")


def test_html_keeps_its_tags_and_nothing_in_it_runs(server: str) -> None:
    text = '<p class="a">Where is the door?</p><script>alert("Where is the door?")</script>'
    answer = post(server, "/translate", q=text, source="en", target="de", format="html")
    said = answer.json()["translatedText"]
    assert said.startswith('<p class="a">') and said.endswith('<script>alert("Where is the door?")</script>')
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = post(server, "/translate", q=[text], source="auto", target="de", format="html").json()
    assert again["translatedText"] == [said] and again["detectedLanguage"][0]["language"] == "en"


def test_forms_and_queries_are_read_as_json_is(server: str) -> None:
    values = {"q": "Where is Ada?", "source": "en", "target": "de"}
    wanted = post(server, "/translate", **values).json()
    assert HTTP.post(server + "/translate", data=values).json() == wanted
    assert HTTP.post(server + "/translate", files={"nothing": (None, "")}, data=values).json() == wanted
    assert HTTP.post(f"{server}/translate?{urlencode(values)}").json() == wanted


def test_a_glossary(server: str) -> None:
    values = {"q": "The door of Ada.", "source": "en", "target": "de", "terms": {"door": "Pforte"}}
    assert "Pforte" in post(server, "/translate", **values, keep=["Ada"]).json()["translatedText"]


def test_what_is_wrong_is_said_in_libretranslates_form(server: str) -> None:
    good = {"q": "Where is Ada?", "source": "en", "target": "de"}
    for name in good:
        left = {key: value for key, value in good.items() if key != name}
        problem(post(server, "/translate", **left), 400, f"missing {name} parameter")
        problem(HTTP.post(server + "/translate", data=left), 400, f"missing {name} parameter")
        problem(post(server, "/translate", **{**good, name: ""}), 400, f"missing {name} parameter")
    problem(post(server, "/translate", **{**good, "format": "pdf"}), 400, "format", "'pdf'", "html")
    problem(post(server, "/translate", **{**good, "q": 5}), 400, "q")
    problem(post(server, "/translate", **{**good, "alternatives": 99}), 400, "99", "5 at most")
    problem(post(server, "/translate", **{**good, "source": "de", "target": "fr"}), 400, "German to French")
    problem(post(server, "/translate", **{**good, "q": "x" * 2001}), 400, "2,001 characters", "2,000 at most")
    problem(post(server, "/translate", **{**good, "q": ["x"] * 257}), 400, "257 texts", "256 at most")
    problem(post(server, "/suggest", q="a", s="b", source="en", target="de"), 403, "disabled")
    problem(HTTP.post(server + "/translate", content=b"[1]", headers=JSON), 400, "object")
    problem(HTTP.post(server + "/translate", content=b"{", headers=JSON), 400, "Invalid JSON")
    problem(HTTP.post(server + "/translate", content=b"\xff\xfe\xff", headers=JSON), 400, "Invalid JSON")
    problem(HTTP.post(server + "/translate", content=b"[" * 9000, headers=JSON), 400, "Invalid JSON")


def test_a_key_that_is_null_is_none(server: str, guarded: str) -> None:
    good = {"q": "Where is Ada?", "source": "en", "target": "de", "api_key": None}
    assert post(server, "/translate", **good).status_code == 200
    assert post(server, "/detect", q="Hi", api_key=None).status_code == 200
    problem(post(guarded, "/translate", **good), 400, "API key is needed")


def test_half_a_character_is_no_fault(server: str) -> None:
    body = b'{"q": "Where \\ud83d is Ada?", "source": "en", "target": "en"}'
    answer = HTTP.post(server + "/translate", content=body, headers=JSON)
    assert answer.json() == {"translatedText": "Where ? is Ada?"}


def test_settings_and_health(server: str) -> None:
    found = HTTP.get(server + "/frontend/settings").json()
    assert found["charLimit"] == 2000 and found["supportedFilesFormat"] == list(FORMATS)
    assert not found["apiKeys"] and not found["keyRequired"] and not found["suggestions"]
    assert HTTP.get(server + "/health").json() == {"status": "ok"}


def upload(server: str, name: str, data: bytes, **values: str) -> httpx.Response:
    values = {"source": "en", "target": "de"} | values
    return HTTP.post(server + "/translate_file", files={"file": (name, io.BytesIO(data))}, data=values)


def test_a_file_goes_there_and_comes_back(server: str) -> None:
    answer = upload(server, "../../Brief an Ada.md", b"# Where is Ada?\n\n```\nkept\n```\n")
    address = answer.json()["translatedFileUrl"]
    assert address.startswith(f"{server}/download_file/")
    fetched = HTTP.get(address)
    assert fetched.text.startswith("# ") and fetched.text.endswith("\n\n```\nkept\n```\n")
    assert fetched.headers["content-disposition"].endswith("''Brief%20an%20Ada.de.md")
    problem(HTTP.get(f"{server}/download_file/{'x' * 43}"), 404, "no such file")


def test_files_that_cannot_be_taken(server: str) -> None:
    problem(upload(server, "a.exe", b"MZ"), 400, "not supported", ".docx")
    problem(upload(server, "a.docx", b"no archive"), 400, "a.docx", "Word")
    problem(upload(server, "a.md", b"Hi.", source="it"), 400, "it is not supported")
    problem(upload(server, "a.md", b"Hi.", target=""), 400, "target")
    problem(upload(server, "a.txt", b"\xff\xfe\xff"), 400, "a.txt")
    problem(HTTP.post(server + "/translate_file", data={"source": "en", "target": "de"}), 400, "file")
    values = {"source": "en", "target": "de", "file": "no file"}
    problem(HTTP.post(server + "/translate_file", data=values), 400, "file")


def test_a_clients_file_name_is_only_ever_a_word() -> None:
    assert file_name("../../etc/passwd") == "passwd"
    assert file_name("C:\\temp\\a\r\nb.md") == "ab.md"
    assert file_name('a"b<c>|d.md') == "abcd.md"
    assert len(file_name("x" * 999 + ".md")) <= 120


def test_results_are_kept_for_a_while_and_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interfaces.libre_files.KEPT_BYTES", 10)
    shelf = Shelf()
    old, new = shelf.put("a", b"1234567"), shelf.put("b", b"1234567")
    assert shelf.get(new).data == b"1234567"
    with pytest.raises(Refusal, match="no such file"):
        shelf.get(old)
    monkeypatch.setattr("interfaces.libre_files.KEPT_SECONDS", -1)
    late = shelf.put("c", b"1")
    with pytest.raises(Refusal, match="no such file"):
        shelf.get(late)


def test_keys_are_asked_for_where_the_server_wants_them(guarded: str, keys: Keys) -> None:
    key = keys.add("libre")
    good = {"q": "Where is Ada?", "source": "en", "target": "de"}
    problem(post(guarded, "/translate", **good), 400, "API key", "longshort keys add")
    problem(post(guarded, "/translate", **good, api_key="ls-wrong"), 403, "Invalid API key")
    problem(post(guarded, "/detect", q="Hi"), 400, "API key")
    problem(upload(guarded, "a.md", b"Hi."), 400, "API key")
    assert post(guarded, "/translate", **good, api_key=key).status_code == 200
    assert upload(guarded, "a.md", b"Hi.", api_key=key).status_code == 200
    assert LibreTranslateAPI(guarded, key).translate("Hello.", "en", "de")
    assert HTTP.get(guarded + "/frontend/settings").json()["keyRequired"]
    keys.remove("libre")
    problem(post(guarded, "/translate", **good, api_key=key), 403, "Invalid API key")
