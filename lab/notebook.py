"""A finding in a notebook: sentences, checks, tables as HTML, pictures as SVG in it: nothing is fetched."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.finding import Finding


def as_html(finding: Finding) -> str:
    """What a notebook shows of a finding, complete in itself; its numbers are in `finding.arrays()`."""
    import vl_convert as vlc

    from lab.charts import draw

    parts = [f"<p>{html.escape(sentence)}</p>" for sentence in finding.says]
    parts += [
        f"<p>{'✓' if check.holds else '✗'} {html.escape(check.what)} ({html.escape(check.measured)})</p>"
        for check in finding.checks
    ]
    for picture in finding.pictures:
        # As a file inside the page, for names inside one picture must not meet those of another.
        drawn = base64.b64encode(vlc.vegalite_to_svg(draw(picture).to_dict()).encode()).decode()
        title = html.escape(picture.title, quote=True)
        parts.append(f'<p><img alt="{title}" src="data:image/svg+xml;base64,{drawn}"></p>')
    for table in finding.tables:
        rows = table.rows.to_html(index=False, border=0, escape=True)
        parts.append(f"<details><summary>{html.escape(table.title)}</summary>{rows}</details>")
    return "".join(parts)
