"""Pictures drawn with Altair: hover reads the numbers, the page needs no network, files are SVG or PNG.

A heat map of many cells is cut to LARGEST; the array that it came from is always whole. Files have one size;
on the page a picture is as wide as its place, or can be scrolled where its cells would get too small.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, Literal

import altair as alt
import pandas as pd

from lab.finding import Finding, Picture

alt.data_transformers.disable_max_rows()

LARGEST = 6000  # cells, bars or points in one picture
WIDTH, HEIGHT = 560, 260
FEW = 12  # places along an axis that are shown one by one
MANY = 60  # rows or columns of a heat map that are labelled one by one
LEVEL = 40  # letters along an axis that fit side by side on a phone
TITLE = 38  # letters of a title's line that do, beside the menu
FILM = 48  # pixels a side of one picture of a film
# From least to most: turned round for the dark, the least is near the page's own colour there, too.
SHADES = ["#f1f8f7", "#6fbfb5", "#0b4f49"]
# Told apart on white paper and, turned round, in the dark, where the usual ones fall to 1.6 to 1.
COLOURS = [
    "#1f6fb2",
    "#c2570c",
    "#2e7d32",
    "#c9304e",
    "#8e4ec6",
    "#0e7c86",
    "#7a5c1e",
    "#a83a8f",
    "#5f6368",
    "#6b7a10",
]
LABEL = 18  # letters of a legend's entry that leave room for a second column there
_MENU = {"actions": {"export": True, "source": False, "compiled": False, "editor": False}, "renderer": "svg"}


def draw(picture: Picture, on_page: bool = False) -> alt.Chart:
    """The chart of one picture, of a fixed size or, on the page, as wide as its place where its kind can be.

    Raises: ValueError where it is too large to be drawn.
    """
    if picture.array.size > LARGEST:
        raise ValueError(
            f"{picture.title}: {picture.array.size:,} values, {LARGEST:,} are drawn at most: select fewer"
        )
    frame = _frame(picture)
    draw_kind = {"line": _line, "bar": _bar, "heat": _heat, "points": _points, "frames": _frames}
    title = alt.Title(textwrap.wrap(picture.title, TITLE), anchor="start")
    chart = draw_kind[picture.kind](picture, frame).properties(title=title)
    if on_page and picture.kind in ("line", "bar", "points") and not picture.down:
        chart = chart.properties(width="container")
    return chart.properties(usermeta={"embedOptions": _MENU})


def save(finding: Finding, folder: Path) -> list[Path]:
    """Every picture as SVG, PNG and Parquet, every table as Parquet. Needs the extra [lab]."""
    import vl_convert as vlc

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, picture in enumerate(finding.pictures, 1):
        stem, spec = folder / f"{number:02d}-{slug(picture.title)}", draw(picture).to_dict()
        stem.with_suffix(".svg").write_text(vlc.vegalite_to_svg(spec), encoding="utf-8")
        stem.with_suffix(".png").write_bytes(vlc.vegalite_to_png(spec, scale=2))
        _frame(picture).to_parquet(stem.with_suffix(".parquet"))
        written += [stem.with_suffix(end) for end in (".svg", ".png", ".parquet")]
    for number, table in enumerate(finding.tables, 1):
        path = folder / f"table-{number:02d}-{slug(table.title)}.parquet"
        table.rows.to_parquet(path)
        written.append(path)
    return written


def slug(title: str) -> str:
    """A title as a file's name."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())[:60]


def _frame(picture: Picture) -> pd.DataFrame:
    return picture.array.to_dataframe(name="value").reset_index()


def _number(picture: Picture) -> bool:
    return bool(picture.array[picture.x].dtype.kind in "iuf")


