"""Whether confidence means what it says: reliability curves on validation pairs, by direction.

python -m benchmarks.confidence --corpora DIR --picture docs/images/confidence.svg

Half of the pairs are judged by weights fitted on the other half. What counts as right stands in
data_prep/calibration.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import altair as alt
import pandas as pd

from data_prep.calibration import Forecasts, held_out, outcomes_of, validation_records
from translate import Translator
from translate.translator import PRETRAINED


def main() -> None:
    """Translate, judge, print the table, draw the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--limit", type=int, default=1000, help="pairs of each direction")
    parser.add_argument("--picture", type=Path, help="an .svg to write")
    options = parser.parse_args()
    records = validation_records(options.model, (), options.corpora, options.limit)
    found = outcomes_of(Translator.load(options.model), records)
    parts = {direction: held_out(outcomes) for direction, outcomes in found.items()}
    every = {
        kind: Forecasts.joined([part[number] for part in parts.values()])
        for number, kind in enumerate(("words", "sentences"))
    }
    print(f"{'':8} {'words':>8} {'error':>7} {'sentences':>10} {'error':>7}")
    for name, (words, sentences) in {**parts, "all": (every["words"], every["sentences"])}.items():
        counts = len(words.outcome), len(sentences.outcome)
        print(f"{name:8} {counts[0]:8,} {words.error:7.3f} {counts[1]:10,} {sentences.error:7.3f}")
    for kind, forecasts in every.items():
        curve = ", ".join(f"{sure:.2f} {right:.2f} ({size})" for sure, right, size in forecasts.curve())
        print(f"{kind}, confidence and share right (how many): {curve}")
    if options.picture:
        draw(every, options.picture)


def draw(every: dict[str, Forecasts], path: Path) -> None:
    """The reliability curves, as SVG."""
    import vl_convert as vlc

    rows = [
        {"confidence": sure, "right": right, "of": kind, "how many": size}
        for kind, forecasts in every.items()
        for sure, right, size in forecasts.curve()
    ]
    frame = pd.DataFrame(rows)
    ideal = alt.Chart(pd.DataFrame({"x": [0, 1], "y": [0, 1]})).mark_line(color="#bbbbbb", strokeDash=[4, 4])
    curve = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("confidence", title="confidence", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("right", title="share right", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("of", title=None),
        )
    )
    ideal = ideal.encode(x=alt.X("x", title="confidence"), y=alt.Y("y", title="share right"))
    chart = (ideal + curve).properties(width=320, height=320, background="white")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(vlc.vegalite_to_svg(chart.to_dict()), encoding="utf-8")


if __name__ == "__main__":
    main()
