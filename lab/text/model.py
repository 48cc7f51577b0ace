"""A language model on the shared LSTM layers: what comes next, from everything before.

B rows of text, T positions, E embedding, H hidden, V vocabulary, C symbols that are embedded together.
State goes in and comes out.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel, ConfigDict, Field
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from lab.text.corpus import Vocabulary
from lstm_models.files import write_atomic
from lstm_models.layers import Gates, LockedDropout, LSTMLayer, LSTMState

_MIX = 1_000_003  # an odd prime: spreads runs of symbols over the table
CONFIG, PARAMETERS = "model.json", "model.safetensors"
WEIGHTS = Path(__file__).resolve().parent.parent / "weights"


class LanguageModelConfig(BaseModel):
    """The sizes of one language model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str = Field("letter", pattern="^(letter|word)$", description="what is predicted: letter or word")
    vocab_size: int = Field(ge=2)
    embed_dim: int = Field(64, ge=1)
    hidden_size: int = Field(256, ge=1)
    num_layers: int = Field(1, ge=1, le=4)
    dropout: float = Field(0.0, ge=0, lt=1, description="locked dropout before and behind every layer")
    tied: bool = Field(False, description="one matrix for reading and for predicting (needs equal widths)")
    together: int = Field(1, ge=1, le=6, description="symbols that are embedded together with the newest")
    buckets: int = Field(0, ge=0, description="rows of the table for symbols embedded together")


class LanguageState(NamedTuple):
    """What a model remembers of a text."""

    layers: list[LSTMState]  # (hidden, cell) [B, H] of each layer
    recent: Tensor  # [B, C - 1] the symbols before


class LanguageModel(nn.Module):
    """Embedding, LSTM layers, softmax (Mikolov et al. 2010; Zaremba et al. 2014).

    With `together` > 1 the last 2 .. C symbols have embeddings of their own, added to the newest symbol's.
    They share one table by hashing (Bojanowski et al. 2017 do so for the n-grams of a word): what follows a
    syllable is learnt with one look-up, and the LSTM is free for what lies further back.
    """

    def __init__(self, config: LanguageModelConfig) -> None:
        super().__init__()
        if config.tied and config.embed_dim != config.hidden_size:
            raise ValueError(
                f"tied=True with embed_dim={config.embed_dim} and hidden_size={config.hidden_size}: "
                "make the two equal, or tied=False"
            )
        if (config.together > 1) != (config.buckets > 0):
            raise ValueError(
                f"together={config.together} with buckets={config.buckets}: symbols embedded together need a "
                "table, and a table needs together=2 or more"
            )
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.embed_dim)
        nn.init.normal_(self.embedding.weight, std=0.1)
        if config.buckets:
            self.table = nn.Embedding(config.buckets, config.embed_dim)
            nn.init.zeros_(self.table.weight)
        widths = [config.embed_dim, *[config.hidden_size] * config.num_layers]
        self.layers = nn.ModuleList(LSTMLayer(before, after) for before, after in pairwise(widths))
        self.dropout = LockedDropout(config.dropout)
        self.output = nn.Linear(config.hidden_size, config.vocab_size)
        if config.tied:
            self.output.weight = self.embedding.weight

    def initial_state(self, batch_size: int) -> LanguageState:
        """Zeros for every layer, and nothing read."""
        like = self.output.bias
        recent = torch.zeros(batch_size, self.config.together - 1, dtype=torch.long, device=like.device)
        return LanguageState([layer.initial_state(batch_size, like) for layer in self.lstm_layers], recent)

    def embed(self, tokens: Tensor, recent: Tensor) -> tuple[Tensor, Tensor]:
        """tokens [B, T], the symbols before them [B, C - 1] -> [B, T, E], and the last C - 1 symbols."""
        x, before = self.embedding(tokens), self.config.together - 1
        run = torch.cat([recent, tokens], dim=1)  # [B, C - 1 + T]
        packed = tokens
        for back in range(1, before + 1):
            packed = packed * _MIX + run[:, before - back : run.shape[1] - back] + 1
            x = x + self.table((packed ^ (packed >> 17)) % self.config.buckets)
        return x, run[:, run.shape[1] - before :]

    @property
    def lstm_layers(self) -> list[LSTMLayer]:
        """The recurrent layers, from below."""
        return [layer for layer in self.layers if isinstance(layer, LSTMLayer)]

    def forward(self, tokens: Tensor, state: LanguageState | None = None) -> tuple[Tensor, LanguageState]:
        """tokens [B, T] -> logits of the symbol after each [B, T, V], the state behind the last."""
        state = state if state is not None else self.initial_state(len(tokens))
        x, recent = self.embed(tokens, state.recent)
        x, after = self.dropout(x), []
        for layer, before in zip(self.lstm_layers, state.layers, strict=True):
            x, carried = layer(x, before)
            x = self.dropout(x)
            after.append(carried)
        return self.output(x), LanguageState(after, recent)

    def step(self, tokens: Tensor, state: LanguageState) -> tuple[Tensor, LanguageState]:
        """One symbol a row: tokens [B] -> logits [B, V], next state; equal to `forward` at each place."""
        embedded, recent = self.embed(tokens[:, None], state.recent)
        x, after = embedded[:, 0], []
        for layer, before in zip(self.lstm_layers, state.layers, strict=True):
            x, carried = layer.step(x, before)
            after.append(carried)
        return self.output(x), LanguageState(after, recent)

    def gates(self, tokens: Tensor, state: LanguageState | None = None) -> list[Gates]:
        """What happens inside each layer while tokens [B, T] are read."""
        state = state if state is not None else self.initial_state(len(tokens))
        x, found = self.embed(tokens, state.recent)[0], []
        for layer, before in zip(self.lstm_layers, state.layers, strict=True):
            found.append(layer.gates(x, before))
            x = found[-1].hidden
        return found


