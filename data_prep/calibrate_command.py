"""The command `longshort calibrate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

SHIPPED = Path("pretrained/translate")
PAIRS, CONVERSATIONS = 1000, 100


def calibrate(
    model: Annotated[Path, typer.Argument(help="a checkpoint; the file goes into its folder")] = SHIPPED,
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
    limit: Annotated[
        int | None,
        typer.Option(
            min=20, help="validation pairs of each direction (1000), or conversations of each kind (100)"
        ),
    ] = None,
    beam: Annotated[int, typer.Option("--beam", "-b", min=1, help="hypotheses kept in the search")] = 5,
) -> None:
    """Fit a translator's confidence to validation pairs, or a bot's to generated conversations; do it again
    whenever the weights change."""
    from lstm_models.checkpoint import read_config
    from lstm_models.files import try_folder

    task = read_config(model)["task"]
    try_folder(model, "checkpoint")
    if task == "chat":
        _of_a_bot(model, corpora, limit or CONVERSATIONS)
    else:
        _of_a_translator(model, corpora, corpus or (), limit or PAIRS, beam)


def _of_a_bot(model: Path, corpora: Path | None, conversations: int) -> None:
    from chat.bot import Bot
    from chat.confidence import REFUSE
    from data_prep.reply_confidence import LATER, answers_of, fit, held_out

    bot = Bot.load(model)
    choices = answers_of(bot, conversations, corpora)
    found = held_out(choices)
    fitted = (
        f"{len(choices):,} questions in {conversations} generated conversations of each kind, "
        f"at once and after {LATER} turns"
    )
    path = fit(bot.engine.model_hash, choices, fitted).save(model)
    low = found.confidence < REFUSE
    right, lost = 100 * found.outcome.mean(), 100 * found.outcome[low].mean() if low.any() else 0.0
    print(
        f"{len(choices):,} questions answered, {right:.1f} % right, "
        f"calibration error {found.error:.3f} (held out)"
    )
    print(f"{low.sum():,} would be kept back (confidence below {REFUSE}), {lost:.1f} % of them right")
    print(path)


def _of_a_translator(model: Path, corpora: Path | None, corpus: Sequence[str], limit: int, beam: int) -> None:
    from data_prep.calibration import Forecasts, calibrate, held_out, outcomes_of, validation_records
    from data_prep.corpora import corpora_root
    from translate import Translator

    records = validation_records(model, corpus, corpora_root(corpora), limit)
    translator = Translator.load(model)
    found = outcomes_of(translator, records, beam)
    names = ", ".join(dict.fromkeys(record["corpus"] for record in records))
    fitted = f"{len(records):,} validation pairs of {names}, beam {beam}"
    pairs = [held_out(outcomes) for outcomes in found.values()]
    path = calibrate(translator, found, fitted).save(model)
    for direction, (words, sentences) in zip(found, pairs, strict=True):
        print(
            f"{direction}: words right {100 * words.outcome.mean():.1f} %, calibration error of words "
            f"{words.error:.3f}, of sentences {sentences.error:.3f}"
        )
    words, sentences = (Forecasts.joined(part) for part in zip(*pairs, strict=True))
    print(f"all: calibration error of words {words.error:.3f}, of sentences {sentences.error:.3f} (held out)")
    print(path)
