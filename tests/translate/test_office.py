"""Word documents and catalogues: what is no word is still there, and all words are translated."""

import io
from collections.abc import Callable
from typing import Any

import docx
from docx.enum.text import WD_BREAK
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from tests.translate.test_documents import shouted
from translate import Translator
from translate.documents import translate_document
from translate.documents.office import Catalogue, Docx

SIGN = '<w:footnoteReference w:id="2"/>'


def word(fill: Callable[[Any], object]) -> bytes:
    """A document that `fill` has written in."""
    made, out = docx.Document(), io.BytesIO()
    fill(made)
    made.save(out)
    return out.getvalue()


def paragraph(inside: str) -> bytes:
    """A document of one paragraph, as XML."""
    element = parse_xml(f"<w:p {nsdecls('w', 'r')}>{inside}</w:p>")
    return word(lambda made: made.element.body.insert(0, element))


def run(text: str, more: str = "") -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t>{more}</w:r>'


def link(inside: str) -> str:
    return f'<w:hyperlink w:anchor="x">{inside}</w:hyperlink>'


def written(data: bytes, *translations: str) -> Any:
    """The body after these translations; without any, after the units themselves."""
    document = Docx(data, "a.docx")
    done = docx.Document(io.BytesIO(document.render(translations or document.units)))
    return done.element.body


def words(body: Any) -> list[str]:
    return [element.text for element in body.iter(qn("w:t")) if element.text]


def order(body: Any) -> list[str]:
    """The words, and the signs of notes."""
    wanted = body.iter(qn("w:t"), qn("w:footnoteReference"))
    return [element.text or "*" for element in wanted if element.text or element.tag != qn("w:t")]


def test_what_shares_a_run_with_words_stays(translator: Translator) -> None:
    def fill(made: Any) -> None:
        one = made.add_paragraph().add_run("Where is it?")
        one.add_break(WD_BREAK.PAGE)
        one._r.append(OxmlElement("w:drawing"))
        one._r.append(OxmlElement("w:footnoteReference"))

    done = translate_document(translator, word(fill), "a.docx", "en", "de")
    body = docx.Document(io.BytesIO(done.data)).element.body
    assert words(body) == ["WHERE IS IT?"] and body.xml.count('w:type="page"') == 1
    assert "<w:drawing" in body.xml and "<w:footnoteReference" in body.xml


def test_a_note_goes_with_its_word() -> None:
    data = paragraph(run("A house", SIGN) + run(" of mine."))
    assert Docx(data, "a.docx").units == ["<1>A house<2/></1><3> of mine.</3>"]
    assert order(written(data)) == ["A house", "*", " of mine."]
    assert order(written(data, "<3>Mein</3> <1>Haus<2/>.</1>")) == ["Mein ", "Haus", "*", "."]
    assert order(written(data, "<1>Mein Haus</1><3> da<2/>.</3>")) == ["Mein Haus", " da", "*", "."]
    assert order(written(data, "Mein Haus")) == ["Mein Haus", "*"], "lost tags lose nothing else"


def test_links_are_part_of_the_sentence(translator: Translator) -> None:
    data = paragraph(run("I would like ") + link(run("to buy")) + run(" a ticket."))
    assert Docx(data, "a.docx").units == ["<1>I would like </1><2>to buy</2><3> a ticket.</3>"]
    body = written(data, "<3>Eine Karte</3> <1>will ich</1> <2>kaufen</2>")
    assert words(body) == ["Eine Karte ", "will ich ", "kaufen"]
    assert [words(one) for one in body.iter(qn("w:hyperlink"))] == [["kaufen"]]
    done = translate_document(translator, data, "a.docx", "en", "de")
    assert docx.Document(io.BytesIO(done.data)).paragraphs[0].text == "I WOULD LIKE TO BUY A TICKET."


def test_a_link_that_would_be_torn_stays_where_it_is() -> None:
    data = paragraph(run("See ") + link(run("the ") + run("manual")) + run(" now."))
    body = written(data, "<2>Das</2> <4>jetzt</4> <3>Handbuch</3> <1>sehen</1>")
    assert "".join(words(body)) == "Das jetzt Handbuch sehen"
    assert [words(one) for one in body.iter(qn("w:hyperlink"))] == [["jetzt ", "Handbuch "]]


def test_fields_move_as_a_whole() -> None:
    signs = {kind: f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")}
    code = "<w:r><w:instrText> PAGEREF x </w:instrText></w:r>"
    field = signs["begin"] + code + signs["separate"] + run("7") + signs["end"]
    data = paragraph(run("On page ") + field + run(" it is."))
    body = written(data, "<3>Es ist auf</3> <2>7</2> <1>Seite</1>")
    wanted = (qn("w:t"), qn("w:instrText"), qn("w:fldChar"))
    found = [element.text or element.get(qn("w:fldCharType")) for element in body.iter(*wanted)]
    assert found == ["Es ist auf ", "begin", " PAGEREF x ", "separate", "7 ", "end", "Seite"]


def test_signs_stay_as_they_are() -> None:
    data = paragraph(run("Er sagt ‹ja›, 1 &lt; 2, &lt;1&gt; und ") + run("geht"))
    assert words(written(data)) == ["Er sagt ‹ja›, 1 < 2, <1> und ", "geht"]
    assert words(written(paragraph(run("&lt;1&gt; und 2")), "<1/> or 2")) == ["<1> or 2"]


def test_insertions_controls_and_every_header_are_read(translator: Translator) -> None:
    def fill(made: Any) -> None:
        body, names = made.element.body, nsdecls("w")
        text = f"<w:ins>{run('inserted')}</w:ins><w:sdt><w:sdtContent>{run(' chosen')}</w:sdtContent></w:sdt>"
        body.insert(0, parse_xml(f"<w:p {names}>{text}</w:p>"))
        block = f"<w:sdtContent><w:p>{run('controlled')}</w:p></w:sdtContent>"
        body.insert(0, parse_xml(f"<w:sdt {names}>{block}</w:sdt>"))
        made.sections[0].first_page_header.paragraphs[0].text = "first"
        made.sections[0].even_page_footer.paragraphs[0].text = "even"
        note = (
            f"<w:footnotes {names}><w:footnote w:id='2'><w:p>{run('noted')}</w:p></w:footnote></w:footnotes>"
        )
        name = PackURI("/word/footnotes.xml")
        part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, note.encode(), made.part.package)
        made.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    done = translate_document(translator, word(fill), "a.docx", "en", "de").data
    units = "".join(sorted(Docx(done, "a.docx").units))
    for said in ("INSERTED", "CHOSEN", "CONTROLLED", "FIRST", "EVEN", "NOTED"):
        assert said in units
    assert docx.Document(io.BytesIO(done)).sections[0].header.is_linked_to_previous, "none is made"


def test_a_catalogue_keeps_its_line_ends_and_comments(translator: Translator) -> None:
    text = 'msgid "ticket"\nmsgstr ""\n\n#~ msgid "old"\n#~ msgstr "alt"\n\n# The end.\n'
    wanted = text.replace('msgstr ""', 'msgstr "TICKET"')
    head = 'msgid ""\nmsgstr "Language: de\\n"\n\n'
    for end in ("\n", "\r\n"):
        for first in ("", head, "#\n" + head, "# Ada\n#\n" + head):
            found = shouted(translator, (first + text).replace("\n", end), "a.po")
            assert found.endswith(wanted.replace("\n", end)) and found.startswith(
                first[:4].replace("\n", end)
            )
            assert found.count("#") == (first + text).count("#")
    assert Catalogue(text.encode(), "a.po").units == ["ticket"]
