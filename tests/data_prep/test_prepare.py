"""From corpora to a prepared folder: whole, reproducible, explained, or not there at all."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_prep import prepare as module
from data_prep.encoding import Chunk, Rules, encode_chunks
from data_prep.prepare import prepare
from data_prep.recipe import Recipe, parse_recipe
from lstm_models.encoded import ANYWHERE
from lstm_models.shards import ShardedDataset, read_manifest
from lstm_models.tokenizer import Tokenizer

Write = Callable[[str, str | bytes], Path]
ROOT = Path(__file__).parents[2]


def recipe_of(*corpora: Any, task: str = "translate", **data: Any) -> Recipe:
    data = {"corpora": list(corpora), "vocab_size": 330, "shard_examples": 500, **data}
    return parse_recipe({"name": "tiny", "task": task, "data": data})


BCONTRAST = {"name": "bcontrast_en_de", "splits": {"train": "train"}}
TRANSLATE = recipe_of("tatoeba_en_de", BCONTRAST)


@pytest.fixture(scope="module")
def prepared(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "translate"
    prepare(TRANSLATE, folder, corpora, processes=1, show_progress=False)
    return folder


def records(folder: Path, split: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{split}.jsonl").read_text("utf-8").splitlines()]


def test_train_holds_what_cleaning_and_leaks_leave(prepared: Path, pairs: list[dict[str, str]]) -> None:
    dataset = ShardedDataset(prepared, "train", verify=True)
    held = pairs[::40]
    assert len(dataset) == 2 * (
        len(pairs) - len(held) + 1
    )  # both directions; one good row of the dirty corpus
    tokenizer = Tokenizer.load(prepared / "tokenizer.model")
    texts = {tokenizer.decode(example.segments[0]) for example in (dataset[i] for i in range(len(dataset)))}
    assert not texts & {text for pair in held for text in pair.values()}
    assert "A fine day." in texts and "Ein feiner Tag." in texts
    assert not (prepared / "train.jsonl").exists()


def test_the_manifest_tells_what_was_done(prepared: Path) -> None:
    manifest = read_manifest(prepared)
    tatoeba, dirty = manifest["corpora"]
    assert manifest["task"] == "translate"
    assert (tatoeba["licence"], tatoeba["path_or_hub_id"]) == ("CC BY 2.0 FR", "tatoeba_en_de")
    assert tatoeba["counts"] == {"test.rows": 11, "train.kept": 842, "validation.rows": 11}
    assert dirty["counts"] == {
        "train.duplicate": 1,
        "train.empty": 1,
        "train.kept": 1,
        "train.leak": 2,
        "train.length_ratio": 1,
        "train.too_long": 1,
        "train.wrong_script": 1,
    }
    assert manifest["leaks_removed"] == {"bcontrast_en_de": 2}
    tokenizer = Tokenizer.load(prepared / manifest["tokenizer"]["file"])
    assert manifest["tokenizer"]["sha256"] == tokenizer.sha256
    assert manifest["tokenizer"]["vocab_size"] == tokenizer.vocab_size == 330
    train = manifest["splits"]["train"]
    assert [info["examples"] for info in train] == [500, 500, 500, 186]
    assert sum(info["src_tokens"] for info in train) == ShardedDataset(prepared, "train").src_lengths.sum()


def test_line_i_is_example_i(prepared: Path) -> None:
    tokenizer = Tokenizer.load(prepared / "tokenizer.model")
    for split in ("validation", "test"):
        dataset, lines = ShardedDataset(prepared, split), records(prepared, split)
        assert len(dataset) == len(lines) == 22
        for i, line in enumerate(lines):
            ids = dataset[i].targets[0].ids
            assert tokenizer.decode(ids) == line["target"]
            assert ids[0] == tokenizer.tag_id(f"<2{line['target_language']}>")
            assert line["corpus"] == "tatoeba_en_de"
    head = {line["target_language"] for line in records(prepared, "validation")[:8]}
    assert head == {"de", "en"}  # validation is mixed, test keeps its order
    assert [line["target_language"] for line in records(prepared, "test")] == ["de"] * 11 + ["en"] * 11


def test_two_processes_give_the_same_bytes(prepared: Path, corpora: Path, tmp_path: Path) -> None:
    manifest = prepare(TRANSLATE, tmp_path / "two", corpora, processes=2, show_progress=False)
    assert manifest == read_manifest(prepared)
    ShardedDataset(tmp_path / "two", "train", verify=True)


def test_evaluation_keeps_every_row_in_its_published_form(tmp_path: Path) -> None:
    from tests.data_prep.conftest import sentence_pairs, write_pairs

    odd = [{"en": "", "de": "  Leer\u00a0! "}, {"en": "Long " * 99, "de": "ok"}, {"en": "λ", "de": "Zeichen"}]
    write_pairs(tmp_path / "tatoeba_en_de", train=sentence_pairs()[:300], validation=odd[:1], test=odd * 2)
    recipe = recipe_of({"name": "tatoeba_en_de", "directions": ["en-de"]}, max_tokens=32, max_eval_tokens=40)
    manifest = prepare(recipe, tmp_path / "out", tmp_path, processes=1, show_progress=False)
    lines = records(tmp_path / "out", "test")
    assert [line["target"] for line in lines] == ["  Leer\u00a0! ", "ok", "Zeichen"] * 2
    test = ShardedDataset(tmp_path / "out", "test")
    assert len(test) == 6
    assert test.src_lengths.max() == 40 and test[1].segments[0][-1] == Tokenizer.eos_id
    assert manifest["cleaning"]["test_cut"] == 2


def test_training_leaves_out_what_has_too_many_tokens(prepared: Path, corpora: Path, tmp_path: Path) -> None:
    lengths = ShardedDataset(prepared, "train")
    longest = int(max(lengths.src_lengths.max(), lengths.tgt_lengths.max()))
    recipe = recipe_of("tatoeba_en_de", BCONTRAST, max_tokens=longest - 1)
    manifest = prepare(recipe, tmp_path / "out", corpora, processes=1, show_progress=False)
    dataset = ShardedDataset(tmp_path / "out", "train")
    assert manifest["cleaning"]["train_too_many_tokens"] == len(lengths) - len(dataset) > 0
    assert max(dataset.src_lengths.max(), dataset.tgt_lengths.max()) == longest - 1


def test_each_training_example_in_several_pieces(prepared: Path, corpora: Path, tmp_path: Path) -> None:
    data = {"bpe_dropout": 0.2, "bpe_variants": 3, "tokenizer": str(prepared / "tokenizer.model")}
    recipe = recipe_of("tatoeba_en_de", BCONTRAST, max_tokens=200, max_eval_tokens=200, **data)
    for processes in (1, 2):
        out = tmp_path / str(processes)
        manifest = prepare(recipe, out, corpora, processes=processes, show_progress=False)
    assert manifest == read_manifest(tmp_path / "1"), "whichever process encodes a shard"
    plain, dropped = ShardedDataset(prepared, "train"), ShardedDataset(out, "train")
    assert len(dropped) == 3 * len(plain)
    assert dropped.src_lengths.mean() > plain.src_lengths.mean()
    tokenizer = Tokenizer.load(out / "tokenizer.model")
    assert len({tokenizer.decode(dropped[i].segments[0]) for i in range(3)}) == 1
    assert list(ShardedDataset(out, "test").src_lengths) == list(ShardedDataset(prepared, "test").src_lengths)


def test_variants_without_dropout_are_refused() -> None:
    with pytest.raises(ValueError, match=r"bpe_variants=3 would repeat.*bpe_dropout above 0"):
        recipe_of("tatoeba_en_de", bpe_variants=3)


def test_dialogues(corpora: Path, tmp_path: Path) -> None:
    babi = {"name": "babi_qa", "hold_out": 0.2}
    recipe = recipe_of("dialog_babi", babi, task="chat")
    manifest = prepare(recipe, tmp_path / "chat", corpora, processes=1, show_progress=False)
    assert manifest["task"] == "chat"
    talk, story = manifest["corpora"]
    assert talk["counts"] == {"test.rows": 10, "train.kept": 40, "train.leak": 1, "validation.rows": 10}
    assert story["counts"]["train.kept"] + story["counts"]["validation.rows"] == 25
    train = ShardedDataset(tmp_path / "chat", "train")
    tokenizer = Tokenizer.load(tmp_path / "chat" / "tokenizer.model")
    assert tokenizer.pieces(train[0].segments[0][:1]) == ["<user>"]
    assert [target.segment for target in train[0].targets] == [0, 2]
    assert tokenizer.decode(train[0].targets[1].ids) == "You are number 0."
    known = [target for i in range(len(train)) for target in train[i].targets if target.evidence != ANYWHERE]
    assert len(known) == story["counts"]["train.kept"], "what supports an answer comes through"
    lines = records(tmp_path / "chat", "validation")
    assert len(lines) == len(ShardedDataset(tmp_path / "chat", "validation"))
    assert {"turns", "targets", "task", "corpus"} == set(lines[0])


def test_your_own_file_is_as_easy(own_file: Write, tmp_path: Path, pairs: list[dict[str, str]]) -> None:
    path = own_file("mine.tsv", "".join(f"{pair['en']}\t{pair['de']}\n" for pair in pairs))
    recipe = recipe_of({"path": str(path), "languages": ["en", "de"]})
    manifest = prepare(recipe, tmp_path / "out", processes=1, show_progress=False)
    counts = manifest["corpora"][0]["counts"]
    assert manifest["corpora"][0]["name"] == manifest["corpora"][0]["path_or_hub_id"] == "mine.tsv"
    assert counts["train.kept"] + counts.get("train.leak", 0) + counts["validation.rows"] == len(pairs)
    assert 5 < counts["validation.rows"] < 40  # a fiftieth, by hash
    validation = {line["source"] for line in records(tmp_path / "out", "validation")}
    dataset = ShardedDataset(tmp_path / "out", "train")
    tokenizer = Tokenizer.load(tmp_path / "out" / "tokenizer.model")
    assert not validation & {tokenizer.decode(dataset[i].segments[0]) for i in range(len(dataset))}


def test_your_own_folder_and_tokenizer(prepared: Path, tmp_path: Path, pairs: list[dict[str, str]]) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for split, rows in {"train": pairs[:50], "validation": pairs[50:60], "test": pairs[60:70]}.items():
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    use = {
        "name": "mine",
        "path": str(folder),
        "languages": ["en", "de"],
        "directions": ["de-en"],
        "limit": 40,
    }
    recipe = recipe_of(use, tokenizer=str(prepared / "tokenizer.model"))
    manifest = prepare(recipe, tmp_path / "out", processes=1, show_progress=False)
    assert manifest["corpora"][0]["counts"] == {"test.rows": 10, "train.kept": 40, "validation.rows": 10}
    assert manifest["tokenizer"] == read_manifest(prepared)["tokenizer"]
    assert len(ShardedDataset(tmp_path / "out", "train")) == 40


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (recipe_of("mlqe_pe_en_de"), r"'mlqe_pe_en_de', split 'train', is missing.*--corpora DIR"),
        (recipe_of("babi_qa"), "'babi_qa' holds dialogues, not what task translate needs"),
        (recipe_of("tatoeba_en_de", task="chat"), "'tatoeba_en_de' holds sentence pairs"),
        (recipe_of("iwslt15_en_vi"), "'iwslt15_en_vi' is en-vi; the directions are en-de"),
        (
            recipe_of({"name": "tatoeba_en_de", "directions": ["en-fr"]}),
            "is en-de, so directions cannot be en-fr",
        ),
        (recipe_of({"path": "gone.tsv", "languages": ["en", "de"]}), r"no file at gone\.tsv"),
        (recipe_of({"path": "mine.tsv"}), r"for sentence pairs give languages: \[en, de\]"),
        (recipe_of(), "data.corpora is empty"),
        (recipe_of(BCONTRAST), "there is no validation data.*hold_out=0.02"),
        (recipe_of("tatoeba_en_de", vocab_size=5000), "vocab_size is 5000, too large.*at most"),
        (recipe_of("tatoeba_en_de", tokenizer="gone.model"), r"no tokenizer at gone\.model"),
        (recipe_of("tatoeba_en_de", cleaning={"max_characters": 3}), "nothing is left to train on.*too_long"),
        (recipe_of("tatoeba_en_de", max_tokens=4), "nothing is left to train on.*max_tokens"),
    ],
)
def test_what_cannot_be_prepared(recipe: Recipe, message: str, corpora: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        prepare(recipe, tmp_path / "out", corpora, processes=1, show_progress=False)
    assert not list(tmp_path.iterdir())


def test_a_text_too_short_to_hold_any_out(own_file: Write, tmp_path: Path) -> None:
    path = own_file("mine.tsv", "Yes.\tJa.\n")
    recipe = recipe_of({"path": str(path), "languages": ["en", "de"], "hold_out": 0.1})
    with pytest.raises(
        ValueError, match=r"no validation data.*too short.*hold_out=0\.1: .*\.0\.hold_out=0\.5"
    ):
        prepare(recipe, tmp_path / "out", processes=1, show_progress=False)


def test_a_turn_without_text_names_its_corpus(tmp_path: Path) -> None:
    from tests.data_prep.conftest import write_parquet

    turns = [{"speaker": "user", "text": "hi"}, {"speaker": "bot", "text": None}]
    for split in ("train", "validation", "test"):
        write_parquet(tmp_path / f"in/self_dialogue/{split}.parquet", [{"turns": turns}])
    recipe = recipe_of("self_dialogue", task="chat")
    with pytest.raises(ValueError, match="corpus 'self_dialogue': a row does not fit.*None is no text"):
        prepare(recipe, tmp_path / "out", tmp_path / "in", processes=1, show_progress=False)


def test_a_bad_line_of_your_own_is_named(own_file: Write, tmp_path: Path) -> None:
    path = own_file("mine.tsv", "Yes.\tJa.\nNo.\n")
    with pytest.raises(ValueError, match=r"mine\.tsv, line 2: has no tab.*<TAB>"):
        prepare(
            recipe_of({"path": str(path), "languages": ["en", "de"]}), tmp_path / "out", show_progress=False
        )
    assert [file.name for file in tmp_path.iterdir()] == ["mine.tsv"]


def test_what_exists_is_not_overwritten(prepared: Path, corpora: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"already holds prepared data.*--overwrite"):
        prepare(TRANSLATE, prepared, corpora, show_progress=False)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not prepared data: give another"):
        prepare(TRANSLATE, tmp_path, corpora, overwrite=True, show_progress=False)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    with pytest.raises(ValueError, match="processes is 0"):
        prepare(TRANSLATE, tmp_path / "out", corpora, processes=0)


def test_overwriting_deletes_no_file_of_yours(prepared: Path, corpora: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(prepared, out)
    (out / ".DS_Store").touch()
    (out / "my_notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds other files \(my_notes\.txt\), which --overwrite would"):
        prepare(TRANSLATE, out, corpora, overwrite=True, show_progress=False)
    assert (out / "my_notes.txt").read_text() == "mine"


def test_a_folder_of_yours_without_data(own_file: Write, tmp_path: Path) -> None:
    own_file("train.csv", "Yes,Ja")
    recipe = recipe_of({"path": str(tmp_path), "languages": ["en", "de"]})
    with pytest.raises(ValueError, match=r"has no train\.tsv, .*: it has train\.csv"):
        prepare(recipe, tmp_path / "out", processes=1, show_progress=False)


def test_overwriting_replaces_the_whole(prepared: Path, corpora: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()  # an empty folder is free
    prepare(recipe_of("dialog_babi", task="chat"), out, corpora, processes=1, show_progress=False)
    prepare(TRANSLATE, out, corpora, processes=1, overwrite=True, show_progress=False)
    assert read_manifest(out) == read_manifest(prepared)
    assert sorted(file.name for file in out.iterdir()) == sorted(file.name for file in prepared.iterdir())
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_or_ctrl_c_leaves_nothing(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault: BaseException = OSError(errno.ENOSPC, "No space left on device")

    def stop(*_: object) -> None:
        raise fault

    monkeypatch.setattr(module, "encode_chunks", stop)
    with pytest.raises(OSError, match=r"disk is full.*free some space") as caught:
        prepare(TRANSLATE, tmp_path / "out", corpora, show_progress=False)
    assert caught.value.errno == errno.ENOSPC
    fault = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        prepare(TRANSLATE, tmp_path / "out", corpora, show_progress=False)
    assert not list(tmp_path.iterdir())


class Deadly(Chunk):
    """A chunk that ends the process which receives it, as a system short of memory would."""

    def __reduce__(self) -> Any:
        return os._exit, (9,)


def test_a_killed_worker_is_explained(prepared: Path, tmp_path: Path) -> None:
    chunk = Deadly(prepared / "test.jsonl", 0, 1, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match=r"one of 2 preparing processes was killed.*fewer --processes"):
        encode_chunks(prepared / "tokenizer.model", [(chunk, Rules(9, True))] * 2, 2, lambda _: None)
    assert not list(tmp_path.iterdir())


SLOW = """
import sys, time
from data_prep import prepare as module
from data_prep.recipe import load_recipe

def wait(*_):
    print("encoding", flush=True)
    time.sleep(60)

module.encode_chunks = wait
module.prepare(load_recipe(sys.argv[1]), sys.argv[2], sys.argv[3], overwrite=True, show_progress=False)
"""


def test_a_kill_leaves_what_existed(prepared: Path, corpora: Path, tmp_path: Path) -> None:
    out, recipe = tmp_path / "out", tmp_path / "tiny.yaml"
    shutil.copytree(prepared, out)
    recipe.write_text(json.dumps(TRANSLATE.model_dump(mode="json")))
    command = [sys.executable, "-c", SLOW, str(recipe), str(out), str(corpora)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"encoding\n"
        process.kill()
    assert read_manifest(out) == read_manifest(prepared)
    ShardedDataset(out, "train", verify=True)
    left = [file for file in tmp_path.iterdir() if file not in (out, recipe)]
    assert [file.name.startswith(".out.") for file in left] == [True]  # hidden, and not complete
    assert not (left[0] / "manifest.json").exists()
    os.utime(left[0], (time.time() - 1e6, time.time() - 1e6))
    prepare(TRANSLATE, out, corpora, processes=1, overwrite=True, show_progress=False)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", "tiny.yaml"]  # the leavings are swept
