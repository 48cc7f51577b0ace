"""Whole documents through a translator that shouts: everything but the words is as it was."""

import io
import json
import re
import zipfile

import docx
import pytest

from translate import Translator
from translate.documents import Cancelled, translate_document

MARKDOWN = """---
title: kept
---
# Where is the *station*?

- I would like to buy a **red ticket**, please.
  1. See [the station](http://a.example "x") or `code here`.

> Where is it? I would like
> to buy a ticket, please.

```python
print("kept")
```

| Word | Other |
|------|-------|
| ticket | station |
"""
HTML = """<!DOCTYPE html>
<html><head><title>The station</title><style>p { color: red }</style></head>
<body>
  <p class="a">I would like <b>to buy</b> a ticket &amp; go.</p>
  <script>if (a < b) kept()</script><!-- kept -->
  <pre>kept   kept</pre><p translate="no">Kept.</p>
  <ul><li>Where is it?<li>Here <br> &eacute;</ul>
</body></html>
"""
SUBTITLES = """1
00:00:01,000 --> 00:00:02,500
Where is
the station?

2
00:00:03,000 --> 00:00:04,000
<i>I would like to buy a ticket.</i>
"""


def shouted(translator: Translator, text: str, name: str, **options: object) -> str:
    done = translate_document(translator, text.encode(), name, "en", "de", **options)  # type: ignore[arg-type]
    return done.data.decode()


def test_plain_text(translator: Translator) -> None:
    text = "Where is it?\r\n\r\n  - I would like it.\r\n\tEnd.\r\n\r\n\r\n"
    assert shouted(translator, text, "a.txt") == text.upper()
    marked = translate_document(translator, b"\xef\xbb\xbf" + b"Where?", "a.TXT", "en", "de")
    assert marked.data == b"\xef\xbb\xbfWHERE?"


def test_markdown(translator: Translator) -> None:
    found = shouted(translator, MARKDOWN, "a.md")
    assert found.splitlines()[:4] == ["---", "title: kept", "---", "# WHERE IS THE *STATION*?"]
    assert "- I WOULD LIKE TO BUY A RED TICKET, PLEASE." in found.replace("**", "")
    assert re.search(r"\*\*[A-Z ]+\*\*", found)
    assert '  1. SEE [THE STATION](http://a.example "x") OR `code here`.' in found
    quoted = [line for line in found.splitlines() if line.startswith("> ")]
    assert len(quoted) == 2 and " ".join(line[2:] for line in quoted).startswith("WHERE IS IT? I WOULD")
    assert 'print("kept")' in found and "| TICKET | STATION |" in found and "|------|" in found
    assert len(found.splitlines()) == len(MARKDOWN.splitlines())


def test_html(translator: Translator) -> None:
    found = shouted(translator, HTML, "a.html")
    assert "<title>THE STATION</title><style>p { color: red }</style>" in found
    assert '<p class="a">I WOULD LIKE <b>TO BUY</b> A TICKET &amp; GO.</p>' in found
    assert "<script>if (a < b) kept()</script><!-- kept -->" in found
    assert "<pre>kept   kept</pre>" in found and '<p translate="no">Kept.</p>' in found
    assert "<ul><li>WHERE IS IT?<li>HERE <br>" in found and "É</ul>" in found
    assert found.endswith("\n</body></html>\n")


def test_subtitles(translator: Translator) -> None:
    found = shouted(translator, SUBTITLES, "a.srt")
    assert "<i>I WOULD LIKE TO BUY A TICKET.</i>\n" in found
    assert found.split() == SUBTITLES.upper().replace("I>I", "i>I").replace("</I>", "</i>").split()
    assert len(found.splitlines()) == len(SUBTITLES.splitlines())
    with pytest.raises(ValueError, match="no cue"):
        shouted(translator, "Hello", "a.vtt")


