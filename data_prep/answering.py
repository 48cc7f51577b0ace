"""What a chatbot answers in the dialogues of a corpus, and scores against the answers given there.

Every turn before the one that is answered is read as the corpus has it (gold history), as published systems
are measured; the reply is the bot's own. Nothing of the answer is read before it is given.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.segments import Dialogue, encode_turn
from chat.telling import ABILITY as IN_PARTS
from data_prep.message_parts import in_parts
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from lstm_models.state import ContextState

BATCH = 32  # dialogues side by side
_OPTIONS = SearchOptions(max_length=48)
Say = Callable[[Sequence[ContextState], Sequence[str]], list[str]]  # replies to states that have read, by tag
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True)
class Answer:
    """A reply beside what the corpus has. dialogue: its index; question: the turn that was answered."""

    dialogue: int
    question: str
    expected: str
    reply: str


def answers(
    engine: Engine,
    dialogues: Sequence[Dialogue],
    options: SearchOptions | None = None,
    say: Say | None = None,
) -> Iterator[Answer]:
    """The replies at every target of the dialogues, batch by batch: the network's own, or those of `say`."""
    chosen = options or _OPTIONS
    if IN_PARTS in engine.card.get("abilities", ()):
        dialogues = [in_parts(dialogue) for dialogue in dialogues]

    def network(states: Sequence[ContextState], tags: Sequence[str]) -> list[str]:
        found = engine.generate(states, tags, chosen)
        return [engine.tokenizer.decode(best.tokens).strip() for best, *_ in found]

    for start in range(0, len(dialogues), BATCH):
        yield from _batch(engine, dialogues[start : start + BATCH], start, say or network)


def _batch(engine: Engine, dialogues: Sequence[Dialogue], start: int, say: Say) -> Iterator[Answer]:
    states = [engine.new_state(packed=True) for _ in dialogues]  # as the bot keeps them
    for place in range(max(len(dialogue.turns) for dialogue in dialogues)):
        rows = [row for row, dialogue in enumerate(dialogues) if place < len(dialogue.turns)]
        ids = [_ids(engine, dialogues[row], place) for row in rows]
        for row, state in zip(rows, engine.read([states[row] for row in rows], ids), strict=True):
            states[row] = state
        yield from _replies(dialogues, states, rows, place, start, say)


def _replies(
    dialogues: Sequence[Dialogue],
    states: Sequence[ContextState],
    rows: Sequence[int],
    place: int,
    start: int,
    say: Say,
) -> Iterator[Answer]:
    asked = [(row, text, tag) for row in rows for turn, text, tag in dialogues[row].targets if turn == place]
    if not asked:
        return
    said = say([states[row] for row, _, _ in asked], [tag for _, _, tag in asked])
    for (row, expected, _), reply in zip(asked, said, strict=True):
        yield Answer(start + row, dialogues[row].turns[place].text, expected, reply)


def _ids(engine: Engine, dialogue: Dialogue, place: int) -> list[int]:
    ids = encode_turn(engine.tokenizer, dialogue.turns[place])
    longest = engine.config.max_segment
    return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]


def plain_words(text: str) -> list[str]:
    """Words as SQuAD's evaluation compares them: small letters, no punctuation, no articles."""
    text = text.lower().translate(_PUNCTUATION)
    return _ARTICLES.sub(" ", text).split()


def exact(reply: str, expected: Iterable[str]) -> float:
    """1 where the reply is one of the answers, by `plain_words` (Rajpurkar et al. 2016)."""
    return float(any(plain_words(reply) == plain_words(one) for one in expected))


def word_f1(reply: str, expected: Iterable[str]) -> float:
    """The best overlap of words with one of the answers, 0 to 1 (Rajpurkar et al. 2016)."""
    return max((_f1(plain_words(reply), plain_words(one)) for one in expected), default=0.0)


def _f1(said: list[str], wanted: list[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted))


def entity_f1(pairs: Iterable[tuple[str, Iterable[str], Iterable[str]]]) -> float:
    """Micro-averaged F1, 0 to 1 (Eric & Manning 2017), of (reply, entities wanted, all entities).

    An entity is in a reply when its words stand there, as a whole.
    """
    right = said = wanted = 0
    for reply, gold, known in pairs:
        text = f" {' '.join(plain_words(reply))} "
        gold_set = {" ".join(plain_words(one)) for one in gold}
        present = {name for one in known if (name := " ".join(plain_words(one))) and f" {name} " in text}
        right += len(present & gold_set)
        said += len(present)
        wanted += len(gold_set)
    return 2 * right / max(1, said + wanted)


def repeats_trigram(text: str) -> bool:
    """Whether three words in a row stand in a text twice."""
    words = text.lower().split()
    threes = list(zip(words, words[1:], words[2:], strict=False))
    return len(threes) > len(set(threes))


def distinct(texts: Iterable[str], size: int = 2) -> float:
    """Different n-grams over all n-grams of the texts together, 0 to 1 (Li et al. 2016)."""
    grams: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = text.lower().split()
        grams.update(zip(*(words[n:] for n in range(size)), strict=False))
    return len(grams) / max(1, sum(grams.values()))
