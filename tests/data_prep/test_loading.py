"""Local folders and the hub give the same rows, through `datasets`."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep import loading
from data_prep.corpora import get_corpus
from data_prep.loading import Location, load_rows, locate, pinned, read_parquet, rows_at, translation_of
from tests.data_prep.conftest import write_parquet

PAIR = {"en": "Good day.", "de": "Guten Tag."}


def test_a_local_folder_in_the_hubs_schema(corpora: Path, pairs: list[dict[str, str]]) -> None:
    rows = list(load_rows(get_corpus("tatoeba_en_de"), "validation", corpora))
    assert rows == pairs[::80]


def test_many_rows_keep_their_order(tmp_path: Path) -> None:
    rows = [{"en": f"row {i}", "de": f"Reihe {i}"} for i in range(2500)]  # more than one batch
    assert list(read_parquet([str(write_parquet(tmp_path / "a.parquet", rows))])) == rows


def test_flat_columns_and_several_files(tmp_path: Path) -> None:
    folder = tmp_path / "tatoeba_en_de"
    write_parquet(folder / "train-00000-of-00002.parquet", [{"english": "One.", "non_english": "Eins."}])
    write_parquet(folder / "train-00001-of-00002.parquet", [{"english": "Two.", "non_english": "Zwei."}])
    rows = load_rows(get_corpus("tatoeba_en_de"), "train", tmp_path)
    assert list(rows) == [{"en": "One.", "de": "Eins."}, {"en": "Two.", "de": "Zwei."}]


@pytest.mark.parametrize("name", ["pairs[1]", "pairs [2024]", "a*b", "{x}", "x%20y"])
def test_a_path_is_no_pattern(tmp_path: Path, name: str) -> None:
    write_parquet(tmp_path / "pairs1.parquet", [{"en": "wrong", "de": "falsch"}])
    assert list(read_parquet([str(write_parquet(tmp_path / f"{name}.parquet", [PAIR]))])) == [PAIR]


def test_a_path_that_cannot_be_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"x::y\.parquet: .* :: cannot be read; give .* another name"):
        list(read_parquet([str(write_parquet(tmp_path / "x::y.parquet", [PAIR]))]))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["train-00000-of-00003", "train-00002-of-00003"], r"train-00001-of-00003\.parquet is missing in"),
        (["train", "train-00000-of-00001"], "several copies of 'train'.*move all but one copy away"),
        (["train-00000-of-00001", "train-00000-of-00002", "train-00001-of-00002"], "several copies"),
        (["train-00000-of-00001-abc", "train-00000-of-00001-def"], "several copies"),
    ],
)
def test_a_split_that_is_there_in_part_or_twice(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        write_parquet(tmp_path / "tatoeba_en_de" / f"{name}.parquet", [PAIR])
    with pytest.raises(ValueError, match=message):
        locate(get_corpus("tatoeba_en_de"), "train", tmp_path)


@pytest.mark.parametrize(
    "row",
    [{"translation": PAIR}, PAIR, {"english": "Good day.", "non_english": "Guten Tag."}, {**PAIR, "id": 3}],
)
def test_every_form_of_a_pair(row: dict[str, Any]) -> None:
    assert translation_of(row, get_corpus("tatoeba_en_de")) == PAIR


def test_foreign_columns_are_named() -> None:
    with pytest.raises(ValueError, match=r"columns \['en', 'fr'\], but en and de are expected"):
        translation_of({"translation": {"en": "a", "fr": "b"}}, get_corpus("tatoeba_en_de"))


@pytest.mark.parametrize("value", [7, b"Good day."])
def test_a_column_of_no_texts_is_named(value: Any) -> None:
    with pytest.raises(
        ValueError, match=r"'tatoeba_en_de': a row has .* in the column 'en', which is no text"
    ):
        translation_of({"en": value, "de": None}, get_corpus("tatoeba_en_de"))


def test_files_without_rows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = pa.table({"en": ["a"], "de": ["b"]})
    for name, rows in (("empty", 0), ("full", 1)):
        pq.write_table(table.slice(0, rows), tmp_path / f"{name}.parquet")
    with pytest.raises(ValueError, match=r"empty\.parquet is empty: it has no rows"):
        list(read_parquet([str(tmp_path / "empty.parquet")]))
    assert not capfd.readouterr().err
    assert len(list(read_parquet([str(tmp_path / f"{name}.parquet") for name in ("empty", "full")]))) == 1


def test_a_missing_corpus_says_how_to_get_it(tmp_path: Path) -> None:
    remedy = r"DIR/mlqe_pe_en_de/train\.parquet.*--corpora DIR or LONGSHORT_CORPORA=DIR"
    with pytest.raises(ValueError, match="no local folder was given, and the hub has no copy.*" + remedy):
        locate(get_corpus("mlqe_pe_en_de"), "train", None)
    with pytest.raises(ValueError, match=r"there is no babi_qa/train\.parquet in .*needs a loading script"):
        locate(get_corpus("babi_qa"), "train", tmp_path)
    with pytest.raises(ValueError, match=r"sentence-transformers/.* has only train.*--corpora"):
        locate(get_corpus("tatoeba_en_de"), "validation", None)
    with pytest.raises(ValueError, match=r"no split 'dev': it has train, validation, test"):
        locate(get_corpus("tatoeba_en_de"), "dev", tmp_path)


def test_a_split_that_is_not_in_the_folder_comes_from_the_hub(tmp_path: Path) -> None:
    write_parquet(tmp_path / "iwslt17_ted_en_fr" / "test.parquet", [{"en": "a", "fr": "b"}])
    corpus = get_corpus("iwslt17_ted_en_fr")
    assert str(locate(corpus, "test", tmp_path)) == "iwslt17_ted_en_fr"
    assert str(locate(corpus, "train", tmp_path)) == "hub:IWSLT/iwslt2017@refs/convert/parquet"
    assert locate(corpus, "train", tmp_path, revision="abc").revision == "abc"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"PAR1 then nothing", "cut short"),
        (b"en,de\n", "not a parquet"),
        (b"PAR1PAR1", "cannot"),
    ],
)
def test_broken_parquet(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.parquet.*{message}"):
        list(read_parquet([str(path)]))


class FakeHub:
    """Stands for the `datasets` package where there is no network; records what it was asked."""

    exceptions = SimpleNamespace(DatasetsError=type("DatasetsError", (Exception,), {}))

    def __init__(self, rows: list[Any] | Exception) -> None:
        self.rows, self.asked = rows, {}

    def load_dataset(self, *args: Any, **options: Any) -> list[Any]:
        self.asked = {"args": args, **options}
        if isinstance(self.rows, Exception):
            raise self.rows
        return self.rows


def test_the_hub_is_asked_for_the_pinned_text(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = FakeHub([{"translation": PAIR}])
    monkeypatch.setattr(loading, "import_datasets", lambda offline: hub)
    place = Location(get_corpus("opus100_en_de"), "train", revision="c" * 40)
    assert list(rows_at(place)) == [PAIR]
    assert hub.asked == {
        "args": ("Helsinki-NLP/opus-100", "de-en"), "split": "train", "revision": "c" * 40, "streaming": True
    }  # fmt: skip
    renamed = Location(get_corpus("multi30k_en_de"), "test_2016_flickr")
    list(rows_at(renamed))
    assert (hub.asked["split"], hub.asked["streaming"]) == ("test", False)


class NoRoute(Exception):
    """The network's own error: neither an OSError nor a ValueError."""


