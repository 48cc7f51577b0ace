"""The `longshort` command; `longshort --help` lists what it does.

Each command only wires packages together; what they do is done, and documented, where they live. The packages
are imported inside the commands, so that `longshort --help` answers at once.
"""

from __future__ import annotations

import io
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from chat.command import StorePlace, chat
from data_prep.calibrate_command import calibrate
from data_prep.recall_command import recall_test
from front.commands import users
from interfaces import commands
from lab.command import lab
from translate.correct_command import correct

# What the extra [train] installs; translating and chatting do without it.
TRAINING_PACKAGES = ("datasets", "lightning", "onnx", "pyarrow", "sacrebleu", "tensorboard", "torch")

app = typer.Typer(
    help="A translator and a chatbot that remember, on one shared LSTM encoder-decoder.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(chat)
app.command("recall-test")(recall_test)
app.command()(calibrate)
app.command()(correct)
app.add_typer(lab, name="lab")
for command in (commands.translate, commands.mcp, commands.push, commands.pull):
    app.command()(command)
app.add_typer(commands.keys, name="keys")
app.add_typer(users, name="users")


class Kind(StrEnum):
    """What a file of your own holds."""

    pairs = "pairs"
    dialogues = "dialogues"


Recipe = Annotated[Path, typer.Argument(help="a recipe, such as recipes/translate.yaml")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SETTING=VALUE]...",
        help="settings to change, such as training.learning_rate=0.001",
        show_default=False,
    ),
]
Model = Annotated[
    Path | None,
    typer.Option("--model", "-m", help="a checkpoint folder; the shipped weights if left out"),
]
Data = Annotated[Path | None, typer.Option("--data", "-d", help="the prepared folder (default: data/<name>)")]
Run = Annotated[Path | None, typer.Option("--run", "-r", help="the run's folder (default: runs/<name>)")]
Corpora = Annotated[
    Path | None,
    typer.Option(help="folder of local corpora, DIR/<name>/<split>.parquet (default: $LONGSHORT_CORPORA)"),
]
Beam = Annotated[int, typer.Option("--beam", "-b", min=1, help="hypotheses kept in the search; 1 = greedy")]


@app.callback()
def _settings(
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an error")] = False,
) -> None:
    """Options that hold for every command; `main` reads --debug."""


@app.command()
def prepare(
    recipe: Recipe,
    overrides: Overrides = None,
    data: Data = None,
    corpora: Corpora = None,
    processes: Annotated[int, typer.Option("--processes", "-p", min=1)] = os.cpu_count() or 1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="replace what was prepared before")] = False,
) -> None:
    """Read, clean and encode a recipe's corpora into shards for training."""
    from data_prep.prepare import prepare as prepare_data
    from data_prep.recipe import load_recipe

    settings = load_recipe(recipe, overrides or [])
    folder = data or Path("data") / settings.name
    manifest = prepare_data(settings, folder, corpora, processes, overwrite)
    counts = {
        split: sum(shard["examples"] for shard in shards) for split, shards in manifest["splits"].items()
    }
    print(f"{folder}: " + ", ".join(f"{count:,} {split}" for split, count in counts.items()) + " examples")


@app.command("check-data")
def check_data(
    file: Annotated[Path, typer.Argument(help="a TSV, JSONL or parquet file")],
    kind: Annotated[Kind | None, typer.Option(help="what it holds (default: by its content)")] = None,
    languages: Annotated[
        str | None, typer.Option(help="of pairs, such as en-de (default: those that the file names)")
    ] = None,
) -> None:
    """Look through your own data; name each bad line and show the form expected."""
    from data_prep.check import check_data as check
    from data_prep.own_data import two_languages

    pair = two_languages(languages) if languages else ()
    report = check(file, kind.value if kind else None, languages=pair)
    print(report)
    raise typer.Exit(0 if report.ok else 2)


