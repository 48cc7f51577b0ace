"""`longshort lab`: the lessons and the instruments in the terminal. Packages come when they are used."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from lab.finding import Finding

Save = Annotated[
    Path | None, typer.Option("--save", "-s", help="a folder for the pictures: SVG, PNG and Parquet")
]


class Precision(StrEnum):
    """What products are computed in while a language model is trained."""

    fp32 = "fp32"
    bf16 = "bf16"


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
    rows: Annotated[int, typer.Option(min=1, help="places of the text read side by side")] = 16,
    cut: Annotated[int, typer.Option(min=2, help="letters after which the gradient is cut")] = 64,
    precision: Annotated[Precision, typer.Option(help="of products; bf16: new processors")] = Precision.fp32,
) -> None:
    """Train the model of letters of the lesson next-letter. OMP_NUM_THREADS says how many threads."""
    from lab.text.letters import train_letters as train
    from lab.text.training import LanguageTraining

    settings = LanguageTraining.model_validate(
        {"updates": updates, "rows": rows, "cut": cut, "precision": precision.value}
    )
    train(corpora, folder, hidden_size, training=settings)


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


@lab.command("train-words")
def train_words(
    corpora: Annotated[
        Path, typer.Option(help="folder that holds wikitext-2 or ptb: train, valid and test.parquet")
    ],
    folder: Annotated[Path, typer.Option(help="where the model goes")] = Path("runs/words"),
    corpus: Annotated[str, typer.Option(help="wikitext-2, or ptb (to be measured only)")] = "wikitext-2",
    words: Annotated[int, typer.Option(min=0, help="with a number of their own; 0 = all")] = 0,
    updates: Annotated[int, typer.Option(min=1)] = 20000,
    hidden_size: Annotated[int, typer.Option(min=8)] = 650,
    layers: Annotated[int, typer.Option(min=1, max=4)] = 2,
    dropout: Annotated[float, typer.Option(min=0, max=0.9)] = 0.5,
    rows: Annotated[int, typer.Option(min=1, help="places of the text read side by side")] = 20,
    cut: Annotated[int, typer.Option(min=2, help="words after which the gradient is cut")] = 35,
    precision: Annotated[Precision, typer.Option(help="of products; bf16: new processors")] = Precision.fp32,
) -> None:
    """Train a model of words, as the lesson next-word has one; the defaults are those of Zaremba's medium."""
    from lab.text.model import LanguageModelConfig
    from lab.text.training import LanguageTraining
    from lab.text.words import train_words as train

    sizes = LanguageModelConfig(
        vocab_size=2,
        embed_dim=hidden_size,
        hidden_size=hidden_size,
        num_layers=layers,
        dropout=dropout,
        tied=True,
    )
    settings = LanguageTraining.model_validate(
        {"updates": updates, "rows": rows, "cut": cut, "precision": precision.value}
    )
    train(corpora, folder, corpus, words, sizes, settings)


@lab.command("score-words")
def score_words(
    corpora: Annotated[
        Path, typer.Option(help="folder that holds wikitext-2 or ptb: train.parquet and test.parquet")
    ],
    folder: Annotated[Path | None, typer.Option(help="default: the shipped model")] = None,
    corpus: Annotated[str, typer.Option(help="the corpus that it was trained on")] = "wikitext-2",
) -> None:
    """Perplexity on the test text: models that count words, and the LSTM, which know the same words."""
    from lab.text.words import FOLDER
    from lab.text.words import score_words as score

    for name, perplexity in score(corpora, folder or FOLDER, corpus).items():
        print(f"{name}: {perplexity:.1f}")


@lab.command("score-grammar")
def score_grammar(
    corpora: Annotated[Path, typer.Option(help="folder with blimp, linzen-agreement, colorless-green")],
    folder: Annotated[
        Path | None, typer.Option(help="the model (default: the shipped one of letters)")
    ] = None,
    most: Annotated[int, typer.Option(min=0, help="pairs of each test; 0 = all")] = 0,
) -> None:
    """How often a model of letters or words finds the right sentence likelier, beside published LSTMs."""
    from lab.text.grammar import score_grammar as score
    from lab.text.letters import FOLDER
    from lab.text.model import load_model

    model, vocabulary, _ = load_model(folder or FOLDER)
    print(score(model, vocabulary, corpora, most).to_string(index=False))


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
