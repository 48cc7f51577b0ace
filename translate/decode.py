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
from lstm_models.search import Constraint, Hypothesis
from lstm_models.state import ContextState
from lstm_models.tokenizer import normalise
from translate.alignment import align, token_spans
from translate.confidence import Calibration, rated
from translate.drafts import Draft, SentenceTranslation, Wanted
from translate.languages import encode_source, target_tag
from translate.markup import put_back
from translate.prepared import Prepared, Preparer, lost, restore, strange_numbers
from translate.protect import MARKERS, Span, find_spans

_BATCH_SENTENCES = 32
_BATCH_TOKENS = 1024
_LIKELIER = 0.5  # log-probability: a sentence with a name in it, than what the network made of the name
_BROKEN = "\ufffd"  # bytes that are no character


@dataclass(frozen=True)
class Glossary:
    """What a request asks of the words.

    terms: source term -> what it has to be in the translation, inflected as given; found as whole words, in
        upper or lower case. keep: words and phrases that are not translated, found as they are written.
    All are kept in the form in which sentences are read, whatever way their accents came in.
    """

    terms: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for option, words in (("terms", [*self.terms, *self.terms.values()]), ("keep", self.keep)):
            if isinstance(words, str):
                raise ValueError(f"glossary {option} is one str: give a list of words")
            for word in words:
                if not isinstance(word, str) or not normalise(word):
                    raise ValueError(f"glossary {option} holds {word!r}: give words that are not empty")
        terms = {normalise(term): normalise(wanted) for term, wanted in self.terms.items()}
        object.__setattr__(self, "terms", terms)
        object.__setattr__(self, "keep", tuple(map(normalise, self.keep)))


NO_GLOSSARY = Glossary()