def test_a_hub_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def fail() -> None:
        raise NoRoute("no route")

    monkeypatch.setattr(huggingface_hub, "HfApi", fail)
    monkeypatch.setattr(loading, "import_datasets", lambda offline: FakeHub(NoRoute("no route")))
    with pytest.raises(ValueError, match=r"opus100_en_de.*Helsinki-NLP/opus-100: no route.*--corpora DIR"):
        pinned(Location(get_corpus("opus100_en_de"), "train"))
    with pytest.raises(ValueError, match=r"opus100_en_de.*Helsinki-NLP/opus-100: no route.*--corpora DIR"):
        list(rows_at(Location(get_corpus("opus100_en_de"), "train")))


def test_branches_become_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked = []

    class Api:
        def dataset_info(self, name: str, revision: str | None) -> SimpleNamespace:
            asked.append((name, revision))
            return SimpleNamespace(sha="d" * 40)

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(loading, "import_datasets", lambda offline: None)
    corpus = get_corpus("wmt14_en_de")
    assert pinned(Location(corpus, "train")).revision == "d" * 40
    assert pinned(Location(corpus, "train", revision="e" * 40)).revision == "e" * 40
    assert pinned(Location(corpus, "train", files=("a.parquet",))).files == ("a.parquet",)
    assert asked == [("wmt/wmt14", None)]
