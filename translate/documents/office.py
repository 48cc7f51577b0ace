"""Word documents (python-docx) and gettext catalogues (polib)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from translate.documents.base import Document, decoded
from translate.documents.tagged import Tags

# A .docx is a zip archive: what it unpacks to is checked before anything is unpacked.
LARGEST_UNPACKED, LARGEST_RATIO, MOST_PARTS = 200 * 2**20, 200, 5000


class Docx(Document):
    """Paragraphs of the text, tables, headers and footers; runs of one format are inline markup."""

    def __init__(self, data: bytes, name: str) -> None:
        import docx

        _check_archive(data, name)
        try:
            self._document = docx.Document(io.BytesIO(data))
        except Exception as error:  # python-docx raises many kinds for a file that is not one
            raise ValueError(f"{name} is no whole Word document ({error}): open and save it again") from error
        self.units = []
        self._places: list[tuple[list[Any], Tags]] = []
        for paragraph in _paragraphs(self._document):
            runs = [run for run in paragraph.runs if run.text]
            if not "".join(run.text for run in runs).strip():
                continue
            tags, parts = Tags(), []
            for run in runs:
                inside = run.text.replace("<", "‹").replace(">", "›") if len(runs) > 1 else run.text
                parts.append(tags.pair("", inside, "") if len(runs) > 1 else inside)
            self.units.append("".join(parts))
            self._places.append((runs, tags))

    def render(self, translations: Sequence[str]) -> bytes:
        """The document; every format is where its words went."""
        import re

        for (runs, tags), unit, translation in zip(self._places, self.units, translations, strict=True):
            if len(runs) == 1:
                runs[0].text = translation
                continue
            parts = re.split(r"<(\d+)>(.*?)</\1>", translation, flags=re.DOTALL)
            numbers = [int(number) for number in parts[1::3]]
            if sorted(numbers) != list(range(1, len(runs) + 1)):
                plain = re.sub(r"</?\d+/?>", "", tags.restore(unit, translation))
                texts = [plain] + [""] * (len(runs) - 1)
                order = list(range(len(runs)))
            else:
                # What stands between two runs goes with the one before it.
                texts = [parts[2 + 3 * i] + parts[3 + 3 * i] for i in range(len(numbers))]
                texts[0] = parts[0] + texts[0]
                order = [number - 1 for number in numbers]
            _write(runs, order, texts)
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()


def _write(runs: list[Any], order: list[int], texts: list[str]) -> None:
    """Puts the runs into a new order, with new texts."""
    import re

    elements = [run._element for run in runs]
    same_parent = len({element.getparent() for element in elements}) == 1
    if not same_parent:  # a link holds a run of its own: then the formats keep their places
        order = sorted(order)
    for place, text in zip(order, texts, strict=True):
        runs[place].text = re.sub(r"</?\d+/?>", "", text).replace("‹", "<").replace("›", ">")
    if same_parent and order != sorted(order):
        parent = elements[0].getparent()
        at = parent.index(elements[0])
        for number, place in enumerate(order):
            parent.remove(elements[place])
            parent.insert(at + number, elements[place])


def _paragraphs(document: Any) -> Iterator[Any]:
    """Every paragraph once, those in tables, headers and footers too."""
    seen: set[Any] = set()  # the elements themselves: an id may come again
    places = [document]
    for section in document.sections:
        places += [section.header, section.footer]
    while places:
        place = places.pop(0)
        for paragraph in place.paragraphs:
            if paragraph._p not in seen:
                seen.add(paragraph._p)
                yield paragraph
        for table in place.tables:
            cells = {cell._tc: cell for row in table.rows for cell in row.cells}
            places += list(cells.values())


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
        """The catalogue."""
        for (entry, form), translation in zip(self._places, translations, strict=True):
            if form is None:
                entry.msgstr = translation
            else:
                entry.msgstr_plural[form] = translation
        return (str(self._file).rstrip("\n") + "\n").encode()


def _no_catalogue(name: str) -> Any:
    raise ValueError(f"{name} has no msgid")
