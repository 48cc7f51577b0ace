"""`longshort lab`: the lessons and the instruments in the terminal. Packages come when they are used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from lab.finding import Finding

Save = Annotated[
    Path | None, typer.Option("--save", "-s", help="a folder for the pictures: SVG, PNG and Parquet")
]


class _Lessons(TyperGroup):
    """A group in which every lesson of the catalogue is a command."""

    def list_commands(self, ctx: Any) -> list[str]:
        from lab.catalogue import lessons

        return [*lessons(), *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        return found or _as_command(cmd_name)


lab = typer.Typer(
    cls=_Lessons, no_args_is_help=True, help="The LSTM under glass: lessons, and looks inside the models."
)


def _as_command(name: str) -> Any:
    from lab.catalogue import lessons

    if name not in lessons():
        return None
    lesson = lessons()[name]
    one = typer.Typer()
    controls = ", ".join(f"{control.name}={control.default}" for control in lesson.controls)

    @one.command(name, help=f"{lesson.title}. Settings: {controls or 'none'}", short_help=lesson.title)
    def command(
        settings: Annotated[list[str] | None, typer.Argument(metavar="[SETTING=VALUE]...")] = None,
        save: Save = None,
    ) -> None:
        print(f"{lesson.title}\n\n{lesson.about}\nLook for: {lesson.look}")
        show(lesson.run(**_read(settings or [])), save)

    return typer.main.get_command(one)


@lab.command("train-letters")
def train_letters(
    corpora: Annotated[
        Path, typer.Option(help="folder that holds wikitext-2/train.parquet and valid.parquet")
    ],
    folder: Annotated[Path, typer.Option(help="where the model goes")] = Path("runs/letters"),
    updates: Annotated[int, typer.Option(min=1)] = 5000,
    hidden_size: Annotated[int, typer.Option(min=8)] = 320,
) -> None:
    """Train the model of letters of the lesson next-letter."""
    from lab.text.letters import train_letters as train
    from lab.text.training import LanguageTraining

    train(corpora, folder, hidden_size, training=LanguageTraining(updates=updates))


@lab.command("score-letters")
def score_letters(
    corpora: Annotated[
        Path, typer.Option(help="folder that holds wikitext-2/train.parquet and test.parquet")
    ],
    folder: Annotated[Path | None, typer.Option(help="the model (default: the shipped one)")] = None,
) -> None:
    """Bits a letter on wikitext-2's test text: Markov models of order 0 to 6, and the LSTM."""
    from lab.text.letters import FOLDER
    from lab.text.letters import score_letters as score

    for name, bits in score(corpora, folder or FOLDER).items():
        print(f"{name}: {bits:.3f} bits a letter")


def _read(settings: list[str]) -> dict[str, Any]:
    for setting in settings:
        if "=" not in setting:
            raise ValueError(f"{setting!r} is no setting: give NAME=VALUE")
    return dict(setting.split("=", 1) for setting in settings)


def show(finding: Finding, save: Path | None = None) -> None:
    """Prints a finding: sentences, tables, checks; saves its pictures where a folder is given."""
    print()
    for sentence in finding.says:
        print(sentence)
    for table in finding.tables:
        print(f"\n{table.title}\n{table.rows.to_string(index=False)}")
    if finding.checks:
        print()
    for check in finding.checks:
        print(f"{'holds' if check.holds else 'FAILS'}: {check.what} ({check.measured})")
    if save is not None:
        from lab.charts import save as save_pictures

        for path in save_pictures(finding, save):
            print(path)
    if not all(check.holds for check in finding.checks):
        raise typer.Exit(1)
