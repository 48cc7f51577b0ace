"""Sentences to translations: a first try, another one for what was lost, and what is done if that fails too.

1. Opaque spans, terms of the glossary and words that are to be kept are required of the search; everything
   else is the network's own task (prepared.py).
2. Where a number or a name did not come through, or a number came out of nowhere, they are required too.
3. Where even that loses something (no room in the sentence, more spans than stand-ins), the sentence is
   translated in the parts between its spans. What is still lost is told as a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from lstm_models.engine import Engine
from lstm_models.search import Constraint, Hypothesis, SearchOptions
from translate.alignment import align, token_spans
from translate.languages import encode_source, target_tag
from translate.markup import put_back
from translate.prepared import Prepared, Preparer, lost, restore, strange_numbers
from translate.protect import MARKERS, Span, find_spans

_BATCH_SENTENCES = 32
_BATCH_TOKENS = 1024
_BROKEN = "\ufffd"  # bytes that are no character


@dataclass(frozen=True)
class Glossary:
    """What a request asks of the words.

    terms: source term -> what it has to be in the translation, inflected as given; found as whole words, in
        upper or lower case. keep: words and phrases that are not translated, found as they are written.
    """

    terms: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for option, words in (("terms", [*self.terms, *self.terms.values()]), ("keep", self.keep)):
            if isinstance(words, str):
                raise ValueError(f"glossary {option} is one str: give a list of words")
            for word in words:
                if not isinstance(word, str) or not word.strip():
                    raise ValueError(f"glossary {option} holds {word!r}: give words that are not empty")


NO_GLOSSARY = Glossary()


@dataclass(frozen=True)
class SentenceTranslation:
    """One sentence of a text.

    score: its log-probability, normalised by length (0 is best). lost: what should have come through as it
    was and did not.
    """

    source: str
    text: str
    score: float
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Draft:
    """A hypothesis with its text, stand-ins replaced and markers put back."""

    prepared: Prepared
    hypothesis: Hypothesis
    text: str
    lost: tuple[str, ...]


class SentenceTranslator:
    """Translates sentences with one engine; it holds no state of a request."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.tokenizer = engine, engine.tokenizer

    def translate(
        self,
        sentences: Sequence[str],
        source: str,
        target: str,
        options: SearchOptions,
        glossary: Glossary = NO_GLOSSARY,
    ) -> dict[str, SentenceTranslation]:
        """Every sentence with its translation."""
        preparer = Preparer(source, self.count, glossary.keep, glossary.terms)
        tried = [preparer.first(sentence) for sentence in sentences]
        drafts = self._drafts(tried, target, options)
        named = [self._with_names(preparer, draft) for draft in drafts]
        again = [
            place
            for place, (draft, _) in enumerate(named)
            if draft.lost or strange_numbers(draft.prepared, draft.text)
        ]
        drafts = [draft for draft, _ in named]
        second = [preparer.second(drafts[place].prepared, named[place][1]) for place in again]
        for place, draft in zip(again, self._drafts(second, target, options), strict=True):
            if len(draft.lost) <= len(drafts[place].lost):
                drafts[place] = draft
        for place in again:
            if drafts[place].lost:
                drafts[place] = self._in_parts(drafts[place], target, options)
        return {
            sentence: SentenceTranslation(sentence, draft.text, draft.hypothesis.score, draft.lost)
            for sentence, draft in zip(sentences, drafts, strict=True)
        }

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(encode_source(self.tokenizer, text)) - 1

    def _drafts(self, prepared: Sequence[Prepared], target: str, options: SearchOptions) -> list[_Draft]:
        """A draft for each; what needs no constraint goes through the plain search, which is faster."""
        drafts: dict[int, _Draft] = {}
        for constrained in (False, True):
            places = [i for i, one in enumerate(prepared) if bool(one.required) == constrained]
            broken = []
            for place, hypothesis in self._search([prepared[i] for i in places], target, options):
                drafts[places[place]] = draft = self._draft(prepared[places[place]], hypothesis)
                if _BROKEN in draft.text and _BROKEN not in draft.prepared.source:
                    broken.append(places[place])
            if broken:  # bytes that make no character: the same without any bytes of its own
                whole = replace(options, banned_tokens=(*options.banned_tokens, *self._bytes))
                for place, hypothesis in self._search([prepared[i] for i in broken], target, whole):
                    drafts[broken[place]] = self._draft(prepared[broken[place]], hypothesis)
        return [drafts[place] for place in range(len(prepared))]

    def _search(
        self, prepared: Sequence[Prepared], target: str, options: SearchOptions
    ) -> Iterator[tuple[int, Hypothesis]]:
        """(place, best hypothesis) of each, in batches of about the same length."""
        encoded = [(encode_source(self.tokenizer, one.text), place) for place, one in enumerate(prepared)]
        encoded.sort(key=lambda pair: len(pair[0]))
        for batch in _batches(encoded):
            states = self.engine.read([self.engine.new_state()] * len(batch), [ids for ids, _ in batch])
            tags = [target_tag(target)] * len(batch)
            if any(prepared[place].required for _, place in batch):
                constraints = [self._constraint(prepared[place]) for _, place in batch]
                found = self.engine.generate(states, tags, options, constraints)
            else:
                found = self.engine.generate(states, tags, options)
            for (_, place), hypotheses in zip(batch, found, strict=True):
                yield place, hypotheses[0]

    def _constraint(self, prepared: Prepared) -> Constraint:
        phrases = [tuple(self.tokenizer.encode(phrase)) for phrase in prepared.required]
        names = [one.word for one in prepared.stand_ins if one.word.isalpha()]
        inside = {token for name in names if len(ids := self.tokenizer.encode(name)) == 1 for token in ids}
        return Constraint(
            tuple(phrase for phrase in phrases if phrase),
            inside=frozenset(inside | self._digits),
            glue=self._glue,
        )

    def _draft(self, prepared: Prepared, hypothesis: Hypothesis) -> _Draft:
        output = self.tokenizer.decode(hypothesis.tokens).strip()
        if not any(map(str.isalnum, output)):  # nothing at all would lose what was said
            output = prepared.text
        if prepared.markers:
            weights = None
            if len(hypothesis.tokens) and output != prepared.text:
                weights = align(self.tokenizer, encode_source(self.tokenizer, prepared.text), hypothesis)
            output = put_back(prepared, output, weights)
        text = restore(prepared, output).strip() or prepared.source
        return _Draft(prepared, hypothesis, text, lost(prepared, text))

    def _with_names(self, preparer: Preparer, draft: _Draft) -> tuple[_Draft, list[Span]]:
        """The draft, and the names of its sentence, which have to survive as well."""
        prepared, copied = draft.prepared, draft.hypothesis.copy_weights
        if not any(map(str.isupper, prepared.bare)) or not len(copied):
            return draft, []
        _, spans = token_spans(self.tokenizer, encode_source(self.tokenizer, prepared.text))
        by_token = copied[:, -len(spans) :]
        attended = by_token / np.maximum(by_token.sum(axis=1, keepdims=True), 1e-30)

        def share(start: int, end: int) -> tuple[float, float]:
            own = [place for place, (a, b) in enumerate(spans) if a < end and start < b]
            count = max(1, len(own))
            return float(by_token[:, own].sum()) / count, float(attended[:, own].sum()) / count

        names = preparer.names(prepared, share)
        if not names:
            return draft, names
        prepared = replace(prepared, spans=(*prepared.spans, *names))
        return replace(draft, prepared=prepared, lost=lost(prepared, draft.text)), names

    def _in_parts(self, draft: _Draft, target: str, options: SearchOptions) -> _Draft:
        """The sentence translated between its spans, which stay where they are."""
        source, parts, last = draft.prepared.source, [], 0
        keep = [span.text for span in draft.prepared.spans if span.kind in ("name", "keep")]
        for span in find_spans(source, keep):
            parts += [(source[last : span.start], True), (source[span.start : span.end], False)]
            last = span.end
        parts.append((source[last:], True))
        spoken = [part.strip() for part, said in parts if said and any(map(str.isalpha, part))]
        plain = [Prepared(part, part) for part in spoken]
        done = dict(zip(spoken, (one.text for one in self._drafts(plain, target, options)), strict=True))
        text = "".join(
            part if not said or part.strip() not in done else part.replace(part.strip(), done[part.strip()])
            for part, said in parts
        )
        missing = lost(draft.prepared, text)
        return replace(draft, text=text, lost=missing) if len(missing) < len(draft.lost) else draft

    @cached_property
    def _pieces(self) -> list[str]:
        return self.tokenizer.pieces(range(self.tokenizer.vocab_size))

    @cached_property
    def _bytes(self) -> tuple[int, ...]:
        return tuple(i for i, piece in enumerate(self._pieces) if piece.startswith("<0x"))

    @cached_property
    def _digits(self) -> frozenset[int]:
        return frozenset(
            i for i, piece in enumerate(self._pieces) if i not in self._bytes and any(map(str.isdigit, piece))
        )

    @cached_property
    def _glue(self) -> np.ndarray:
        """[V] True for pieces that go on with a word, bytes among them."""
        glue = np.array([piece[0].isalnum() for piece in self._pieces])
        glue[list(self._bytes)] = True
        return glue


def _batches(encoded: list[tuple[list[int], int]]) -> Iterator[list[tuple[list[int], int]]]:
    """Runs of `encoded` (sorted by length) of bounded size: sentences, and tokens with padding."""
    start = 0
    while start < len(encoded):
        end = start + 1
        while (
            end < len(encoded)
            and end - start < _BATCH_SENTENCES
            and (end - start + 1) * len(encoded[end][0]) <= _BATCH_TOKENS
        ):
            end += 1
        yield encoded[start:end]
        start = end


def protected_only(text: str, keep: Sequence[str] = ()) -> str:
    """The text without what stays as it is: what is left is there to be translated."""
    for span in reversed(find_spans(text, keep)):
        if span.kind in ("url", "email", "code", "placeholder", "keep", *MARKERS):
            text = text[: span.start] + " " + text[span.end :]
    return text
