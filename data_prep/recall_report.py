"""The report of a recall test: the forgetting curve, and failures beside successes, for people to read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lstm_models.files import write_atomic, write_text

SHOWN = 20  # replies of each sort
RIGHT, WRONG = ("right", "honest"), ("wrong", "refused", "invented")
_WIDTH = 40
_Results = dict[str, dict[int, dict[str, float]]]


def curve(results: _Results) -> str:
    """The forgetting curve in letters: a bar of recall for each kind of fact and distance."""
    lines = ["recall by turns between telling and asking"]
    for group, by_distance in results.items():
        lines.append(group)
        for turns, rate in by_distance.items():
            bar = "\u2588" * round(_WIDTH * rate["recall"] / 100)
            lines.append(f"  {turns:>5} {bar:<{_WIDTH}} {rate['recall']:5.1f} %")
    return "\n".join(lines)


def write_report(
    folder: Path, model_hash: str, results: _Results, replies: Sequence[Mapping[str, Any]]
) -> list[Path]:
    """Writes report.md and replies.json into a folder, and curve.svg and .png where they can be drawn."""
    from data_prep.recall import table

    paths = [folder / "report.md", folder / "replies.json"]
    failed = [reply for reply in replies if reply["verdict"] in WRONG]
    good = [reply for reply in replies if reply["verdict"] in RIGHT]
    pictures = _draw(folder, results)
    shown = "\n![The forgetting curve](curve.svg)\n" if pictures else f"\n```text\n{curve(results)}\n```\n"
    text = (
        f"# Recall test\n\nModel {model_hash[:16]}: {len(good):,} of {len(replies):,} replies right.\n\n"
        f"{table(results)}\n{shown}\n## {SHOWN} failures\n\n{_listed(failed)}\n"
        f"\n## {SHOWN} successes\n\n{_listed(good)}\n"
    )
    write_text(paths[0], text)
    whole = {"model": model_hash, "results": results, "replies": list(replies)}
    write_text(paths[1], json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return [*paths, *pictures]


def _listed(replies: Sequence[Mapping[str, Any]]) -> str:
    """Replies spread evenly over all, as a table."""
    some = replies[:: max(1, len(replies) // SHOWN)][:SHOWN]
    rows = [
        (reply["question"], reply["reply"], reply["value"] or "never told", reply["verdict"],
         f"{reply['group']}, {reply['turns']} turns")
        for reply in some
    ]  # fmt: skip
    lines = ["| question | reply | wanted | verdict | kind |", "| --- | --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) if rows else "None."


def _draw(folder: Path, results: _Results) -> list[Path]:
    """The curve as SVG and PNG; nothing where the extra that draws is not installed."""
    try:
        import vl_convert
    except ImportError:
        return []
    import altair as alt

    rows = [
        {"facts": group, "turns": turns, "recall": rate["recall"]}
        for group, by_distance in results.items()
        for turns, rate in by_distance.items()
    ]
    chart = (
        alt.Chart(alt.Data(values=rows), width=560, height=320)
        .mark_line(point=True)
        .encode(
            x=alt.X("turns:Q", scale=alt.Scale(type="symlog"), title="turns between telling and asking"),
            y=alt.Y("recall:Q", scale=alt.Scale(domain=[0, 100]), title="recall, %"),
            color=alt.Color("facts:N", title="facts"),
        )
        .properties(title="Forgetting curve")
    )
    spec = chart.to_json()
    paths = [folder / "curve.svg", folder / "curve.png"]
    write_text(paths[0], vl_convert.vegalite_to_svg(spec))
    write_atomic(paths[1], vl_convert.vegalite_to_png(spec, scale=2))
    return paths