@app.command()
def train(
    recipe: Recipe,
    overrides: Overrides = None,
    data: Data = None,
    run: Run = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on where the run stopped")] = False,
) -> None:
    """Train a recipe's model on its prepared data; Ctrl-C saves, --resume goes on exactly there."""
    from data_prep.recipe import load_recipe
    from lstm_models.training import fit

    settings = load_recipe(recipe, overrides or [])
    folder = run or Path("runs") / settings.name
    prepared = data or Path("data") / settings.name
    best = fit(settings.model, settings.training, prepared, folder, resume=resume, name=settings.name)
    print(f"the best checkpoint is {best}")


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="a checkpoint folder; the files go into it")],
    precise: Annotated[bool, typer.Option("--fp32", help="keep 32 bits of every weight")] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            help="its prepared data, to learn which pieces each language's answers use: quicker batches"
        ),
    ] = None,
) -> None:
    """Write the files that serve a checkpoint without PyTorch and several times faster: int8, ONNX."""
    from lstm_models.export import export_checkpoint

    folder = export_checkpoint(model, int8=not precise, data=data)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {size / 1e6:.1f} MB")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="a checkpoint folder")] = Path("pretrained/translate"),
    data: Annotated[
        Path | None,
        typer.Option("--data", "-d", help="translation: prepared data, or a file of sentence pairs"),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="of prepared data (default: test, else validation)")
    ] = None,
    languages: Annotated[str, typer.Option(help="of a file: its two languages, source first")] = "en-de",
    corpora: Corpora = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="pairs of a direction, or conversations of a kind (default: all, 64)"),
    ] = None,
    beam: Beam = 5,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="folder for the translations: en-de.txt, ...")
    ] = None,
) -> None:
    """Score a checkpoint: BLEU, chrF and perplexity of a translator, recall of a chatbot."""
    from lstm_models.checkpoint import read_config

    if read_config(model)["task"] == "chat":
        from chat.bot import Bot
        from data_prep.recall import CONVERSATIONS, measure_recall, table

        _refuse_for_chat(model, {"--data": data, "--split": split, "--output": output})
        conversations = limit or CONVERSATIONS
        results, _ = measure_recall(Bot.load(model), conversations=conversations, corpora=corpora)
        print(table(results))
    else:
        from data_prep.evaluation import read_records

        records = read_records(data or Path("data") / "translate", split, languages)
        _score_translations(model, records, limit or 0, beam, output)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="a loopback address")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535)] = 7860,
    translate_model: Annotated[Path | None, typer.Option(help="a translation checkpoint")] = None,
    chat_model: Annotated[Path | None, typer.Option(help="a chat checkpoint")] = None,
    browser: Annotated[bool, typer.Option(help="open the browser as well")] = False,
    store: StorePlace = None,
    keys: Annotated[
        Path | None, typer.Option(help="a file of `longshort keys`: the interfaces ask for a key")
    ] = None,
    per_minute: Annotated[int, typer.Option(min=0, help="requests of one client; 0: any number")] = 1200,
    people: Annotated[
        Path | None,
        typer.Option("--users", help="a file of `longshort users`: the page asks people to sign in"),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="a line of JSON for each request, on stderr")] = False,
) -> None:
    """Serve the web app and its interfaces on this machine, until Ctrl-C."""
    from app import serve as serve_app

    serve_app(host, port, translate_model, chat_model, browser, store, keys, per_minute, log, people)


def _refuse_for_chat(model: Path, options: dict[str, object]) -> None:
    """Raises ValueError for an option that is given, but of translation alone."""
    for option, value in options.items():
        if value is not None:
            raise ValueError(
                f"{option} {value}: {model} is a chatbot, whose recall is scored: leave {option} out; "
                "`longshort recall-test` keeps a report with every reply"
            )


def _score_translations(
    model: Path, records: list[dict[str, Any]], limit: int, beam: int, output: Path | None
) -> None:
    """Print a line for each direction, then the signatures; write the translations before, if asked to."""
    from data_prep.evaluation import score_directions
    from lstm_models.files import try_folder, write_text
    from translate import Translator

    translator = Translator.load(model)
    if output:
        try_folder(output, "--output")
    for score in score_directions(translator, records, beam, limit):
        if output:
            text = "".join(f"{' '.join(line.split())}\n" for line in score.translations)
            write_text(output / f"{score.source}-{score.target}.txt", text)
        print(score, flush=True)
        signatures = score.signatures
    print(*signatures, sep="\n")


def main() -> None:
    """The entry point: an error is one line on stderr and exit code 2; --debug shows where it came from."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what cannot show a character shows "?"
    try:
        app()
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (ValueError, OSError, ImportError) as error:
        if "--debug" in sys.argv[1:]:
            raise
        print(f"longshort: {_one_line(error)}", file=sys.stderr)
        sys.exit(2)


def _one_line(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name in TRAINING_PACKAGES:
        return f"this command needs {error.name}, which is not installed: pip install 'longshort[train]'"
    if isinstance(error, UnicodeDecodeError):
        return f"the text is not UTF-8: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split("\n"))


if __name__ == "__main__":
    main()
