"""English with mistakes to English without, and what was changed: for checkpoints that learnt <fix>."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lstm_models.search import SearchOptions
from lstm_models.state import ContextState
from translate.languages import FIX_TAG, encode_fixed, encode_source
from translate.sentences import split, split_long
from translate.spelling import mended
from translate.translator import LONGEST_SENTENCE, Translator

_TOKENS = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]|\s+")
_ENDINGS = {"", "s", "es", "ed", "d", "ing", "n", "en", "er", "est", "ly", "'s"}
SURE = 2.5  # in log-probability: how much likelier a change must be than leaving it (see benchmarks)
_BATCH = 32  # sentences at a time
_ALIKE = 0.7  # words so alike were spelt wrongly
_ARTICLES, _PREPOSITIONS = {"a", "an", "the"}, {
    "in", "on", "at", "to", "for", "of", "with", "from", "by", "about", "into", "over", "under",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """original[start:end] became `after`; `before` is that text, reason: what kind of change, or ""."""

    start: int
    end: int
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True)
class Correction:
    """A text and its correction."""

    original: str
    text: str
    changes: tuple[Change, ...]


def can_correct(translator: Translator) -> bool:
    """Whether the checkpoint has learnt to correct, as its card says."""
    return "fix" in translator.engine.card.get("abilities", ())


def correct(
    translator: Translator,
    texts: Sequence[str],
    beam_size: int = 5,
    check: Callable[[], None] | None = None,
) -> list[Correction]:
    """Corrects English texts of any length; line breaks and blanks stay.

    check: called between batches of sentences; what it raises ends the work.
    Raises: ValueError for a checkpoint that has not learnt it, or what is no list of texts.
    """
    if not can_correct(translator):
        raise ValueError(
            "this checkpoint has not learnt to correct: train one with "
            "`longshort train recipes/abilities.yaml` and name it with --model"
        )
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise ValueError("texts has to be a list of strings: put a single text into a list")
    longest = min(LONGEST_SENTENCE, translator.engine.config.max_segment - 1)
    plans = [
        [
            part
            for piece in split(text, "en")
            for part in split_long(piece, translator.sentences.count, longest)
        ]
        for text in texts
    ]
    wanted = list(dict.fromkeys(piece.text for plan in plans for piece in plan if piece.translate))
    judgements = judged(translator, [mended(sentence) for sentence in wanted], beam_size, check)
    done = {sentence: one.corrected() for sentence, one in zip(wanted, judgements, strict=True)}
    found = []
    for text, plan in zip(texts, plans, strict=True):
        corrected = "".join(done[piece.text] if piece.translate else piece.text for piece in plan)
        found.append(Correction(text, corrected, changes(text, corrected)))
    return found


@dataclass(frozen=True)
class Judged:
    """What the search would change in a sentence, and by how much each change is likelier than leaving it."""

    sentence: str
    changes: tuple[Change, ...]
    gains: tuple[float, ...]  # in log-probability

    def corrected(self, sure: float = SURE) -> str:
        """The sentence with those changes alone that the model is so sure of."""
        chosen = [change for change, gain in zip(self.changes, self.gains, strict=True) if gain >= sure]
        return _with(self.sentence, chosen)


def judged(
    translator: Translator,
    sentences: Sequence[str],
    beam_size: int = 5,
    check: Callable[[], None] | None = None,
) -> Iterator[Judged]:
    """Every sentence's changes, each tried by itself. check: see `correct`.

    A search finds the likeliest sentence and rewrites what it finds unlikely; who asks for a correction wants
    what is right left as it is.
    """
    engine, options = translator.engine, SearchOptions(beam_size=beam_size)
    for start in range(0, len(sentences), _BATCH):
        if check is not None:
            check()
        batch = sentences[start : start + _BATCH]
        ids = [encode_source(engine.tokenizer, sentence) for sentence in batch]
        states = engine.read([engine.new_state()] * len(batch), ids)
        found = []
        for sentence, answers in zip(
            batch, engine.generate(states, [FIX_TAG] * len(batch), options), strict=True
        ):
            text = engine.tokenizer.decode(answers[0].tokens).strip()
            found.append(changes(sentence, text) if text and answers[0].finished else ())
        yield from _judge(translator, batch, states, found)


def _judge(
    translator: Translator,
    sentences: Sequence[str],
    states: Sequence[ContextState],
    found: Sequence[tuple[Change, ...]],
) -> Iterator[Judged]:
    """All the texts to be tried in one go: each sentence as it is, and with each of its changes."""
    engine = translator.engine
    tried = [
        (state, text)
        for sentence, state, own in zip(sentences, states, found, strict=True)
        if own
        for text in (sentence, *(_with(sentence, [change]) for change in own))
    ]
    targets = [encode_fixed(engine.tokenizer, text)[1:] for _, text in tried]  # without the tag
    tags = [FIX_TAG] * len(tried)
    parts = engine.score([state for state, _ in tried], tags, targets) if tried else []
    scores = iter([float(part.sum()) for part in parts])
    for sentence, own in zip(sentences, found, strict=True):
        left = next(scores) if own else 0.0
        yield Judged(sentence, own, tuple(next(scores) - left for _ in own))


def _with(sentence: str, made: Sequence[Change]) -> str:
    """The sentence with these changes, given in order."""
    for change in reversed(made):
        sentence = sentence[: change.start] + change.after + sentence[change.end :]
    return sentence


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What differs, word by word, with places in `before`."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    starts = [0]
    for token in old:
        starts.append(starts[-1] + len(token))
    found = []
    for kind, a, a_end, b, b_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            left, right = "".join(old[a:a_end]), "".join(new[b:b_end])
            found.append(Change(starts[a], starts[a_end], left, right, reason(left, right)))
    return tuple(found)


def with_marks(correction: Correction) -> str:
    """The original on one line, with [-what was taken out-] and {+what was put in+}."""
    parts, last = [], 0
    for change in correction.changes:
        parts.append(correction.original[last : change.start])
        parts += [f"[-{change.before}-]"] if change.before else []
        parts += [f"{{+{change.after}+}}"] if change.after else []
        last = change.end
    return " ".join("".join([*parts, correction.original[last:]]).splitlines())


def reason(before: str, after: str) -> str:
    """What kind of change it is, as far as the words tell."""
    left, right = before.strip().casefold(), after.strip().casefold()
    words = {*left.split(), *right.split()}
    if not words:
        return "blanks"
    if left == right:
        return "upper and lower case"
    if not any(map(str.isalnum, left + right)):
        return "punctuation"
    for name, kind in (("article", _ARTICLES), ("preposition", _PREPOSITIONS)):
        if words <= kind:
            return name
    if not left or not right:
        return "a missing word" if right else "a needless word"
    if sorted(left.split()) == sorted(right.split()):
        return "order of the words"
    if " " in left + right:
        return ""
    shared = next(i for i in range(len(left) + 1) if left[: i + 1] != right[: i + 1])
    if shared >= 2 and left[shared:] in _ENDINGS and right[shared:] in _ENDINGS:
        return "form of the word"
    return "spelling" if SequenceMatcher(None, left, right).ratio() > _ALIKE else ""
