"""Makes a run's best checkpoint the shipped one: float16, exported, with a card of data, scores and limits.

    python -m benchmarks.ship runs/translate/best translate --limits "..." --scores translate.json

Refuses weights that learnt, themselves or by the weights they began with or their teachers, from a corpus
that the licence rule does not allow (data_prep/corpora.yaml, may_ship), and files above the size that the
project ships.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from data_prep.corpora import registry
from lstm_models.card import BY_DATA, CardScore, ModelCard
from lstm_models.checkpoint import load_checkpoint, read_config, save_checkpoint
from lstm_models.export import export_checkpoint
from lstm_models.shortlist import Shortlists, read_shortlists, write_shortlists

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained"
LARGEST = 25 * 10**6  # bytes
GENERATED = "generated"


def main() -> None:
    """Reads the options, checks, writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("name", choices=("translate", "chat"))
    parser.add_argument("--description", required=True)
    parser.add_argument("--training", default="", help="machine, time, seed; behind what the run noted")
    parser.add_argument("--limits", nargs="*", default=[], help="one sentence each")
    parser.add_argument("--scores", type=Path, help="JSON list of {dataset, metric, value, split}")
    parser.add_argument("--usage", default=None)
    parser.add_argument(
        "--data",
        type=Path,
        help="the prepared data, to learn the shortlists of words (default: those shipped stay as they are, "
        "where the tokenizer is the same)",
    )
    parser.add_argument("--languages", nargs="*", default=["en"])
    options = parser.parse_args()
    ship(options)


def ship(options: argparse.Namespace) -> None:
    """Raises: ValueError for a checkpoint that may not be shipped."""
    model, tokenizer, config = load_checkpoint(options.checkpoint)
    card = ModelCard.parse(config["card"])
    _refuse_forbidden(options.checkpoint, card)
    scores = json.loads(options.scores.read_text(encoding="utf-8")) if options.scores else []
    card = card.model_copy(
        update={
            "name": f"longshort-{options.name}",
            "description": options.description,
            "languages": tuple(options.languages),
            "scores": tuple(CardScore.model_validate(score) for score in scores),
            "limits": tuple(options.limits),
            "training": " ".join(filter(None, [card.training, options.training])),
            "recipe": f"recipes/{options.name}.yaml",
            "usage": options.usage,
        }
    )
    folder = PRETRAINED / options.name
    kept = _shortlists(folder, tokenizer.sha256, options.data)
    save_checkpoint(folder, model, tokenizer, card, dtype="float16")
    if kept:
        write_shortlists(folder, kept, tokenizer.sha256)
    export_checkpoint(folder, data=options.data)
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    for path, size in sizes.items():
        if size > LARGEST:
            raise ValueError(f"{path} has {size:,} bytes, above the {LARGEST:,} that are shipped")
    print(f"{folder}: {sum(sizes.values()) / 1e6:.1f} MB")


def _refuse_forbidden(checkpoint: Path, card: ModelCard) -> None:
    """Raises: ValueError unless the registry allows every corpus that the weights learnt from."""
    known = registry()
    forbidden = [
        corpus.name
        for corpus in card.data
        if corpus.name != GENERATED and not (corpus.name in known and known[corpus.name].may_ship)
    ]
    if forbidden or card.licence == BY_DATA:  # the latter also of an own file that bears a corpus' name
        raise ValueError(
            f"{checkpoint} learnt from {', '.join(forbidden) or 'data of your own'}: it may not be shipped; "
            "train one on corpora with may_ship: true in data_prep/corpora.yaml"
        )


def _shortlists(folder: Path, tokenizer_sha256: str, data: Path | None) -> Shortlists:
    """Those that are shipped now, where they are to stay: weights change more often than pieces."""
    if data or not folder.is_dir():
        return {}
    config = read_config(folder)
    if config["tokenizer"]["sha256"] != tokenizer_sha256:
        return {}
    return read_shortlists(folder, tokenizer_sha256, config["model"]["vocab_size"])


if __name__ == "__main__":
    main()
