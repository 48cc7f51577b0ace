"""Pictures as files: GET /lab/pictures/NAME.zip gives every picture of a finding as SVG, PNG and Parquet.

A name is made up by the server, cannot be guessed and is told only to the page that the finding was made for.
The newest findings are kept, in memory; the files are made when they are asked for.
"""

from __future__ import annotations

import importlib.util
import io
import secrets
import tempfile
import threading
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response

from lab.texts import TEXTS

if TYPE_CHECKING:
    from lab.finding import Finding

ROUTE = "/lab/pictures/"
MOST_KEPT = 64  # findings of all pages together; each holds what was drawn, some 100 kB
GONE = "these pictures are no longer kept: run it again, then download them\n"
NEEDED = ("vl_convert", "pyarrow")

_kept: OrderedDict[str, Finding] = OrderedDict()
_lock = threading.Lock()


def link(finding: Finding) -> str:
    """The link to a finding's pictures, as HTML; where the packages for it are missing, what to install."""
    if not finding.pictures and not finding.tables:
        return ""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        return f'<p class="hint">{TEXTS("save.missing")}</p>'
    name = secrets.token_urlsafe(24)
    with _lock:
        _kept[name] = finding
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return f'<p><a class="file" href="{ROUTE}{name}.zip" download>{TEXTS("save")}</a></p>'


def packed(finding: Finding) -> bytes:
    """All files of a finding in one archive."""
    from lab.charts import save

    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for path in save(finding, Path(folder)):
            file.write(path, path.name)
    return buffer.getvalue()


def add_routes(server: FastAPI) -> None:
    """The route above; 404 for a name that nobody was told, or whose finding has left."""

    @server.get(ROUTE + "{name}.zip")
    def pictures(name: str) -> Response:
        with _lock:
            finding = _kept.get(name)
        if finding is None:
            return PlainTextResponse(GONE, 404)
        headers = {
            "content-disposition": "attachment; filename=longshort-pictures.zip",
            "cache-control": "no-store",
        }
        return Response(packed(finding), media_type="application/zip", headers=headers)
