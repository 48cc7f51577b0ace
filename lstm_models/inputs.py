"""What a model takes in: context states of its own, and segments that it can read. All else is refused."""

from collections.abc import Sequence

from lstm_models.config import ModelConfig
from lstm_models.state import ContextState


def check_state(state: ContextState, config: ModelConfig, model_hash: str) -> None:
    """Raises ValueError, with the remedy, for a state of another model, or one that is damaged."""
    if state.model_hash != model_hash:
        raise ValueError(
            f"a context state of another model ({state.model_hash[:12] or 'unknown'}, this is "
            f"{model_hash[:12] or 'unnamed'}): replay the conversation's text with this model"
        )
    carried = config.encoder_layers - 1, config.hidden_size
    heads = config.num_heads, config.hidden_size // config.num_heads
    ids = state.token_ids
    known = 0 <= ids.min(initial=0) <= ids.max(initial=0) < config.vocab_size
    if not known or state.hidden.shape != carried or state.keys.shape[::2] != heads:
        raise ValueError(
            f"a damaged context state: it names this model, but hidden {list(state.hidden.shape)}, keys "
            f"{list(state.keys.shape)} or token ids up to {ids.max(initial=0)} are not of its making; "
            "take another copy, or replay the conversation's text"
        )


def check_segment(segment: Sequence[int], config: ModelConfig) -> None:
    """Raises ValueError, with the remedy, for a segment that is too long, empty or of another tokenizer."""
    if not 0 < len(segment) <= config.max_segment:
        raise ValueError(
            f"a segment of {len(segment)} tokens: allowed are 1 to {config.max_segment}; "
            "split the text into shorter parts"
        )
    if not 0 < min(segment) <= max(segment) < config.vocab_size:
        raise ValueError(
            f"a segment holds the token ids {min(segment)} to {max(segment)}: allowed are 1 to "
            f"{config.vocab_size - 1}; encode the text with this model's own tokenizer"
        )