def _x(picture: Picture) -> alt.X:
    few = picture.array.sizes[picture.x] <= FEW
    if _number(picture) and picture.kind != "bar" and not few:
        return alt.X(f"{picture.x}:Q", title=picture.x)
    level = few and sum(len(str(place)) for place in picture.array[picture.x].values) <= LEVEL
    overlap = _crowded(picture.array.sizes[picture.x], 20)
    axis = alt.Axis(labelAngle=0 if level else -60, labelLimit=WIDTH // 5, labelOverlap=overlap)
    return alt.X(f"{picture.x}:O", sort=None, title=picture.x, axis=axis)


def _crowded(labels: int, most: int = MANY) -> Literal["greedy", False]:
    """Of many labels some are left out rather than written over each other."""
    return "greedy" if labels > most else False


def _value(picture: Picture) -> alt.Y:
    scale = alt.Scale(type="log") if picture.log else alt.Scale(zero=picture.kind == "bar")
    return alt.Y("value:Q", scale=scale, title=str(picture.array.name or "value"))


def _tips(picture: Picture) -> list[str]:
    return [f"{name}" for name in (picture.down, picture.y, picture.x) if name] + ["value:Q"]


def _colour(picture: Picture) -> dict[str, Any]:
    if not picture.y:
        return {}
    longest = max(len(str(name)) for name in picture.array[picture.y].values)
    # Beside the picture, it would take a phone's width.
    legend = alt.Legend(orient="bottom", columns=2 if longest <= LABEL else 1, labelLimit=240)
    scale = alt.Scale(range=COLOURS)
    return {"color": alt.Color(f"{picture.y}:N", sort=None, title=None, legend=legend, scale=scale)}


def _rows(picture: Picture, chart: alt.Chart) -> alt.Chart:
    if not picture.down:
        return chart
    return chart.encode(row=alt.Row(f"{picture.down}:N", sort=None, title=None))


def _line(picture: Picture, frame: pd.DataFrame) -> alt.Chart:
    few = picture.array.sizes[picture.x] <= 40
    chart = alt.Chart(frame).mark_line(point=few, clip=True, color=COLOURS[0])
    chart = chart.encode(x=_x(picture), y=_value(picture), tooltip=_tips(picture), **_colour(picture))
    return _rows(picture, chart.properties(width=WIDTH, height=HEIGHT if not picture.down else 90))


def _bar(picture: Picture, frame: pd.DataFrame) -> alt.Chart:
    beside = {"xOffset": alt.XOffset(f"{picture.y}:N", sort=None)} if picture.y else {}
    chart = alt.Chart(frame).mark_bar(color=COLOURS[0])
    chart = chart.encode(
        x=_x(picture), y=_value(picture), tooltip=_tips(picture), **beside, **_colour(picture)
    )
    return _rows(picture, chart.properties(width=WIDTH, height=HEIGHT if not picture.down else 90))


def _points(picture: Picture, frame: pd.DataFrame) -> alt.Chart:
    chart = alt.Chart(frame).mark_circle(size=40, opacity=0.9, color=COLOURS[0])
    chart = chart.encode(x=_x(picture), y=_value(picture), tooltip=_tips(picture), **_colour(picture))
    return _rows(picture, chart.properties(width=WIDTH, height=HEIGHT))


def _heat(picture: Picture, frame: pd.DataFrame) -> alt.Chart:
    scale: Any = alt.Scale(range=SHADES)
    if picture.middle is not None:
        reach = float(abs(picture.array - picture.middle).max()) or 1.0
        scale = alt.Scale(
            scheme="blueorange", domain=[picture.middle - reach, picture.middle + reach], reverse=False
        )
    columns, rows = picture.array.sizes[picture.x], picture.array.sizes[picture.y]
    side = max(7, min(24, WIDTH // max(1, columns), 420 // max(1, rows)))
    # Where there are few, each gets the room that its label needs; then one has to scroll.
    wide, high = (max(side, 11) if few <= MANY else side for few in (columns, rows))
    across = alt.Axis(labelAngle=-60, labelLimit=90, labelOverlap=_crowded(columns))
    # Beside the picture, a phone shows it only to who scrolls there.
    legend = alt.Legend(orient="bottom", gradientLength=160)
    downwards = alt.Axis(labelLimit=110, labelOverlap=_crowded(rows))
    chart = (
        alt.Chart(frame)
        .mark_rect()
        .encode(
            x=alt.X(f"{picture.x}:O", sort=None, axis=across),
            y=alt.Y(f"{picture.y}:O", sort=None, axis=downwards),
            color=alt.Color("value:Q", scale=scale, title=str(picture.array.name or "value"), legend=legend),
            tooltip=_tips(picture),
        )
    )
    return _rows(picture, chart.properties(width=alt.Step(wide), height=alt.Step(high)))


def _frames(picture: Picture, frame: pd.DataFrame) -> alt.Chart:
    """Small grey pictures side by side (axis `time`), a row for each entry of `down`, its name above it."""
    times, rows = picture.array["time"].values.tolist(), picture.array[picture.down].values.tolist()
    wide, high = picture.array.sizes[picture.x] + 1, picture.array.sizes[picture.y]  # + 1: a gap
    place = frame["time"].map(times.index) * wide + frame[picture.x].rank(method="dense") - 1
    line = frame[picture.y].rank(method="dense") - 1
    frame = frame.assign(left=place, right=place + 1, top=line, bottom=line + 1)
    across = alt.Axis(
        values=[number * wide + (wide - 1) / 2 for number in range(len(times))],
        labelExpr=f"{times}[floor(datum.value / {wide})]",
        labelFontSize=13,
        ticks=False,
        domain=False,
        grid=False,
        title=None,
    )
    # Beside its row, turned, a name would run into the next one.
    named = alt.Header(labelOrient="top", labelAngle=0, labelAnchor="start", labelFontSize=14)
    grey = alt.Scale(scheme="greys", domain=[0, 1], clamp=True)
    chart = alt.Chart(frame).mark_rect()
    chart = chart.encode(
        x=alt.X("left:Q", axis=across, scale=alt.Scale(domain=[0, len(times) * wide - 1], nice=False)),
        x2="right:Q",
        y=alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[high, 0], nice=False)),
        y2="bottom:Q",
        color=alt.Color("value:Q", scale=grey, legend=None),
        row=alt.Row(f"{picture.down}:N", sort=rows, title=None, header=named),
        tooltip=["time", "value:Q"],
    )
    return chart.properties(width=FILM * len(times), height=FILM).configure_facet(spacing=8)
