"""A file's bytes to plain text: text, Markdown, HTML, PDF. What cannot be read is said, with the remedy."""

from __future__ import annotations

import codecs
import io
import re
from pathlib import PurePath

from chat.documents.markup import html_text, markdown_text

LARGEST_FILE = 20 * 2**20  # bytes
LONGEST_TEXT = 2_000_000  # characters: about a thousand pages
MOST_PAGES = 1000
KINDS = "text, Markdown, HTML or PDF"
_ARCHIVES = {
    b"PK\x03\x04": "a ZIP archive or an Office file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a compressed file",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
}
_MARKDOWN, _HTML = (".md", ".markdown"), (".html", ".htm", ".xhtml")
_CHARSET = re.compile(
    rb"""(?:<meta[^>]{0,200}charset|<\?xml[^>]{0,200}encoding)=["']?([\w-]{2,30})""", re.IGNORECASE
)
# What pages mean by the encodings they declare (encoding.spec.whatwg.org); Python knows these by their names.
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254"} | dict.fromkeys(
    ("utf-16", "utf-16-le", "utf-16-be"), "utf-8"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def read_document(name: str, data: bytes) -> str:
    """The text of a file. Raises ValueError, naming the file, where there is none that can be read."""
    name = PurePath(name.replace("\\", "/")).name[:200] or "the file"
    if len(data) > LARGEST_FILE:
        raise ValueError(
            f"{name} has {len(data) / 2**20:.0f} MB: up to {LARGEST_FILE >> 20} MB can be read; "
            "take the part that matters"
        )
    ending = PurePath(name).suffix.lower()
    if data[:1024].lstrip().startswith(b"%PDF") or ending == ".pdf":
        text = _pdf_text(name, data)
    else:
        text = _decoded(name, data, ending)
        start = text[:200].lstrip().lower()
        if ending in _HTML or start.startswith(("<!doctype html", "<html")):
            text = html_text(text)
        elif ending in _MARKDOWN:
            text = markdown_text(text)
    text = _CONTROL.sub("", _whole_characters(text)).strip()
    if not text:
        raise ValueError(f"{name} holds no text that can be read: give {KINDS} with words in it")
    if len(text) > LONGEST_TEXT:
        raise ValueError(
            f"{name} has {len(text):,} characters: up to {LONGEST_TEXT:,} can be read; "
            "take the part that matters"
        )
    return text


def _decoded(name: str, data: bytes, ending: str) -> str:
    for sign, what in _ARCHIVES.items():
        if data.startswith(sign):
            raise ValueError(f"{name} is {what}, not {KINDS}: save it as one of these")
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\x00" in data[:65536]:
        raise ValueError(f"{name} is a binary file, not {KINDS}")
    elif ending in _HTML and not data.startswith(codecs.BOM_UTF8):
        encoding = _declared(data) or encoding
    try:
        # A few bytes mean nothing in these two: one of them must not refuse a page.
        return data.decode(encoding, "replace" if encoding in ("cp1252", "cp1254") else "strict")
    except (UnicodeError, LookupError) as error:
        where = f" (at byte {error.start:,})" if isinstance(error, UnicodeDecodeError) else ""
        raise ValueError(
            f"{name} is no text in {encoding.removesuffix('-sig').upper()}{where}: if it is text in another "
            "encoding, save it as UTF-8"
        ) from error


def _declared(page: bytes) -> str:
    """What a page means by the encoding that it declares; nothing where it declares none."""
    found = _CHARSET.search(page[:4096])
    name = found[1].decode("ascii") if found else ""
    try:
        name = codecs.lookup(name).name
    except LookupError:  # refused by its name where it is to be read
        return name
    return _MEANT.get(name, name)


def _whole_characters(text: str) -> str:
    """Halves of surrogate pairs joined; one without its other half, which nothing can store, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _pdf_text(name: str, data: bytes) -> str:
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError(f"{name} is encrypted: save a copy without a password")
        if len(reader.pages) > MOST_PAGES:
            raise ValueError(f"{name} has {len(reader.pages):,} pages: up to {MOST_PAGES:,} can be read")
        text = "\n\n".join(page.extract_text() for page in reader.pages)
    except ValueError as error:
        if str(error).startswith(name):
            raise
        raise _damaged(name, error) from error
    except ImportError as error:  # the reader's word for an encryption that it cannot undo
        raise ValueError(f"{name} is encrypted: save a copy without a password") from error
    except Exception as error:  # a broken file can break the reader anywhere
        raise _damaged(name, error) from error
    if not text.strip():
        raise ValueError(f"{name} holds pictures of pages, no text: recognise its text first (OCR)")
    return re.sub(r"(\w)-\n(\w)", r"\1\2", text)  # words cut at the end of a line


def _damaged(name: str, error: Exception) -> ValueError:
    if "encrypt" in str(error).lower() or "decrypt" in str(error).lower():
        return ValueError(f"{name} is encrypted: save a copy without a password")
    return ValueError(f"{name} is damaged, or no PDF: take another copy ({type(error).__name__})")
