"""The way in: dialogues of a split from a seed and the rows of corpora."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chat.segments import Dialogue
from data_prep.dialogues import natural, readers
from data_prep.dialogues.compose import Composer
from data_prep.dialogues.episodes import episodes
from data_prep.dialogues.facts import Draw, Fact, Relation
from data_prep.dialogues.paraphrases import Paraphrases
from data_prep.dialogues.smalltalk import Pool, SmallTalk
from data_prep.dialogues.values import Values
from data_prep.dialogues.wording import Wordings
from data_prep.dialogues.world import World, relation_groups

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

TALK_WEIGHTS = {  # corpus of conversations: how often its turns stand between the facts
    "self_dialogue": 6.0,
    "synthetic_persona_chat": 2.0,
    "topical_chat": 1.5,
    "schema_guided_dialogue": 0.7,
    "multiwoz": 0.2,
    "taskmaster4": 0.1,
    "camrest676": 0.1,
    "woz2": 0.1,
}
QUESTIONS = ("open_trivia_qa", "nq_open")
PASSAGES = ("squad_v1_dev", "squad_v2_dev", "fairytale_qa", "mctest")
PARALLEL = ("tatoeba_en_de", "tatoeba_en_fr", "tatoeba_en_es")
MATERIAL = (
    *TALK_WEIGHTS,
    *PARALLEL,
    *QUESTIONS,
    *PASSAGES,
    "babi_qa",
    "dialog_babi",
)  # every corpus that is made use of
MIX = {"facts": 0.7, "chat": 0.06, "reading": 0.21, "babi": 0.02, "booking": 0.01}  # shares of the dialogues
OWN_READING = 0.75  # share of the passages that are the project's own
SPLITS = ("train", "validation", "test")


def splits_of(available: Sequence[str]) -> dict[str, str]:
    """Which split of a corpus serves which role: where there is no train split, validation trains.

    available: the corpus's splits. A test split is never trained on.
    """
    if "train" in available:
        return {role: role for role in SPLITS if role in available}
    roles = {"train": "validation"} if "validation" in available else {}
    return roles | ({"test": "test"} if "test" in available else {})


class DialogueMaker:
    """Makes the dialogue of each index. Building it goes through the corpora; making one takes milliseconds.

    It is deterministic in (split, seed, index) and keeps nothing between calls, so that processes can share
    the work.
    """

    def __init__(
        self, corpora: Rows, split: str = "train", seed: int = 1, mix: Mapping[str, float] | None = None
    ) -> None:
        """corpora: rows of the split by corpus name; those that are missing are done without.

        mix: shares of facts, chat, reading, babi and booking. Raises: ValueError for another split or share.
        """
        if split not in SPLITS:
            raise ValueError(f"split={split!r} must be one of {', '.join(SPLITS)}")
        shares = dict(MIX if mix is None else mix)
        unknown = set(shares) - set(MIX)
        if unknown or not any(share > 0 for share in shares.values()):
            raise ValueError(f"mix={shares} must give shares above 0 for some of {', '.join(MIX)}")
        self.split, self.seed = split, seed
        rows = {name: _allowed(name, corpora[name], split) for name in corpora}
        self.talk = SmallTalk(
            [(TALK_WEIGHTS[name], Pool(rows[name])) for name in TALK_WEIGHTS if rows.get(name)]
        )
        self._passages = [p for name in PASSAGES if name in rows for p in readers.passages(rows[name], name)]
        self.natural: list[Fact] = [fact for passage in self._passages for fact in passage.facts]
        for name in QUESTIONS:
            self.natural += natural.from_questions(rows.get(name, ()), name)
        self._babi = rows.get("babi_qa", ())
        self._booking = readers.whole(readers.booking(row) for row in rows.get("dialog_babi", ()))
        paraphrases = Paraphrases.of(row for name in PARALLEL for row in rows.get(name, ()))
        alike: dict[str, list[Relation]] = {"paraphrases": [paraphrases]} if paraphrases.pairs else {}
        self._composers = [
            Composer(World(relation_groups(held) | alike, self.natural), self.talk) for held in (False, True)
        ]
        there = {
            "facts": True,
            "chat": True,
            "reading": True,
            "babi": self._babi,
            "booking": self._booking,
        }
        self._kinds = {kind: share for kind, share in shares.items() if there[kind] and share > 0}

    def make(self, index: int) -> Dialogue:
        """The dialogue of an index, 0 or more."""
        rng = random.Random(f"{self.split}/{self.seed}/{index}")
        kind = rng.choices(list(self._kinds), list(self._kinds.values()))[0]
        makers: dict[str, Callable[[random.Random], Dialogue | None]] = {
            "facts": self._facts,
            "chat": lambda r: readers.chat(self.talk, r),
            "reading": self._reading,
            "babi": lambda r: readers.babi(r.choice(self._babi)),
            "booking": lambda r: r.choice(self._booking),
        }
        return makers[kind](rng) or self._facts(rng)

    def _reading(self, rng: random.Random) -> Dialogue | None:
        """From a text of the project's own, or from a corpus."""
        if rng.random() < OWN_READING or not self._passages:
            held = self.split != "train"
            draw = Draw(rng, Values(unseen=held), Wordings(held and rng.random() < 0.5))
            return readers.own_reading(rng.choice(episodes(held, "passages")), draw)
        return readers.reading(rng.choice(self._passages), rng)

    def _facts(self, rng: random.Random) -> Dialogue:
        """In training the relations, wordings and words of training; else half of them those held out."""
        if self.split == "train":
            return self._composers[0].compose(Draw(rng, Values(), Wordings()))
        held_relations, held_wordings = rng.random() < 0.3, rng.random() < 0.5
        draw = Draw(rng, Values(unseen=True), Wordings(held_wordings))
        return self._composers[held_relations].compose(draw)


def _allowed(name: str, rows: Sequence[Row], split: str) -> Sequence[Row]:
    """Without the SQuAD articles that are kept for tests; and in a test only those."""
    if not name.startswith("squad"):
        return rows
    return [row for row in rows if readers.is_held_title(row["title"]) == (split == "test")]


def generate(
    split: str, count: int, seed: int, corpora: Rows, mix: Mapping[str, float] | None = None
) -> Iterator[Dialogue]:
    """`count` dialogues of a split (train, validation, test), the same for the same arguments."""
    maker = DialogueMaker(corpora, split, seed, mix)
    return (maker.make(index) for index in range(count))
