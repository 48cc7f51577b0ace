"""The command `longshort calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SHIPPED = Path("pretrained/translate")


def calibrate(
    model: Annotated[
        Path, typer.Argument(help="a translation checkpoint; the file goes into its folder")
    ] = Path("pretrained/translate"),
    corpora: Annotated[
        Path | None,
        typer.Option(
            help="folder of local corpora, DIR/<name>/<split>.parquet (default: $LONGSHORT_CORPORA)"
        ),
    ] = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option("--corpus", help="whose validation pairs to take (default: those it was trained on)"),
    ] = None,
    limit: Annotated[int, typer.Option(min=20, help="validation pairs of each direction")] = 1000,
    beam: Annotated[int, typer.Option("--beam", "-b", min=1, help="hypotheses kept in the search")] = 5,
) -> None:
    """Fit a translator's confidence to its validation pairs; needed again whenever the weights change."""
    from data_prep.calibration import Forecasts, calibrate, held_out, outcomes_of, validation_records
    from data_prep.corpora import corpora_root
    from translate import Translator

    records = validation_records(model, corpus or (), corpora_root(corpora), limit)
    translator = Translator.load(model)
    found = outcomes_of(translator, records, beam)
    pairs = [held_out(outcomes) for outcomes in found.values()]
    for direction, (words, sentences) in zip(found, pairs, strict=True):
        print(
            f"{direction}: words right {100 * words.outcome.mean():.1f} %, calibration error of words "
            f"{words.error:.3f}, of sentences {sentences.error:.3f}"
        )
    words, sentences = (Forecasts.joined(part) for part in zip(*pairs, strict=True))
    print(f"all: calibration error of words {words.error:.3f}, of sentences {sentences.error:.3f} (held out)")
    names = ", ".join(dict.fromkeys(record["corpus"] for record in records))
    fitted = f"{len(records):,} validation pairs of {names}, beam {beam}"
    print(calibrate(translator, found, fitted).save(model))
