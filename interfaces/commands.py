"""What the `longshort` command offers of the interfaces: translate, keys, mcp, push, pull."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from chat.command import Model, StorePlace

if TYPE_CHECKING:
    from translate import Translator
    from translate.command import Columns

# Files that are translated as a whole; any other is text, line by line.
DOCUMENTS = (".md", ".markdown", ".html", ".htm", ".srt", ".vtt", ".docx", ".po", ".json")
KeysFile = Annotated[
    Path, typer.Option("--keys", envvar="LONGSHORT_KEYS", help="the file that holds the keys")
]
Hub = Annotated[str | None, typer.Option(help="another hub's address (default: the Hugging Face hub)")]
Revision = Annotated[str | None, typer.Option(help="a branch, tag or commit (default: main)")]
KEYS = Path("longshort-keys.json")
keys = typer.Typer(help="API keys, for `longshort serve --keys FILE`.", no_args_is_help=True)


def translate(
    text: Annotated[list[str] | None, typer.Argument(help="sentences; else --file, else stdin")] = None,
    source: Annotated[
        str, typer.Option("--source", "-s", help="language of the text: en, de, fr, es or auto")
    ] = "auto",
    target: Annotated[
        str, typer.Option("--target", "-t", help="language to translate into: en, de, fr or es")
    ] = "en",
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="translate this file; a document whole, other text line by line"),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write here, not to stdout")] = None,
    model: Model = None,
    beam: Annotated[
        int, typer.Option("--beam", "-b", min=1, help="hypotheses kept in the search; 1 = greedy")
    ] = 5,
    term: Annotated[
        list[str] | None,
        typer.Option("--term", help="a word and what it has to be: house=Gebäude; may be repeated"),
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="do not translate this word; may be repeated")
    ] = None,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="a column: how sure it is, from 0 to 1")
    ] = False,
    back: Annotated[bool, typer.Option("--back", help="a column: the translation translated back")] = False,
    alternatives: Annotated[
        int, typer.Option("--alternatives", min=0, max=10, help="so many columns: other translations")
    ] = 0,
    server: Annotated[
        str | None,
        typer.Option(help="let a server translate, by its address: `longshort serve`, or a LibreTranslate"),
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="LONGSHORT_API_KEY", help="for a server that asks for one")
    ] = None,
) -> None:
    """Translate arguments, stdin or a file of text: one line out for each line in. Or a whole document.

    Columns have a tab between them. Documents (.md, .html, .srt, .vtt, .docx, .po, .json) keep their
    structure; what got lost is said on stderr. Text is UTF-8 (or UTF-16 with its mark, in a file) or refused.
    """
    from translate import Translator
    from translate import command as doing

    if text and file:
        raise ValueError(f"both sentences and --file {file} were given: give one of them")
    glossary = doing.glossary_of(term or [], keep or [])
    columns = doing.Columns(confidence, back, alternatives)
    translator = Translator.load(model) if server is None else _elsewhere(server, api_key, model, columns)
    if file is not None and file.suffix.lower() in DOCUMENTS:
        columns.refuse(file)
        doing.translate_file(translator, file, output, source, target, beam, glossary)
        return
    at_once = 1 if text or (file is None and doing.typed()) else doing.LINES_AT_ONCE
    lines = text or doing.lines_of(file)
    name = "sentence" if text else f"{file or 'standard input'}, line"
    doing.translate_lines(translator, lines, at_once, output, source, target, beam, glossary, columns, name)


def _elsewhere(server: str, api_key: str | None, model: Path | None, columns: Columns) -> Translator:
    """A translator on a server. Raises ValueError for options that need the model here."""
    from interfaces.client import Remote

    for option, given in (("--model", model), ("--confidence", columns.confidence), ("--back", columns.back)):
        if given:
            raise ValueError(
                f"{option} needs a model here, and --server {server} has it: leave one of them out"
            )
    return cast("Translator", Remote(server, api_key))


@keys.command("add")
def add_key(name: Annotated[str, typer.Argument(help="whose key")], file: KeysFile = KEYS) -> None:
    """Make a key and show it, this once; the file holds only its hash."""
    from interfaces.keys import Keys

    print(Keys(file).add(name))


@keys.command("remove")
def remove_key(name: Annotated[str, typer.Argument(help="whose key")], file: KeysFile = KEYS) -> None:
    """Take a key away; a server that runs refuses it from now on."""
    from interfaces.keys import Keys

    Keys(file).remove(name)


@keys.command("list")
def list_keys(file: KeysFile = KEYS) -> None:
    """Whose keys there are, and since when."""
    import datetime

    from interfaces.keys import Keys

    for key in Keys(file).all():
        print(f"{key.name}\t{datetime.date.fromtimestamp(key.created)}")


def mcp(
    translate_model: Annotated[Path | None, typer.Option(help="a translation checkpoint")] = None,
    chat_model: Annotated[Path | None, typer.Option(help="a chat checkpoint")] = None,
    store: StorePlace = None,
) -> None:
    """Offer tools to another program's agent (MCP) over stdin and stdout: it starts this command itself."""
    from chat.bot import Bot
    from chat.conversations import Conversations
    from chat.store import open_store
    from interfaces.services import Services
    from translate.translator import Translator

    try:
        from interfaces.agents import HERE, build
    except ModuleNotFoundError as error:
        raise ValueError("`longshort mcp` needs a package more: pip install 'longshort[mcp]'") from error
    conversations = Conversations(Bot.load(chat_model), open_store(store))
    services = Services.of(Translator.load(translate_model), conversations)
    build(services, lambda _: HERE).run("stdio")


def push(
    folder: Annotated[Path, typer.Argument(help="a checkpoint folder")],
    name: Annotated[str, typer.Argument(help="where to: USER/NAME")],
    private: Annotated[bool, typer.Option("--private", help="for yourself only")] = False,
    hub: Hub = None,
) -> None:
    """Put a checkpoint folder with its card onto a model hub. The token comes from HF_TOKEN."""
    from interfaces.hub import push as push_folder

    print(push_folder(folder, name, private, hub))


def pull(
    name: Annotated[str, typer.Argument(help="what: USER/NAME")],
    folder: Annotated[Path | None, typer.Argument(help="where to (default: NAME)")] = None,
    revision: Revision = None,
    hub: Hub = None,
) -> None:
    """Fetch a checkpoint folder from a model hub, and check that it is whole."""
    from interfaces.hub import pull as pull_folder

    print(pull_folder(name, folder or Path(name.rpartition("/")[2]), revision, hub))
