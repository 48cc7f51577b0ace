"""Word documents (python-docx) and gettext catalogues (polib)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from translate.documents.base import Document, decoded, line_end
from translate.documents.paragraphs import WORD, Paragraph

# A .docx is a zip archive: what it unpacks to is checked before anything is unpacked.
LARGEST_UNPACKED, LARGEST_RATIO, MOST_PARTS = 200 * 2**20, 200, 5000


class Docx(Document):
    """Paragraphs of the text, tables, text boxes, headers, footers and notes; see `Paragraph` for formats."""

    def __init__(self, data: bytes, name: str) -> None:
        import docx
        from docx.opc.constants import CONTENT_TYPE
        from docx.opc.part import PartFactory, XmlPart

        _check_archive(data, name)
        for kind in (CONTENT_TYPE.WML_FOOTNOTES, CONTENT_TYPE.WML_ENDNOTES):
            PartFactory.part_type_for[kind] = XmlPart  # else python-docx copies notes unread
        try:
            self._document = docx.Document(io.BytesIO(data))
        except Exception as error:  # python-docx raises many kinds for a file that is not one
            raise ValueError(f"{name} is no whole Word document ({error}): open and save it again") from error
        paragraphs = map(Paragraph, _paragraphs(self._document.part))
        self._paragraphs = [paragraph for paragraph in paragraphs if paragraph.text]
        self.units = [paragraph.text for paragraph in self._paragraphs]

    def render(self, translations: Sequence[str]) -> bytes:
        """The document; every format is where its words went."""
        for paragraph, translation in zip(self._paragraphs, translations, strict=True):
            paragraph.write(translation)
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()


def _paragraphs(main: Any) -> Iterator[Any]:
    """Every w:p of the text, then of headers and footers (of first and even pages, too) and of notes."""
    from docx.opc.constants import RELATIONSHIP_TYPE as KIND

    kinds = (KIND.HEADER, KIND.FOOTER, KIND.FOOTNOTES, KIND.ENDNOTES)
    others = [relation.target_part for relation in main.rels.values() if relation.reltype in kinds]
    for part in dict.fromkeys([main, *others]):
        yield from part.element.iter(WORD + "p")


def _check_archive(data: bytes, name: str) -> None:
    """Refuses what is no archive, would fill the memory when unpacked, or defines XML entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if (
                len(parts) > MOST_PARTS
                or size > LARGEST_UNPACKED
                or size > LARGEST_RATIO * max(len(data), 2**14)
            ):
                raise ValueError(
                    f"{name} unpacks to {size / 2**20:.0f} MB in {len(parts)} parts: up to "
                    f"{LARGEST_UNPACKED // 2**20} MB and {LARGEST_RATIO} times the file are read"
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(4096):
                            raise ValueError(
                                f"{name}: {part.filename} defines XML entities, which is refused"
                            )
    except zipfile.BadZipFile as error:
        raise ValueError(f"{name} is no whole Word document ({error}): open and save it again") from error


class Catalogue(Document):
    """A gettext .po file: entries without a translation get one; what people translated stays."""

    def __init__(self, data: bytes, name: str) -> None:
        import polib

        text, _ = decoded(data, name)
        self._text = text
        try:
            self._file = polib.pofile(text) if "msgid" in text else _no_catalogue(name)
        except (OSError, ValueError) as error:
            raise ValueError(f"{name} is no gettext catalogue ({error}): mend it with msgfmt -c") from error
        self.units = []
        self._places: list[tuple[Any, int | None]] = []
        for entry in self._file:
            if entry.obsolete or not entry.msgid.strip():
                continue
            if entry.msgid_plural:
                for form, written in sorted(entry.msgstr_plural.items()):
                    if not written:
                        self._add(entry, form, entry.msgid if form == 0 else entry.msgid_plural)
            elif not entry.msgstr:
                self._add(entry, None, entry.msgid)

    def _add(self, entry: Any, form: int | None, text: str) -> None:
        self.units.append(text)
        self._places.append((entry, form))

    def render(self, translations: Sequence[str]) -> bytes:
        """The catalogue, with the line ends and the comments around it that polib does not keep."""
        for (entry, form), translation in zip(self._places, translations, strict=True):
            if form is None:
                entry.msgstr = translation
            else:
                entry.msgstr_plural[form] = translation
        made = str(self._file)
        if not self._text.startswith("#"):
            made = made.removeprefix("#\n")
        made = "\n\n".join([made.strip("\n"), *_last_comment(self._text)]) + "\n"
        return made.replace("\n", line_end(self._text)).encode()


def _last_comment(text: str) -> list[str]:
    """What stands after the last entry, if anything does."""
    lines = text.splitlines()
    entries = (n for n, line in enumerate(lines, 1) if line.lstrip().startswith(("msg", '"', "#~")))
    comment = "\n".join(lines[max(entries, default=0) :]).strip()
    return [comment] if comment else []


def _no_catalogue(name: str) -> Any:
    raise ValueError(f"{name} has no msgid")
