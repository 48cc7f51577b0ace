"""The command `longshort recall-test`: how well any checkpoint remembers, measured on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def recall_test(
    checkpoint: Annotated[
        Path | None, typer.Argument(help="a chat checkpoint (default: the shipped one)", show_default=False)
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="folder for the report, the curve and every reply")
    ] = Path("recall-test"),
    conversations: Annotated[int, typer.Option(min=1, help="of each kind of fact")] = 16,
    turns: Annotated[str, typer.Option(help="distances between telling and asking")] = "1,10,50,200",
    corpora: Annotated[
        Path | None, typer.Option(help="folder of local corpora, for real small talk between")
    ] = None,
) -> None:
    """Test a chatbot's memory: recall by distance, with a curve, and failures beside successes."""
    from chat.bot import Bot
    from data_prep.recall import measure_recall, table
    from data_prep.recall_report import curve, write_report
    from lstm_models.files import try_folder

    places = turns.replace(" ", "").split(",")
    if not all(place.isdecimal() and int(place) for place in places):
        raise ValueError(f"--turns {turns!r}: give whole numbers from 1, such as 1,10,50")
    bot = Bot.load(checkpoint)
    try_folder(output, "--output")
    distances = sorted({int(place) for place in places})
    results, replies = measure_recall(bot, (), distances, conversations, corpora=corpora)
    paths = write_report(output, bot.engine.model_hash, results, replies)
    print(table(results), "", curve(results), *(f"wrote {path}" for path in paths), sep="\n")
