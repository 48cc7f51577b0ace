"""Text to token ids and back: SentencePiece BPE with byte fallback and the tags of the tasks.

Ids: 0 <pad>, 1 <unk>, 2 </s>, then `TAGS`, then 256 bytes, then the pieces. The tags are *control*
symbols: SentencePiece never makes one from text, so a user who types "<2de>" gets five characters and
not a command. Byte fallback spells what the vocabulary lacks, so that <unk> never stands for anything.

Source: Sennrich et al. 2016 (BPE, arXiv 1508.07909); Kudo and Richardson 2018 (arXiv 1808.06226).
"""

from __future__ import annotations

import hashlib
import io
import random
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import sentencepiece as spm

from lstm_models.files import write_atomic

TAGS = ("<2de>", "<2en>", "<2fr>", "<2es>", "<fix>", "<reply>", "<answer>", "<user>", "<bot>", "<doc>")
PAD_ID, UNK_ID, EOS_ID = 0, 1, 2
SPECIALS = 3
_ENDS = (".", "!", "?", "\u2026", '"', "\u201d", ")")
MIN_VOCAB_SIZE = SPECIALS + len(TAGS) + 256 + 1

# Control characters, lone surrogates, soft hyphens, zero-width blanks, direction marks and the byte order
# mark carry no words, and some cut a word in two; direction overrides can even make a text look like
# another one. Joiners stay: emoji and some scripts need them.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def normalise(text: str) -> str:
    """The form in which every text is encoded: NFC, one blank for any white space, no control characters.

    `decode(encode(text)) == normalise(text)` for every text. U+2581, SentencePiece's own sign for a
    blank, becomes a blank.
    """
    text = unicodedata.normalize("NFC", _REMOVED.sub("", text))
    return " ".join(text.replace("\u2581", " ").split())


class Tokenizer:
    """A SentencePiece model with the project's tags. It is immutable and may be shared by threads."""

    TAGS = TAGS
    pad_id = PAD_ID
    unk_id = UNK_ID
    eos_id = EOS_ID

    def __init__(self, model: bytes) -> None:
        """`model`: the bytes of a SentencePiece model file.

        Raises: ValueError if they are not a SentencePiece model with the project's tags.
        """
        self._processor = spm.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(model)
        except RuntimeError as error:
            raise ValueError("this is not a SentencePiece model: take it from its source again") from error
        self._model = model
        self.sha256 = hashlib.sha256(model).hexdigest()
        self.vocab_size: int = self._processor.GetPieceSize()
        self._tag_ids = {tag: SPECIALS + i for i, tag in enumerate(TAGS)}
        self._refuse_foreign_model()
        self._silent = frozenset([PAD_ID, EOS_ID, *self._tag_ids.values()])

    def _refuse_foreign_model(self) -> None:
        expected = ["<pad>", "<unk>", "</s>", *TAGS]
        found = [self._processor.IdToPiece(i) for i in range(min(len(expected), self.vocab_size))]
        if found != expected:
            raise ValueError(
                f"the tokenizer begins with {found}, but this project's begin with {expected}: "
                f"train one with Tokenizer.train or `longshort prepare`"
            )

    @classmethod
    def load(cls, path: str | Path) -> Tokenizer:
        """Reads a tokenizer file. Raises: ValueError naming the file and the remedy."""
        try:
            return cls(Path(path).read_bytes())
        except FileNotFoundError:
            raise ValueError(f"no tokenizer at {path}: give the path of a tokenizer.model file") from None
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def save(self, path: str | Path) -> None:
        """Writes the tokenizer file, atomically."""
        write_atomic(path, self._model)

    def __getstate__(self) -> bytes:  # processes that encode in parallel get the model, not the C++ object
        return self._model

    def __setstate__(self, model: bytes) -> None:
        self.__init__(model)  # type: ignore[misc]

    def encode(self, text: str) -> list[int]:
        """Ids of `normalise(text)`, without tags and without </s>; an empty text gives an empty list."""
        return self._processor.EncodeAsIds(normalise(text))

    def dropping(self, share: float, seed: int) -> Tokenizer:
        """A tokenizer that undoes this share of the merges, at random: the same text in other pieces.

        For training, after BPE-dropout (Provilkov et al. 2020), which leaves merges out while they are made.
        SentencePiece can do that, too, but gives other pieces in every process, whatever the seed.
        """
        return _DroppingTokenizer(self._model, share, seed)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of `ids`, without <pad>, </s> and tags. Raises: ValueError for an id not in the vocabulary."""
        kept = [int(i) for i in ids if int(i) not in self._silent]
        for token in kept:
            self._check_id(token)
        return self._processor.DecodeIds(kept)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The piece of each id, as SentencePiece writes it (U+2581 stands for a blank before a word)."""
        for token in ids:
            self._check_id(int(token))
        return [self._processor.IdToPiece(int(token)) for token in ids]

    @cached_property
    def word_starts(self) -> np.ndarray:
        """Which ids begin a word [V]."""
        return np.array([piece.startswith("\u2581") for piece in self.pieces(range(self.vocab_size))])

    @cached_property
    def sentence_ends(self) -> tuple[int, ...]:
        """The ids of pieces that a sentence may end with."""
        pieces = self.pieces(range(self.vocab_size))
        return tuple(number for number, piece in enumerate(pieces) if piece.endswith(_ENDS))

    def _check_id(self, token: int) -> None:
        if not 0 <= token < self.vocab_size:
            raise ValueError(f"token id {token} is not in the vocabulary: ids are 0 to {self.vocab_size - 1}")

    def tag_id(self, tag: str) -> int:
        """The id of a tag such as "<2de>". Raises: ValueError naming the tag and those that exist."""
        if tag not in self._tag_ids:
            raise ValueError(f"unknown tag {tag!r}: the tags are {', '.join(TAGS)}")
        return self._tag_ids[tag]

    @classmethod
    def train(
        cls,
        sentences: Iterable[str],
        path: str | Path,
        vocab_size: int,
        seed: int = 0,
        threads: int = 2,
        character_coverage: float = 0.9999,
        max_sentences: int = 2_000_000,
    ) -> Tokenizer:
        """Trains a BPE vocabulary on `sentences` (an iterable is read once) and saves it at `path`.

        vocab_size counts everything, tags and bytes too. max_sentences: a sample of so many is drawn
        when there are more. The file records seed and threads, so it is the same only for the same
        ones. Numbers are split into digits, so that a number never seen can be copied.
        Raises: ValueError if the text is empty or too small for vocab_size, with the largest that fits.
        """
        if vocab_size < MIN_VOCAB_SIZE:
            raise ValueError(f"vocab_size is {vocab_size}: tags and bytes alone need {MIN_VOCAB_SIZE}")
        spm.set_random_generator_seed(seed)
        buffer = io.BytesIO()
        texts = (text for text in map(normalise, sentences) if text)
        try:
            spm.SentencePieceTrainer.Train(
                sentence_iterator=texts,
                model_writer=buffer,
                model_type="bpe",
                vocab_size=vocab_size,
                character_coverage=character_coverage,
                byte_fallback=True,
                split_digits=True,
                normalization_rule_name="identity",
                control_symbols=list(TAGS),
                pad_id=PAD_ID,
                unk_id=UNK_ID,
                eos_id=EOS_ID,
                bos_id=-1,
                pad_piece="<pad>",
                unk_piece="<unk>",
                eos_piece="</s>",
                num_threads=threads,
                input_sentence_size=max_sentences,
                shuffle_input_sentence=True,
                max_sentence_length=16384,
                minloglevel=2,
            )
        except RuntimeError as error:
            if str(error).startswith("INTERNAL: KeyboardInterrupt"):  # SentencePiece makes that of Ctrl-C
                raise KeyboardInterrupt from error
            raise ValueError(_training_error(str(error), vocab_size)) from error
        tokenizer = cls(buffer.getvalue())
        tokenizer.save(path)
        return tokenizer


