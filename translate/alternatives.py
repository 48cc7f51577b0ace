"""Other ways to say it: of a whole sentence, and from one word of it on. Found by the search, not by rule.

A sentence: every other translation leaves the best one at some token for the first time. So for each token,
the search finds the best translation that begins like the best one and then avoids it (the partition of
Lawler 1972); these are different by construction, and the likeliest of them that differ in words are given.
A word: the likeliest ways to go on after what stands before it, each searched to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstm_models.search import Constraint
from translate.alignment import words_of
from translate.decode import SentenceTranslator
from translate.drafts import Draft, SentenceTranslation
from translate.languages import target_tag
from translate.prepared import Prepared

MOST = 10  # alternatives
_LEAVINGS = 24  # places where the best translation is left, the most promising ones
_TRIES = 3  # searches for each alternative wanted
_LEAST = 2e-3  # probability of a word that is worth a search
_BEAM = 3


@dataclass(frozen=True)
class Choice:
    """Another way to go on. word: what stands in the place of the word; sentence: with all that follows."""

    word: str
    sentence: SentenceTranslation


def check_count(count: int) -> None:
    """Raises: ValueError for a number of alternatives that is not offered."""
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST:
        raise ValueError(f"alternatives={count!r}: allowed are whole numbers from 0 to {MOST}")


def sentence_alternatives(
    translator: SentenceTranslator, best: SentenceTranslation, count: int
) -> tuple[SentenceTranslation, ...]:
    """At most `count` other translations of a sentence, the likeliest first, no two with the same words."""
    draft = best.draft
    if not count or draft is None or not draft.whole or not draft.hypothesis.tokens:
        return ()
    tokens = draft.hypothesis.tokens
    places = _leavings(draft, translator.tokenizer.eos_id)
    found = translator.again(
        _narrow(draft), [Constraint(prefix=tuple(tokens[:at]), avoid=(avoid,)) for at, avoid in places]
    )
    found.sort(key=lambda one: -one.hypothesis.score)
    said, chosen = {_said(best.text)}, []
    for one in found:
        if (words := _said(one.text)) not in said:
            said.add(words)
            chosen.append(translator.finished(best.source, one))
    return tuple(chosen[:count])


def _leavings(draft: Draft, eos_id: int) -> list[tuple[int, int]]:
    """Where to leave the best translation, with the token that is avoided there.

    What leaves at a token has at most the probability of what stands before it times what is left for others.
    """
    log_probs = np.array([*draft.hypothesis.token_log_probs, -1e-6])  # the end: seldom worth leaving out
    before = np.concatenate([[0.0], np.cumsum(log_probs)[:-1]])
    others = np.log(np.maximum(-np.expm1(np.minimum(log_probs, -1e-9)), 1e-9))
    tokens = [*draft.hypothesis.tokens, eos_id]
    best = np.argsort(-(before + others), kind="stable")[:_LEAVINGS]
    return [(int(at), tokens[at]) for at in sorted(best)]


def _said(text: str) -> tuple[str, ...]:
    return tuple(word.text.casefold() for word in words_of(text))


def _narrow(draft: Draft) -> Draft:
    options = replace(draft.wanted.options, beam_size=_BEAM, n_best=1)
    return replace(draft, wanted=replace(draft.wanted, options=options))


def choices(
    translator: SentenceTranslator, draft: Draft, prefix: str, count: int, avoid: str = ""
) -> list[Choice]:
    """At most `count` ways to go on after `prefix`, the beginning of a translation of the draft's sentence.

    prefix: ends where a word begins; it need not be what the network would say. avoid: the word that stands
    there, which is not offered.
    """
    written = _as_written(draft.prepared, prefix)
    start = tuple(translator.tokenizer.encode(written))
    changes = list(_beginnings(translator, draft, start, written, count, avoid))
    found: dict[str, Choice] = {}
    for one in sorted(translator.again(_narrow(draft), changes), key=lambda one: -one.hypothesis.score):
        word = _word_after(one.text, prefix)
        if word and word.casefold() not in (avoid.casefold(), *found):
            found[word.casefold()] = Choice(word, translator.finished(draft.prepared.source, one))
    return list(found.values())[:count]


def _as_written(prepared: Prepared, prefix: str) -> str:
    """The prefix as the network would have written it: stand-ins for what they stand for, no markers."""
    for one in prepared.stand_ins:
        prefix = prefix.replace(one.span.text, one.word)
    for marker in prepared.markers:
        prefix = prefix.replace(marker.text, "")
    return prefix


def _beginnings(
    translator: SentenceTranslator, draft: Draft, start: tuple[int, ...], prefix: str, count: int, avoid: str
) -> Iterator[Constraint]:
    """The likeliest tokens after `start`; what begins like the word to avoid has to go on differently."""
    wanted, engine = draft.wanted, translator.engine
    state = translator.read(draft.prepared.text, wanted.context)
    probs = np.exp(engine.next_log_probs(state, target_tag(wanted.target), start))
    begins = translator.begins_word if not prefix or prefix[-1].isspace() else ~translator.begins_word
    probs[~begins] = 0.0
    likely = np.argsort(-probs, kind="stable")[: _TRIES * count]
    own = translator.tokenizer.encode(avoid) if avoid else []
    for token in likely[probs[likely] > _LEAST].tolist():
        shared = bool(own) and token == own[0]
        if shared and len(own) == 1:
            yield Constraint(prefix=(*start, token), avoid=translator.ends_word)
        else:
            yield Constraint(prefix=(*start, token), avoid=(own[1],) if shared else ())


def _word_after(text: str, prefix: str) -> str:
    """The first word of `text` that is not in the prefix."""
    number = len(words_of(prefix))
    words: Sequence[object] = words_of(text)
    return words_of(text)[number].text if len(words) > number else ""