def detached(state: LanguageState) -> LanguageState:
    """The same state, cut off from what came before (truncated back-propagation)."""
    return LanguageState([(hidden.detach(), cell.detach()) for hidden, cell in state.layers], state.recent)


def save_model(folder: Path, model: LanguageModel, vocabulary: Vocabulary, about: dict[str, object]) -> None:
    """Writes model.safetensors (float16) and model.json: sizes, vocabulary and where it came from."""
    folder.mkdir(parents=True, exist_ok=True)
    tied = {"output.weight"} if model.config.tied else set()
    weights = {
        name: w.detach().half().contiguous() for name, w in model.state_dict().items() if name not in tied
    }
    write_atomic(folder / PARAMETERS, save(weights))
    description = {"config": model.config.model_dump(), "symbols": vocabulary.symbols, "about": about}
    write_atomic(folder / CONFIG, json.dumps(description, ensure_ascii=False, indent=1).encode())


def load_model(
    folder: Path, unit: Literal["letter", "word"] | None = None
) -> tuple[LanguageModel, Vocabulary, dict[str, object]]:
    """A model with its vocabulary and origin. unit: what it has to predict, where only one will do.

    Raises: ValueError naming the file that is missing or damaged, or the unit, and how to make the model.
    """
    remedy = f"train one with `longshort lab train-{unit or 'letter'}s`"
    for name in (CONFIG, PARAMETERS):
        if not (folder / name).is_file():
            raise ValueError(f"no language model at {folder}, {name} is missing: {remedy}")
    try:
        description = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        model = LanguageModel(LanguageModelConfig(**description["config"]))
        vocabulary, about = Vocabulary(tuple(description["symbols"])), description["about"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder / CONFIG} describes no language model: {remedy}") from error
    if unit not in (None, model.config.unit):
        raise ValueError(
            f"{folder} holds a model of {model.config.unit}s, and one of {unit}s is needed: "
            f"give its folder, or {remedy}"
        )
    _fill(model, folder / PARAMETERS, remedy)
    return model.eval(), vocabulary, about


def _fill(model: LanguageModel, path: Path, remedy: str) -> None:
    """Reads a model's weights from a file. Raises: ValueError where it is damaged or another model's."""
    try:
        weights = {name: w.float() for name, w in load_file(path).items()}
        if model.config.tied:
            weights["output.weight"] = weights["embedding.weight"]
        model.load_state_dict(weights)
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise ValueError(
            f"{path} is truncated, or not of the model that {CONFIG} describes: copy both again, or {remedy}"
        ) from error


def bits_of(logits: Tensor, targets: Tensor) -> Tensor:
    """logits [..., V], targets [...] -> bits that each target costs [...]."""
    log_probs = logits.log_softmax(-1)
    return -log_probs.gather(-1, targets[..., None]).squeeze(-1) / torch.log(torch.tensor(2.0))