class SentenceTranslator:
    """Translates sentences with one engine; it holds no state of a request."""

    def __init__(self, engine: Engine, calibration: Calibration | None = None) -> None:
        self.engine, self.tokenizer, self.calibration = engine, engine.tokenizer, calibration

    def translate(
        self, sentences: Sequence[str], wanted: Wanted, glossary: Glossary = NO_GLOSSARY
    ) -> dict[str, SentenceTranslation]:
        """Every sentence with its translation."""
        drafts = self.drafts(sentences, wanted, glossary)
        return {
            sentence: self.finished(sentence, draft)
            for sentence, draft in zip(sentences, drafts, strict=True)
        }

    def finished(self, sentence: str, draft: Draft) -> SentenceTranslation:
        """A draft as whoever asked sees it."""
        words, confidence = rated(self.tokenizer, draft, self.calibration)
        score = draft.hypothesis.score
        return SentenceTranslation(sentence, draft.text, score, draft.lost, words, confidence, (), draft)

    def drafts(
        self, sentences: Sequence[str], wanted: Wanted, glossary: Glossary = NO_GLOSSARY
    ) -> list[Draft]:
        """What the search finds for every sentence."""
        preparer = Preparer(wanted.source, self.count, glossary.keep, glossary.terms)
        tried = [preparer.first(sentence) for sentence in sentences]
        named = [self._with_names(preparer, draft) for draft in self._drafts(tried, wanted)]
        drafts = [draft for draft, _ in named]
        strangers = [preparer.strangers(draft.prepared, draft.text) for draft in drafts]
        faulty = [bool(one.lost or strange_numbers(one.prepared, one.text)) for one in drafts]
        again = [place for place in range(len(drafts)) if faulty[place] or strangers[place]]
        second = [
            preparer.second(drafts[place].prepared, [*named[place][1], *strangers[place]]) for place in again
        ]
        for place, draft in zip(again, self._drafts(second, wanted), strict=True):
            likelier = draft.hypothesis.score - drafts[place].hypothesis.score >= _LIKELIER
            if len(draft.lost) <= len(drafts[place].lost) and (faulty[place] or likelier):
                drafts[place] = draft
        for place in again:
            if drafts[place].lost:
                drafts[place] = self._in_parts(drafts[place])
        return drafts

    def again(self, draft: Draft, changes: Sequence[Constraint]) -> list[Draft]:
        """The sentence of a draft once more for each of `changes`: its prefix and what it avoids count."""
        if not changes:
            return []
        wanted, own = draft.wanted, self._constraint(draft.prepared)
        constraints = [replace(own, prefix=one.prefix, avoid=one.avoid) for one in changes]
        state = self.read(draft.prepared.text, wanted.context)
        tags = [target_tag(wanted.target)] * len(constraints)
        found = self.engine.generate([state] * len(constraints), tags, wanted.options, constraints)
        drafts = [self._draft(wanted, draft.prepared, one[0]) for one in found if one[0].finished]
        return [one for one in drafts if _BROKEN not in one.text and len(one.lost) <= len(draft.lost)]

    def read(self, text: str, context: ContextState | None = None) -> ContextState:
        """The state after one sentence, as the network reads it."""
        state = context or self.engine.new_state()
        return self.engine.read([state], [encode_source(self.tokenizer, text)])[0]

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(encode_source(self.tokenizer, text)) - 1

    def _drafts(self, prepared: Sequence[Prepared], wanted: Wanted) -> list[Draft]:
        """A draft for each; what needs no constraint goes through the plain search, which is faster."""
        drafts: dict[int, Draft] = {}
        whole = replace(wanted.options, banned_tokens=(*wanted.options.banned_tokens, *self._bytes))
        for constrained in (False, True):
            places = [i for i, one in enumerate(prepared) if bool(one.required) == constrained]
            for options in (wanted.options, whole):
                broken = []
                chosen = [prepared[i] for i in places]
                for place, hypothesis in self._search(chosen, replace(wanted, options=options)):
                    draft = self._draft(wanted, chosen[place], hypothesis)
                    drafts[places[place]] = draft
                    if _BROKEN in draft.text and _BROKEN not in draft.prepared.source:
                        broken.append(places[place])
                places = broken  # bytes that make no character: the same without any bytes of its own
        return [drafts[place] for place in range(len(prepared))]

    def _search(self, prepared: Sequence[Prepared], wanted: Wanted) -> Iterator[tuple[int, Hypothesis]]:
        """(place, best hypothesis) of each, in batches of about the same length."""
        encoded = [(encode_source(self.tokenizer, one.text), place) for place, one in enumerate(prepared)]
        encoded.sort(key=lambda pair: len(pair[0]))
        start = wanted.context or self.engine.new_state()
        for batch in _batches(encoded):
            states = self.engine.read([start] * len(batch), [ids for ids, _ in batch])
            tags = [target_tag(wanted.target)] * len(batch)
            if any(prepared[place].required for _, place in batch):
                constraints = [self._constraint(prepared[place]) for _, place in batch]
                found = self.engine.generate(states, tags, wanted.options, constraints)
            else:
                found = self.engine.generate(states, tags, wanted.options)
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

    def _draft(self, wanted: Wanted, prepared: Prepared, hypothesis: Hypothesis) -> Draft:
        output = self.tokenizer.decode(hypothesis.tokens).strip()
        if not any(map(str.isalnum, output)):  # nothing at all would lose what was said
            output = prepared.text
        if prepared.markers:
            weights = None
            if len(hypothesis.tokens) and output != prepared.text:
                weights = align(self.tokenizer, encode_source(self.tokenizer, prepared.text), hypothesis)
            output = put_back(prepared, output, weights)
        text = restore(prepared, output).strip() or prepared.source
        return Draft(wanted, prepared, hypothesis, text, lost(prepared, text))

    def _with_names(self, preparer: Preparer, draft: Draft) -> tuple[Draft, list[Span]]:
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

    def _in_parts(self, draft: Draft) -> Draft:
        """The sentence translated between its spans, which stay where they are."""
        source, parts, last = draft.prepared.source, [], 0
        keep = [span.text for span in draft.prepared.spans if span.kind in ("name", "keep")]
        for span in find_spans(source, keep):
            parts += [(source[last : span.start], True), (source[span.start : span.end], False)]
            last = span.end
        parts.append((source[last:], True))
        spoken = [part.strip() for part, said in parts if said and any(map(str.isalpha, part))]
        plain = [Prepared(part, part) for part in spoken]
        done = dict(zip(spoken, (one.text for one in self._drafts(plain, draft.wanted)), strict=True))
        text = "".join(
            part if not said or part.strip() not in done else part.replace(part.strip(), done[part.strip()])
            for part, said in parts
        )
        missing = lost(draft.prepared, text)
        fewer = len(missing) < len(draft.lost)
        return replace(draft, text=text, lost=missing, whole=False) if fewer else draft

    @cached_property
    def _pieces(self) -> list[str]:
        return self.tokenizer.pieces(range(self.tokenizer.vocab_size))

    @cached_property
    def begins_word(self) -> np.ndarray:
        """[V] True for pieces that have a blank before them."""
        return np.array([piece.startswith("\u2581") for piece in self._pieces])

    @cached_property
    def ends_word(self) -> tuple[int, ...]:
        """Ids of the pieces that cannot go on with a word."""
        return tuple(np.nonzero(~self._glue)[0].tolist())

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
    """The text, normalised, without what stays as it is: what is left is there to be translated."""
    text = normalise(text)
    for span in reversed(find_spans(text, keep)):
        if span.kind in ("url", "email", "code", "placeholder", "keep", *MARKERS):
            text = text[: span.start] + " " + text[span.end :]
    return text
