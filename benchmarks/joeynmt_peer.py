"""JoeyNMT's recurrent encoder-decoder of given sizes, fed with our batches: the peer in training speed.

Bidirectional LSTM encoder, LSTM decoder with Luong attention and input feeding, tied embeddings: what it
calls `recurrent` and trains by default (Kreutzer et al. 2019, arXiv 1907.12484). `make bench` installs it.
"""

import logging
from types import SimpleNamespace
from typing import Any

from torch import Tensor, nn

from lstm_models.batching import PAD, Batch
from lstm_models.config import ModelConfig

THEIR_PAD = 1
SPECIAL = {"unk": 0, "pad": THEIR_PAD, "bos": 2, "eos": 3}


class JoeyNMT(nn.Module):
    """Their model behind our batches: forward(batch) is the summed loss over its target tokens."""

    def __init__(self, config: ModelConfig, label_smoothing: float) -> None:
        super().__init__()
        try:
            from joeynmt.model import build_model
            from joeynmt.vocabulary import Vocabulary
        except ImportError as error:
            raise ValueError(
                f"JoeyNMT cannot be imported ({error}): `make bench` installs it, then measures"
            ) from error
        logging.disable(logging.INFO)  # its loggers greet one by one
        symbols: dict[str, Any] = {"sep_token": None, "sep_id": None, "lang_tags": []}
        for name, number in SPECIAL.items():
            symbols |= {f"{name}_token": f"<{name}>", f"{name}_id": number}
        words = [f"w{i}" for i in range(config.vocab_size - len(SPECIAL))]
        vocabulary = Vocabulary(words, SimpleNamespace(**symbols))
        self.model = build_model(their_config(config), src_vocab=vocabulary, trg_vocab=vocabulary)
        self.model.loss_function = ("crossentropy", label_smoothing)

    def forward(self, batch: Batch) -> Tensor:
        return self.model(return_type="loss", **as_theirs(batch))[0]


def their_config(config: ModelConfig) -> dict[str, Any]:
    """The same widths, depths and dropout in their words; what has no counterpart keeps their defaults."""
    side = {
        "type": "recurrent",
        "rnn_type": "lstm",
        "embeddings": {"embedding_dim": config.embed_dim, "scale": False, "dropout": config.embed_dropout},
        "dropout": config.dropout,
    }
    width = config.hidden_size
    return {
        "tied_embeddings": True,
        "tied_softmax": config.embed_dim == width,
        "initializer": "xavier_uniform",
        "init_gain": 1.0,
        "init_weight": 0.01,
        "bias_initializer": "zeros",
        "bias_init_gain": 1.0,
        "bias_init_weight": 0.01,
        "embed_initializer": "normal",
        "embed_init_gain": 1.0,
        "embed_init_weight": 0.1,
        "encoder": {
            **side,
            "num_layers": config.encoder_layers,
            "hidden_size": width // 2,
            "bidirectional": True,
        },
        "decoder": {
            **side,
            "num_layers": config.decoder_layers,
            "hidden_size": width,
            "attention": "luong",
            "input_feeding": True,
            "hidden_dropout": config.dropout,
            "init_hidden": "bridge",
        },
    }


def as_theirs(batch: Batch) -> dict[str, Tensor]:
    """Our batch in their form: longest source first, their padding, masks [B, 1, S]."""
    if batch.targets is not None or batch.segments is not None:
        raise ValueError("JoeyNMT translates single sentences: one segment and one target a row")
    order = batch.src_lengths.argsort(descending=True)
    src = batch.src[order, : int(batch.src_lengths.max())]
    tgt_in, tgt_out = batch.tgt_in[order], batch.tgt_out[order]
    return {
        "src": src.masked_fill(src == PAD, THEIR_PAD),
        "src_mask": (src != PAD)[:, None],
        "src_length": batch.src_lengths[order],
        "trg_input": tgt_in.masked_fill(tgt_in == PAD, THEIR_PAD),
        "trg": tgt_out.masked_fill(tgt_out == PAD, THEIR_PAD),
        "trg_mask": (tgt_out != PAD)[:, None],
    }