class _DroppingTokenizer(Tokenizer):
    def __init__(self, model: bytes, share: float, seed: int) -> None:
        super().__init__(model)
        self._share, self._random = share, random.Random(seed)
        self._halves: dict[int, tuple[int, int] | None] = {}

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for token in super().encode(text):
            self._undo(token, ids)
        return ids

    def _undo(self, token: int, ids: list[int]) -> None:
        if token not in self._halves:
            self._halves[token] = self._merged_from(token)
        halves = self._halves[token]
        if halves is None or self._random.random() >= self._share:
            ids.append(token)
            return
        for half in halves:
            self._undo(half, ids)

    def _merged_from(self, token: int) -> tuple[int, int] | None:
        """The two pieces that a piece is made of: of all such pairs the one that is there first."""
        processor, piece = self._processor, self._processor.IdToPiece(token)
        if processor.IsControl(token) or processor.IsByte(token) or processor.IsUnknown(token):
            return None
        cuts = range(1, len(piece))
        pairs = [(processor.PieceToId(piece[:cut]), processor.PieceToId(piece[cut:])) for cut in cuts]
        known = [pair for pair in pairs if UNK_ID not in pair]
        return min(known, key=max, default=None)  # merges that were made early have low ids


def _training_error(message: str, vocab_size: int) -> str:
    largest = re.search(r"<= (\d+)", message)
    if largest:
        return (
            f"vocab_size is {vocab_size}, too large for this text: give at most {largest.group(1)}, "
            f"or more text"
        )
    smallest = re.search(r"[Vv]ocabulary size is smaller than required_chars\. \d+ vs (\d+)", message)
    if smallest:
        least = smallest.group(1)
        return f"vocab_size is {vocab_size}, too small for this text's letters: give at least {least}"
    if "sentences" in message and "empty" in message:
        return "no text to train a tokenizer on: every sentence is empty"
    return f"SentencePiece could not train on this text: {message.strip()}"