def test_json_strings(translator: Translator) -> None:
    text = '{ "where": "Where is {name}?",\n  "list": ["It \\"is\\" here.", 3, " ", "caf\\u00e9"] }\n'
    found = shouted(translator, text, "a.json")
    assert json.loads(found) == {"where": "WHERE IS {name}?", "list": ['IT "IS" HERE.', 3, " ", "CAFÉ"]}
    assert found.startswith('{ "where": "') and found.endswith("] }\n") and "\\u00c9" in found
    with pytest.raises(ValueError, match="no valid JSON"):
        shouted(translator, "{", "a.json")


def test_catalogue(translator: Translator) -> None:
    text = (
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n#: a.c:1\n#, c-format\n'
        'msgid "Where is %s?"\nmsgstr ""\n\nmsgid "ticket"\nmsgstr "Karte"\n\n'
        'msgid "a ticket"\nmsgid_plural "%d tickets"\nmsgstr[0] ""\nmsgstr[1] ""\n'
    )
    found = shouted(translator, text, "a.po")
    assert 'msgstr "WHERE IS %s?"' in found and 'msgstr "Karte"' in found and "#: a.c:1\n#, c-format" in found
    assert 'msgstr[0] "A TICKET"' in found and 'msgstr[1] "%d TICKETS"' in found
    with pytest.raises(ValueError, match="catalogue"):
        shouted(translator, "hello", "a.po")


def document() -> bytes:
    made = docx.Document()
    made.add_heading("The station", 1)
    paragraph = made.add_paragraph("I would like ")
    paragraph.add_run("to buy").bold = True
    paragraph.add_run(" a ticket.")
    made.add_table(1, 2).cell(0, 1).text = "Where is it?"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_word(translator: Translator) -> None:
    done = translate_document(translator, document(), "a.docx", "en", "de")
    found = docx.Document(io.BytesIO(done.data))
    assert [one.text for one in found.paragraphs] == ["THE STATION", "I WOULD LIKE TO BUY A TICKET."]
    bold = "".join(run.text for run in found.paragraphs[1].runs if run.bold)
    assert bold.strip() and bold in "I WOULD LIKE TO BUY A TICKET."
    assert found.tables[0].cell(0, 1).text == "WHERE IS IT?"


def test_bombs_and_damage_are_refused(translator: Translator) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 30_000_000)
    entities = io.BytesIO()
    with zipfile.ZipFile(entities, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    for data, said in (
        (bomb.getvalue(), "unpacks to"),
        (entities.getvalue(), "entities"),
        (document()[:2000], "no whole Word"),
        (b"hello", "no whole Word"),
    ):
        with pytest.raises(ValueError, match=said):
            translate_document(translator, data, "a.docx", "en", "de")
    for data, name, said in (
        ("Straße".encode("latin-1"), "a.txt", "not UTF-8.*iconv"),
        (b"a\0b", "a.txt", "no text"),
        (b"a", "a.pdf", "formats are .txt"),
        (b"a" * 11_000_000, "a.txt", "split it"),
    ):
        with pytest.raises(ValueError, match=said):
            translate_document(translator, data, name, "en", "de")


def test_progress_and_cancel(translator: Translator) -> None:
    text = "\n\n".join(f"Where is number {number}?" for number in range(120))
    seen: list[tuple[int, int]] = []
    shouted(translator, text, "a.txt", progress=lambda done, all_: seen.append((done, all_)) or True)
    assert seen == [(48, 120), (96, 120), (120, 120)]
    with pytest.raises(Cancelled):
        shouted(translator, text, "a.txt", progress=lambda done, all_: False)


def test_the_language_is_detected_once(translator: Translator) -> None:
    text = "Wo ist der nächste Bahnhof?\n\nok\n\nIch möchte eine Karte kaufen."
    done = translate_document(translator, text.encode(), "a.txt", "auto", "en")
    assert (done.source, done.units) == ("de", 3) and done.data.decode().splitlines()[2] == "OK"
    same = translate_document(translator, text.encode(), "a.txt", "auto", "de")
    assert same.data == text.encode() and same.warnings


def test_one_long_part_can_be_given_up_on_the_way(translator: Translator) -> None:
    text, calls = " ".join(f"It is a good number {number}." for number in range(100)), 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        translate_document(translator, text.encode(), "a.txt", "en", "de", check=check)
