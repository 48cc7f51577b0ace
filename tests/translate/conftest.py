"""A tiny checkpoint made by the real code, and an engine that shouts: translation that a test can predict."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_models.checkpoint import save_checkpoint
from lstm_models.config import ModelConfig
from lstm_models.search import Hypothesis, SearchOptions
from lstm_models.seq2seq import Seq2Seq
from lstm_models.tokenizer import Tokenizer
from translate.translator import Translator

SENTENCES = [
    "Where is the station?",
    "I would like to buy a ticket, please.",
    "Das Wetter ist heute sehr schön.",
    "Où est la gare ? C'est très loin d'ici.",
    "¿A qué hora empieza la película?",
]


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer.train(
        SENTENCES, tmp_path_factory.mktemp("tokenizer") / "tokenizer.model", 340, threads=1
    )


@pytest.fixture(scope="session")
def checkpoint(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights, saved as `longshort train` saves them."""
    import torch

    torch.manual_seed(0)
    config = ModelConfig(
        vocab_size=tokenizer.vocab_size,
        embed_dim=16,
        hidden_size=16,
        num_heads=2,
        bank_size=64,
        max_segment=48,
    )
    folder = tmp_path_factory.mktemp("model") / "translate"
    card = {"name": "tiny", "task": "translate", "description": "Random weights, for tests."}
    save_checkpoint(folder, Seq2Seq(config), tokenizer, card)
    return folder


class ShoutingEngine:
    """In place of a trained engine: a translation is the sentence in capitals. It notes what it is asked."""

    card: dict[str, Any] = {"task": "translate"}

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.config = ModelConfig(vocab_size=tokenizer.vocab_size)
        self.louder = 10.0
        self.batches: list[list[str]] = []
        self.tags: set[str] = set()

    def new_state(self) -> tuple[list[int], ...]:
        return ()

    def read(self, states: list[Any], segments: list[list[int]]) -> list[Any]:
        assert all(len(segment) <= self.config.max_segment for segment in segments)
        assert all(segment[-1] == self.tokenizer.eos_id for segment in segments)
        return [(*state, segment) for state, segment in zip(states, segments, strict=True)]

    def generate(
        self, states: list[Any], tags: list[str], options: SearchOptions, constraints: Any = None
    ) -> list[list[Hypothesis]]:
        """Required phrases are whispered: they stay as they were."""
        assert all(len(state) == 1 for state in states), "every sentence has an empty context of its own"
        said = [self.tokenizer.decode(state[-1]) for state in states]
        self.batches.append(said)
        self.tags |= set(tags)
        found = []
        for place, text in enumerate(said):
            shouted = text.upper()
            for phrase in constraints[place].phrases if constraints else ():
                kept = self.tokenizer.decode(phrase)
                shouted = shouted.replace(kept.upper(), kept)
            found.append([self._hypothesis(shouted, len(states[place][-1]))])
        return found

    def score(self, states: list[Any], tags: list[str], targets: list[list[int]]) -> list[np.ndarray]:
        """Each capital makes a text `louder` likelier."""
        said = [self.tokenizer.decode(target) for target in targets]
        return [np.array([self.louder * sum(map(str.isupper, text))]) for text in said]

    def _hypothesis(self, text: str, source: int) -> Hypothesis:
        """Its pointer goes along the diagonal, and copies next to nothing."""
        tokens = self.tokenizer.encode("" if text == "SAY NOTHING." else text)
        copied = np.zeros((len(tokens), source))
        for place in range(len(tokens)):
            copied[place, min(source - 1, place * source // len(tokens))] = 1e-6
        score = -0.1 * len(text)
        null = np.zeros(len(tokens))
        return Hypothesis(tokens, score, score, [score] * len(tokens), copied, null, finished=True)


@pytest.fixture()
def engine(tokenizer: Tokenizer) -> ShoutingEngine:
    return ShoutingEngine(tokenizer)


@pytest.fixture()
def translator(engine: ShoutingEngine) -> Translator:
    return Translator(engine)  # type: ignore[arg-type]
