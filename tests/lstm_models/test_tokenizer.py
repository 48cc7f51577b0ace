"""Text to ids and back loses nothing but what `normalise` says, and no text can forge a tag."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_models.tokenizer import MIN_VOCAB_SIZE, TAGS, Tokenizer, normalise

SENTENCES = [
    f"The {adjective} {noun} sees {number} {other}s."
    for adjective in ("red", "old", "quiet")
    for noun in ("house", "cat", "river", "king")
    for number in (3, 17, 2048)
    for other in ("boat", "apple", "friend")
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    Tokenizer.train(SENTENCES, path, 330)
    return path


@pytest.fixture(scope="module")
def tokenizer(path: Path) -> Tokenizer:
    return Tokenizer.load(path)


@given(st.text())
@settings(deadline=None)
def test_any_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == normalise(text)
    assert tokenizer.unk_id not in ids
    assert min(ids, default=99) >= 3 + len(TAGS)  # neither <pad>, </s> nor a tag


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("", ""),
        (" \t\n ", ""),
        ("a\x00b\x07c", "abc"),
        ("\ufeffHello\u200e \u202eworld\u2069", "Hello world"),
        ("soft\u00adware zero\u200bwidth", "software zerowidth"),
        ("Vous\u202fallez\u00a0bien\u2009?", "Vous allez bien ?"),
        ("e\u0301\u2581x", "é x"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("👩\u200d👩\u200d👧 \U0001f3f4", "👩\u200d👩\u200d👧 \U0001f3f4"),
        ("שלום", "שלום"),
    ],
)
def test_odd_text(tokenizer: Tokenizer, text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert tokenizer.decode(tokenizer.encode(text)) == normal


@pytest.mark.parametrize("tag", [*TAGS, "<pad>", "</s>", "<unk>", "<0x41>"])
def test_text_never_becomes_a_tag(tokenizer: Tokenizer, tag: str) -> None:
    ids = tokenizer.encode(f"{tag} hello")
    assert tokenizer.decode(ids) == f"{tag} hello"
    assert tag not in tokenizer.pieces(ids)


def test_ids_of_tags_are_fixed_and_silent(tokenizer: Tokenizer) -> None:
    assert [tokenizer.tag_id(tag) for tag in TAGS] == list(range(3, 3 + len(TAGS)))
    words = tokenizer.encode("The cat")
    ids = [tokenizer.tag_id("<2de>"), *words, tokenizer.eos_id, tokenizer.pad_id]
    assert tokenizer.decode(ids) == "The cat"
    assert tokenizer.pieces([0, 1, 2, 3]) == ["<pad>", "<unk>", "</s>", "<2de>"]
    with pytest.raises(ValueError, match=r"'<2xx>'.*<2de>"):
        tokenizer.tag_id("<2xx>")


def test_numbers_are_spelt_digit_by_digit(tokenizer: Tokenizer) -> None:
    pieces = [piece for piece in tokenizer.pieces(tokenizer.encode("2048")) if piece != "▁"]
    assert len(pieces) == 4


def test_ids_outside_the_vocabulary(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match=r"330 .*0 to 329"):
        tokenizer.decode([330])
    with pytest.raises(ValueError, match="-1"):
        tokenizer.pieces([-1])


def test_a_megabyte_of_one_letter(tokenizer: Tokenizer) -> None:
    text = "a" * 2**20
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_files_and_copies_are_equal(tokenizer: Tokenizer, path: Path, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "copy.model")
    for other in (Tokenizer.load(tmp_path / "copy.model"), copy.deepcopy(tokenizer)):
        assert other.sha256 == tokenizer.sha256
        assert other.encode("an old river") == tokenizer.encode("an old river")
    assert Tokenizer.train(SENTENCES, tmp_path / "again.model", 330).sha256 == tokenizer.sha256


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 100])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "foreign.model"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"foreign\.model: .*not a SentencePiece model"):
        Tokenizer.load(file)


def test_a_tokenizer_of_another_project_is_refused(tmp_path: Path) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(SENTENCES), model_prefix=str(tmp_path / "other"), vocab_size=35, minloglevel=2
    )
    with pytest.raises(ValueError, match="<2de>"):
        Tokenizer.load(tmp_path / "other.model")
    with pytest.raises(ValueError, match="no tokenizer at"):
        Tokenizer.load(tmp_path / "missing.model")


@pytest.mark.parametrize(
    ("sentences", "vocab_size", "message"),
    [
        (SENTENCES, 50_000, r"50000, too large.*at most \d+"),
        (SENTENCES, MIN_VOCAB_SIZE, r"too small.*at least \d+"),
        (SENTENCES, 5, r"vocab_size is 5: tags and bytes alone need \d+"),
        ([], 400, "no text"),
        (["", " \t"], 400, "no text"),
    ],
)
def test_training_refuses_by_name(
    tmp_path: Path, sentences: list[str], vocab_size: int, message: str
) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(b"what was there")
    with pytest.raises(ValueError, match=message):
        Tokenizer.train(sentences, path, vocab_size)
    assert path.read_bytes() == b"what was there"


def test_dropping_merges_keeps_the_text_and_repeats_with_its_seed(tokenizer: Tokenizer) -> None:
    text = SENTENCES[0]
    dropping = tokenizer.dropping(0.5, seed=1)
    found = [dropping.encode(text) for _ in range(20)]
    assert {dropping.decode(ids) for ids in found} == {tokenizer.decode(tokenizer.encode(text))}
    assert len(set(map(tuple, found))) > 10 and min(map(len, found)) >= len(tokenizer.encode(text))
    again = tokenizer.dropping(0.5, seed=1)
    assert [again.encode(text) for _ in range(20)] == found


def test_what_a_sentence_may_end_with(tokenizer: Tokenizer) -> None:
    ends = tokenizer.sentence_ends
    assert tokenizer.encode("It is late.")[-1] in ends and tokenizer.encode("It is late")[-1] not in ends
    assert all(piece[-1] in '.!?\u2026"\u201d)' for piece in tokenizer.pieces(ends))


def test_ctrl_c_while_training_stays_ctrl_c(tmp_path: Path) -> None:
    def sentences() -> Iterator[str]:
        yield "The door is open."
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Tokenizer.train(sentences(), tmp_path / "t.model", 300)
