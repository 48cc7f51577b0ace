"""Files to text, text to passages, passages by question; and every file that is none."""

import io
import zlib

import pytest

from chat.documents import LARGEST_FILE, Passage, PassageIndex, passages_of, read_document
from chat.documents.passages import LONGEST_PASSAGE


def pdf(*lines: str, encrypted: bool = False, to_unicode: bytes = b"") -> bytes:
    """A small PDF of one page, written by hand; encrypted with a password by pypdf.

    to_unicode: what the codes of its font mean (a CMap's ranges), where not what they are.
    """
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    if to_unicode:
        meaning = DecodedStreamObject()
        meaning.set_data(b"begincmap " + to_unicode + b" endcmap")
        font[NameObject("/ToUnicode")] = writer._add_object(meaning)
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    shown = " ".join(f"1 0 0 1 20 {280 - 20 * row} Tm ({line}) Tj" for row, line in enumerate(lines))
    stream.set_data(f"BT /F1 12 Tf {shown} ET".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)
    if encrypted:
        writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", "Grüße.\r\nOne line.".encode(), "Grüße.\r\nOne line."),
        ("a.txt", "\ufeffHello".encode(), "Hello"),
        ("a.txt", "Hello".encode("utf-16"), "Hello"),
        ("no-ending", b"Plain words", "Plain words"),
        ("a.md", b"# Title\n\nSome *bold* [link](http://x.y).\n\n- one\n- two", "Title\n\nSome bold link."),
        ("a.html", b"<head><title>t</title></head><p>A &amp; B<script>x()</script><p>C", "A & B\n\nC"),
        ("x", b"<!DOCTYPE html><body><h1>Hi</h1>there</body>", "Hi\nthere"),
        ("a.html", '<meta charset="iso-8859-1"><p>caf\u00e9'.encode("latin-1"), "café"),
        ("a.pdf", pdf("The mill was built in 1823.", "It burned down."), "The mill was built in 1823."),
    ],
)
def test_files_become_text(name: str, data: bytes, expected: str) -> None:
    assert read_document(name, data).startswith(expected)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>Use the <nav> element.</p><p>At nine.", "Use the\nelement.\n\nAt nine."),
        ("<p>Use <style> to color.</p><p>At nine.</p>", "Use to color.\n\nAt nine."),
        ("<p>A <nav> is a menu.<nav>Home</nav><p>At nine.", "A\nis a menu.\n\nAt nine."),
        ("<nav>Home<svg>x</nav>At <b>nine</b>.</svg>", "At nine."),
        (
            "<!DOCTYPE html><html><head><meta charset=utf-8><title>T</title><h1>Hello</h1>Nine.",
            "Hello\nNine.",
        ),
        ("<html><head><title>T</title><style>x</style></head><body>Nine.</body></html>", "Nine."),
    ],
)
def test_only_what_is_closed_hides(page: str, expected: str) -> None:
    assert read_document("a.html", page.encode()) == expected


@pytest.mark.parametrize("tag", ["<nav>", "<style>", "`<nav>`", "<script> and </script>", "<title>"])
def test_a_sentence_about_a_tag_stays_in_markdown(tag: str) -> None:
    text = read_document("a.md", f"Use {tag} for <b>menus</b>.\n\nThe mill opens at nine.".encode())
    assert text == f"Use {tag.strip('`')} for menus.\n\nThe mill opens at nine."


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b"<meta charset=iso-8859-1><p>It\x92s \x93nine\x94", "It’s “nine”"),
        (b"<meta charset=latin1><p>A\x81b", "A\ufffdb"),
        (b"<meta charset=utf-16><p>nine", "nine"),
        ("\ufeff<meta charset=latin1><p>It’s nine".encode(), "It’s nine"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?><html><body>caf\xe9</body></html>', "café"),
        (b"<meta charset=utf-7><p>x +2AA- y", "x \ufffd y"),
    ],
)
def test_declared_encodings_are_read_as_browsers_do(page: bytes, expected: str) -> None:
    assert read_document("a.html", page) == expected


def test_half_a_surrogate_pair_in_a_pdf_is_replaced() -> None:
    halves = b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <D83D> endbfchar"
    assert read_document("a.pdf", pdf("BBB A BBB", to_unicode=halves)) == "BBB \ufffd BBB"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("big.txt", b"a" * (50 * 2**20), "big.txt has 50 MB: up to 20 MB"),
        ("a.bin", bytes(range(256)) * 10, "a.bin is a binary file"),
        ("a.docx", b"PK\x03\x04rest", "an Office file"),
        ("a.txt", "café".encode("latin-1"), "no text in UTF-8 (at byte 3): .* save it as UTF-8"),
        ("a.html", b'<meta charset="klingon"><p>x', "no text in KLINGON"),
        ("a.html", b'<meta charset="undefined"><p>x', "a.html is no text in UNDEFINED"),
        ("a.txt", b"  \n ", "holds no text"),
        ("a.html", b"<script>only()</script>", "holds no text"),
        ("a.txt", b"a " * 1_500_000, "3,000,000|2,999,999 characters"),
        ("a.pdf", pdf("Secret.", encrypted=True), "a.pdf is encrypted: save a copy without a password"),
        ("a.pdf", b"%PDF-1.4 nonsense", "damaged, or no PDF"),
        ("a.pdf", pdf("Words.")[:200], "damaged, or no PDF"),
        ("a.pdf", pdf(), "pictures of pages"),
        ("../../etc/a.bin", zlib.compress(b"x") + b"\x00", "^a.bin is"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")):
        read_document(name, data)
    assert LARGEST_FILE < 50 * 2**20


STORY = """The Old Mill

The mill was built in 1823 by Jonas Webb. The town paid for its great wheel. It burned down in 1901.

A new bridge was opened beside it in 1950. The engineer was called Marta Olsen, and she came from Bergen.
"""


def test_passages_are_whole_sentences_and_keep_their_heading() -> None:
    first, second = passages_of("story", STORY)
    assert first.text.startswith("The Old Mill The mill was built") and first.text.endswith("in 1901.")
    assert second == Passage("story", 1, STORY.split("\n\n")[2].strip())
    assert all(len(part.text) <= LONGEST_PASSAGE for part in passages_of("x", "word " * 1000 + "x" * 2000))


def test_the_passage_with_the_words_is_found() -> None:
    index = PassageIndex(passages_of("story", STORY))
    assert index.search("When was the bridge opened?")[-1].number == 1
    assert index.search("Who built the mills?")[-1].number == 0
    assert index.search("What is quantum physics?") == []
    assert index.search("") == [] and index.search('"; DROP TABLE passages; --') == []


def test_a_short_question_goes_on_from_the_one_before() -> None:
    texts = ["The mill was built by Jonas.", "Anna paid for the church.", "The town paid for the mill wheel."]
    index = PassageIndex([Passage("d", number, text) for number, text in enumerate(texts)])
    assert index.search("And who paid for it?", "Who built the mill? Jonas built the mill.")[-1].number == 2
    assert index.search("And then?", "Who built the mill?")[-1].number in (0, 2)
