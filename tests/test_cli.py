"""The `longshort` command: what it prints, what it refuses, and how: one line, exit code 2, no traceback."""

import errno
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import cli
from lstm_models.checkpoint import save_checkpoint
from lstm_models.config import ModelConfig
from lstm_models.search import SearchOptions
from lstm_models.seq2seq import Seq2Seq
from lstm_models.tokenizer import Tokenizer
from translate.command import LINES_AT_ONCE

ROOT = Path(__file__).parent.parent
SENTENCES = ["The door is open.", "Die Tür ist offen.", "Where is Ada?", "Wo ist Ada?"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("translate", ..., stdin="...") -> exit code, stdout, stderr."""

    def run(*arguments: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["longshort", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as end:
            cli.main()
            raise SystemExit(0)
        printed = capsys.readouterr()
        return end.value.code or 0, printed.out, printed.err

    return run


def checkpoint(folder: Path, task: str) -> Path:
    """A tiny untrained model: it says nonsense, but it says it everywhere the same."""
    tokenizer = Tokenizer.train(SENTENCES * 20, folder / "t.model", 300)
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfig(vocab_size=300, embed_dim=8, hidden_size=8, num_heads=2))
    data = [{"name": "none", "licence": "CC0-1.0", "attribution": "nobody"}]
    save_checkpoint(
        folder / task, model, tokenizer, {"name": "tiny", "task": task, "description": "A toy.", "data": data}
    )
    return folder / task


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("translator"), "translate")


@pytest.fixture(scope="module")
def chatbot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("chatbot"), "chat")


def refused(result: tuple[int, str, str], *words: str) -> None:
    """One clear line on stderr, exit code 2, nothing on stdout."""
    code, out, err = result
    assert code == 2 and not out, result
    assert err.startswith("longshort: ") and err.count("\n") == 1, err
    assert all(word in err for word in words), err


def test_help_is_quick_and_lists_the_commands() -> None:
    """It imports none of the heavy packages."""
    code = (
        "import sys, cli; print(*(set(sys.modules) & {'torch', 'gradio', 'datasets', 'lightning', 'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout.strip()


@pytest.mark.parametrize(
    "command", ["prepare", "check-data", "train", "evaluate", "translate", "chat", "recall-test", "serve"]
)
def test_every_command_has_help(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0 and command in out


def test_each_argument_gives_a_line(run: Run, translator: Path) -> None:
    code, out, _ = run(
        "translate", "-m", translator, "-s", "en", "-t", "de", "The door is open.", "Where is Ada?"
    )
    assert code == 0 and len(out.splitlines()) == 2


@pytest.mark.parametrize(
    "text", ["a\n\nb\n", "a\n\n\n", "one line without an end", "a\r\nb\r\n", "\ufeffa\n\u2028b\n"]
)
def test_lines_of_a_file_and_of_stdin_keep_their_count(
    run: Run, translator: Path, tmp_path: Path, text: str
) -> None:
    file, target = tmp_path / "in.txt", tmp_path / "out.txt"
    file.write_bytes(text.encode())
    options = ("translate", "-m", translator, "-s", "en", "-t", "de", "-b", 1)
    assert run(*options, "-f", file, "-o", target)[0] == 0
    code, out, _ = run(*options, stdin=text)
    count = text.count("\n") + (not text.endswith("\n"))
    assert code == 0 and out.count("\n") == count
    assert target.read_text(encoding="utf-8").count("\n") == count


def test_more_lines_than_fit_together_keep_their_order(run: Run, translator: Path) -> None:
    names = [f"Ada {number}" for number in range(LINES_AT_ONCE + 3)]
    options = ("translate", "-m", translator, "-s", "en", "-t", "de", "-b", 1)
    _, out, _ = run(*options, stdin="\n".join(names))
    _, one, _ = run(*options, names[-1])
    assert len(out.splitlines()) == len(names) and out.splitlines()[-1] == one.strip()


def test_refusals_name_what_is_wrong(run: Run, translator: Path, chatbot: Path, tmp_path: Path) -> None:
    here = ("translate", "-m", translator)
    refused(run(*here, "-t", "it", "Hello."), "it", "German")
    refused(run(*here, "-s", "fr", "-t", "de", "Bonjour."), "French", "German")
    refused(run(*here, "-f", tmp_path / "none.txt"), "none.txt")
    refused(run(*here, "-f", tmp_path, "-t", "de"), str(tmp_path))
    refused(run(*here, "-f", tmp_path / "none.txt", "Hello."), "--file", "give one")
    refused(run("translate", "-m", tmp_path / "nowhere", "Hello."), "nowhere")
    refused(run("translate", "-m", chatbot, "-s", "en", "-t", "de", "Hello."), "chat", "translate")
    refused(run("train", tmp_path / "none.yaml"), "none.yaml")
    refused(run("train", ROOT / "recipes/own_pairs.yaml", "training.sed=1"), "training.sed", "seed")
    refused(run("train", ROOT / "recipes/own_pairs.yaml", "-d", tmp_path / "none"), "none")
    refused(run("evaluate", translator, "-d", tmp_path / "none"), "none", "prepare")
    refused(run("evaluate", tmp_path / "none"), "none")


def test_a_damaged_checkpoint_is_refused(run: Run, translator: Path, tmp_path: Path) -> None:
    for file in translator.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    refused(run("translate", "-m", tmp_path, "-s", "en", "-t", "de", "Hello."), "model.safetensors")


def test_debug_shows_where_an_error_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["longshort", "--debug", "train", "none.yaml"])
    with pytest.raises(ValueError, match=r"none\.yaml"):
        cli.main()


def test_a_missing_package_is_named_with_the_remedy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightning", None)
    for name in [name for name in sys.modules if name.startswith("lstm_models.training")]:
        monkeypatch.delitem(sys.modules, name)
    refused(run("train", ROOT / "recipes/own_pairs.yaml"), "lightning", "pip install 'longshort[train]'")


def test_check_data_names_the_bad_line(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.tsv", tmp_path / "bad.tsv"
    good.write_text("Good morning.\tGuten Morgen.\n")
    bad.write_text("Good morning.\tGuten Morgen.\nno tab here\n")
    code, out, _ = run("check-data", good)
    assert code == 0 and "ready to prepare" in out
    code, out, _ = run("check-data", bad)
    assert code == 2 and "line 2" in out and "<TAB>" in out


def test_evaluate_scores_a_file_of_pairs(run: Run, translator: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("The door is open.\tDie Tür ist offen.\nWhere is Ada?\tWo ist Ada?\n", encoding="utf-8")
    code, out, _ = run("evaluate", translator, "-d", pairs, "-o", tmp_path / "out", "-b", 1)
    assert code == 0 and out.startswith("en-de: BLEU ") and "2 sentences" in out and "version:" in out
    assert len((tmp_path / "out" / "en-de.txt").read_text(encoding="utf-8").splitlines()) == 2


def test_a_reader_that_has_gone_is_no_error(translator: Path) -> None:
    translate = f"{sys.executable} cli.py translate -m {translator} -s en -t de -b 1"
    command = f"yes Hello. | head -200 | {translate} | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.count("\n") == 1 and not done.stderr, done.stderr


def test_evaluate_measures_what_a_chatbot_recalls(
    run: Run, chatbot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_prep.recall.GROUPS", {"trained relations": (False, False, "told")})
    monkeypatch.setattr("data_prep.recall.measure_recall.__defaults__", ((), (1, 4), 64, 2, None, True))
    code, out, _ = run("evaluate", chatbot, "--limit", 1)
    assert code == 0 and out.startswith("| facts | turns |") and "| trained relations | 4 | 2 |" in out


def test_evaluate_takes_no_options_of_translation_for_a_chatbot(run: Run, chatbot: Path) -> None:
    for option in ("--data", "--split", "--output"):
        refused(run("evaluate", chatbot, "--limit", 1, option, "there"), f"{option} there", "is a chatbot")


def test_export_writes_files_that_translate_then_takes(run: Run, tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, "translate")
    code, out, _ = run("export", folder)
    assert code == 0 and out.startswith(f"{folder / 'onnx'}: ")
    code, out, error = run("translate", "--model", folder, "--source", "en", "--target", "de", "The door.")
    assert code == 0 and out.strip() and not error
    code, _, error = run("export", tmp_path / "nothing")
    assert code == 2 and "no checkpoint at" in error


def test_a_document_is_translated_as_a_whole(run: Run, translator: Path, tmp_path: Path) -> None:
    file, output = tmp_path / "a.md", tmp_path / "b.md"
    file.write_text("# Where is Ada?\n\n```\nkept\n```\n", encoding="utf-8")
    options = ("translate", "--model", translator, "-s", "en", "-t", "de", "--file", file, "--output", output)
    code, out, _ = run(*options)
    assert code == 0 and not out
    found = output.read_text(encoding="utf-8")
    assert found.startswith("# ") and found.endswith("\n\n```\nkept\n```\n")
    (tmp_path / "a.docx").write_bytes(b"hello")
    options = ("translate", "--model", translator, "--file", tmp_path / "a.docx")
    refused(run(*options, "--output", tmp_path / "b.docx"), "no whole Word document")
    refused(run(*options), "--output")
    assert not (tmp_path / "b.docx").exists()


def test_a_glossary_on_the_command_line(run: Run, translator: Path) -> None:
    options = ("translate", "--model", translator, "-s", "en", "-t", "de", "--term", "door=Pforte")
    code, out, _ = run(*options, "--keep", "Ada", "The door of Ada is open.")
    assert code == 0 and "Pforte" in out and "Ada" in out
    refused(run("translate", "--model", translator, "--term", "door", "Hi."), "--term door", "house=")


def test_recall_test_writes_a_report_with_failures(
    run: Run, chatbot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.bot.DEFAULT", SearchOptions(max_length=3))  # it never ends by itself
    code, out, _ = run("recall-test", chatbot, "-o", tmp_path / "r", "--conversations", 1, "--turns", "1")
    assert code == 0 and "recall by turns between" in out
    report = (tmp_path / "r" / "report.md").read_text(encoding="utf-8")
    assert "## 20 failures" in report and "## 20 successes" in report and "| invented |" in report
    assert (tmp_path / "r" / "curve.svg").read_text(encoding="utf-8").startswith("<svg")
    for turns in ("soon", "\u00b2"):
        refused(run("recall-test", chatbot, "--turns", turns), "--turns", turns, "1,10,50")


def test_chat_keeps_a_conversation(run: Run, chatbot: Path, tmp_path: Path) -> None:
    store = "--store", tmp_path / "c.sqlite3"
    assert run("chat", "-m", chatbot, *store, stdin="Where is Ada?\n")[0] == 0
    assert "Where is Ada?" in run("chat", "-m", chatbot, *store, "--list")[1]
    assert "   1  " not in run("chat", "-m", chatbot, *store, "-c", 1, stdin="/memories\n")[1]
    assert run("chat", "-m", chatbot, "--temporary", stdin="Where is Ada?\n")[0] == 0
    assert run("chat", "-m", chatbot, *store, "--list")[1].count("\n") == 1
    refused(run("chat", "-m", chatbot, *store, "-c", 7), "'7'", "1 to 1")
    refused(run("chat", "-m", chatbot, "--temporary", "--list"), "--temporary", "keeps nothing")


def test_a_terminal_that_cannot_show_a_title_shows_the_rest(
    run: Run, chatbot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.bot.DEFAULT", SearchOptions(max_length=3))
    command = ("chat", "-m", chatbot, "--store", tmp_path / "c.sqlite3")
    assert run(*command, stdin=f"Where is Ada {'now ' * 30}?\n")[0] == 0
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, "latin-1", write_through=True))
    assert run(*command, "--list")[0] == 0
    assert printed.getvalue().rstrip().endswith(b"now no?")


def test_what_stdout_cannot_show_costs_nothing(
    run: Run, chatbot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.bot.DEFAULT", SearchOptions(max_length=3))
    monkeypatch.setattr("data_prep.recall_report.curve", lambda results: "\u2588")
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, "cp1252", write_through=True))
    (tmp_path / "pärs ☃.tsv").write_text("Good morning.\tGuten Morgen.\n")
    assert run("check-data", tmp_path / "pärs ☃.tsv")[0] == 0
    assert "pärs ?.tsv: TSV, pairs" in printed.getvalue().decode("cp1252")
    recall = ("recall-test", chatbot, "-o", tmp_path / "r", "--conversations", 1, "--turns", "1")
    assert run(*recall)[0] == 0 and (tmp_path / "r" / "report.md").is_file()


def test_a_place_for_results_is_tried_before_the_work(
    run: Run, translator: Path, chatbot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        raise AssertionError("nothing is measured that cannot be kept")

    for name in ("recall.measure_recall", "evaluation.score_directions", "calibration.validation_records"):
        monkeypatch.setattr(f"data_prep.{name}", work)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("Good morning.\tGuten Morgen.\n")
    refused(run("recall-test", chatbot, "-o", pairs), "--output", "pairs.tsv", "give a folder")
    refused(run("evaluate", translator, "-d", pairs, "-o", pairs), "--output", "pairs.tsv", "give a folder")
    monkeypatch.setattr("lstm_models.files.tempfile.TemporaryFile", _read_only)
    refused(run("calibrate", translator), str(translator), "Read-only file system", "give a folder")


def _read_only(**_: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_file_of_column_names_alone_is_not_scored(run: Run, translator: Path, tmp_path: Path) -> None:
    (tmp_path / "header.tsv").write_text("en\tde\n")
    refused(run("evaluate", translator, "-d", tmp_path / "header.tsv"), "--data", "header.tsv", "give a file")


def test_check_data_asks_which_two_of_many_languages(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "three.jsonl"
    file.write_text('{"en": "Yes.", "de": "Ja.", "fr": "Oui."}\n')
    refused(run("check-data", file), "three.jsonl", "en, de, fr", "--languages")
    assert run("check-data", file, "--languages", "fr-en")[0] == 0
    refused(run("check-data", file, "--languages", "french"), "--languages french", "en-de")
    code, out, _ = run("check-data", file, "--languages", "en-es", "--kind", "pairs")
    assert code == 2 and "line 1" in out
