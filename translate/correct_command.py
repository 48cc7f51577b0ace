"""The command `longshort correct`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def correct(
    text: Annotated[list[str] | None, typer.Argument(help="sentences; else --file, else stdin")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="correct this text, line by line")] = None,
    model: Annotated[
        Path | None, typer.Option("--model", "-m", help="a checkpoint that has learnt it")
    ] = None,
    marks: Annotated[bool, typer.Option("--marks", help="show what was changed: [-old-] {+new+}")] = False,
    beam: Annotated[int, typer.Option("--beam", "-b", min=1, help="hypotheses kept in the search")] = 5,
) -> None:
    """Correct English text: one line out for each line in."""
    from translate import Translator
    from translate.command import lines_of
    from translate.grammar import correct as corrected
    from translate.grammar import with_marks

    if text and file:
        raise ValueError(f"both sentences and --file {file} were given: give one of them")
    translator = Translator.load(model)
    for line in text or lines_of(file):
        (found,) = corrected(translator, [line], beam)
        print(with_marks(found) if marks else " ".join(found.text.splitlines()), flush=True)
