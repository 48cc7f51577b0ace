"""The way in: dialogues of a split from a seed and the rows of corpora."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chat.segments import Dialogue
from data_prep.dialogues.compose import Composer
from data_prep.dialogues.facts import Draw
from data_prep.dialogues.smalltalk import SmallTalk, runs_of
from data_prep.dialogues.values import Values
from data_prep.dialogues.wording import Wordings
from data_prep.dialogues.world import World, relation_groups, seeded

Row = Mapping[str, Any]
TALK_WEIGHTS = {
    "self_dialogue": 6.0, "topical_chat": 1.5, "synthetic_persona_chat": 2.0, "schema_guided_dialogue": 0.7,
    "taskmaster4": 0.1, "camrest676": 0.1, "woz2": 0.1, "multiwoz": 0.2,
}  # fmt: skip


class DialogueMaker:
    """Makes the dialogue of each index. Building it reads the corpora once; making one is quick.

    It is deterministic in (seed, index) and holds no state between calls, so that processes can share the work.
    """

    def __init__(self, corpora: Mapping[str, Iterable[Row]], seed: int = 1) -> None:
        self.seed = seed
        pools = [(weight, runs_of(corpora[name])) for name, weight in TALK_WEIGHTS.items() if name in corpora]
        self.talk = SmallTalk([(weight, pool) for weight, pool in pools if pool])
        self.composer = Composer(World(relation_groups(held=False)), self.talk)

    def make(self, index: int) -> Dialogue:
        """The dialogue of an index, 0 or more."""
        rng = seeded(self.seed, index)
        return self.composer.compose(Draw(rng, Values(), Wordings()))


def generate(
    split: str, count: int, seed: int, corpora: Mapping[str, Sequence[Row]]
) -> Iterator[Dialogue]:
    """`count` dialogues of a split ("train", "validation", "test"), the same for the same arguments."""
    maker = DialogueMaker(corpora, seed)
    for index in range(count):
        yield maker.make(index)
