"""The registry names every corpus once, says who may ship it, and finds it or says how to get it."""

from pathlib import Path

import pytest

from data_prep.corpora import corpora_root, get_corpus, local_folder, registry
from data_prep.data_config import DataConfig
from data_prep.recipe import load_recipe

# Research only, non-commercial, or unclear: measured and reported, never shipped.
NOT_TO_SHIP = {"daily_dialog", "xdailydialog", "kvret", "multi30k_en_de", "wmt_news_en_fr", "iwslt14_de_en"}
TO_SHIP = {"tatoeba_en_de", "mlqe_pe_en_de", "bcontrast_en_de", "babi_qa", "self_dialogue", "fairytale_qa"}


def test_licences_decide_what_may_ship() -> None:
    assert not any(get_corpus(name).may_ship for name in NOT_TO_SHIP)
    assert all(get_corpus(name).may_ship for name in TO_SHIP)


def test_every_entry_is_whole() -> None:
    for name, corpus in registry().items():
        assert corpus.licence and corpus.citation and corpus.splits, name
        assert all(rows > 0 for rows in corpus.splits.values()), name
        assert "NC" not in corpus.licence.split("-") or not corpus.may_ship, name
        assert len(corpus.languages) == 2 or corpus.schema_ != "translation", name


def test_shipped_recipes_use_only_what_may_ship() -> None:
    for name in ("translate", "chat"):
        path = Path(__file__).parents[2] / "recipes" / f"{name}.yaml"
        if path.exists():
            data: DataConfig = load_recipe(path).data
            assert all(use.corpus.may_ship for use in data.corpora), name


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"'tatoeba_en_dee' \(did you mean 'tatoeba_en_de'\?\)"):
        get_corpus("tatoeba_en_dee")
    with pytest.raises(ValueError, match=r"the registry has tatoeba_en_de,.*give path: FILE"):
        get_corpus("zzz")


def test_the_root_is_given_or_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LONGSHORT_CORPORA", raising=False)
    assert corpora_root() is None
    monkeypatch.setenv("LONGSHORT_CORPORA", str(tmp_path))
    assert corpora_root() == tmp_path
    monkeypatch.setenv("LONGSHORT_CORPORA", str(tmp_path / "gone"))
    with pytest.raises(ValueError, match=r"LONGSHORT_CORPORA is .*gone"):
        corpora_root()
    with pytest.raises(ValueError, match="--corpora is"):
        corpora_root(tmp_path / "gone")


def test_a_folder_without_parquet_is_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "babi_qa").mkdir()
    assert local_folder("babi_qa", tmp_path) is None
    (tmp_path / "babi_qa" / "test.parquet").touch()
    assert local_folder("babi_qa", tmp_path) == tmp_path / "babi_qa"
    assert local_folder("babi_qa", None) is None
