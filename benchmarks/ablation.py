"""What each part of the training recipe is worth, on Multi30k English to German: one change at a time.

python -m benchmarks.ablation --corpora DIR

The same small model and number of updates for all, from nothing; a run that is there already is only scored.
Validation says what to keep; the test of 2016 stands beside it. BLEU: sacrebleu, cased, greedy.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from data_prep.evaluation import DirectionScore, read_records, score_directions
from data_prep.prepare import prepare
from data_prep.recipe import Recipe, load_recipe
from lstm_models.checkpoint import TOKENIZER
from lstm_models.training import fit
from lstm_models.training.run import BEST, SETTINGS, STATE
from translate import Translator

DONE = "done"  # an empty file in a run's folder, once its training has ended
RECIPE = Path(__file__).parents[1] / "recipes" / "multi30k_en_de.yaml"
BASE = (
    "model.embed_dim=256", "model.hidden_size=256", "model.dropout=0.3", "training.sampled_words=1000",
    "training.precision=bf16", "training.max_updates=2000", "training.warmup_updates=200",
    "training.validate_every=500", "training.save_every=500", "training.patience=100",
    "training.monitor=perplexity", "training.threads=1",
)  # fmt: skip
BOTH = (
    '[{name: multi30k_en_de, splits: {train: train, validation: validation, test: test_2016_flickr}, '
    'directions: [en-de]}, {name: multi30k_en_fr, splits: {train: train, validation: validation, '
    'test: test_2016_flickr}, directions: [en-fr]}]'
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One change: how it is told, the settings that make it, and those of them that are about the data.

    teachers: other changes, whose models translate the training sentences for this one's.
    """

    told: str
    settings: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()

    @property
    def own_data(self) -> bool:
        """Whether it needs other data than the base."""
        return bool(self.data or self.teachers)


CHANGES = {
    "base": Change("as the recipes: both ways below, residuals, layer norms, 4 heads, smoothing, averaging"),
    "seed2": Change("the same, another seed", ("training.seed=2",)),
    "nodrop": Change("no locked dropout (0.3)", ("model.dropout=0.0", "model.embed_dropout=0.0")),
    "nosmooth": Change("no label smoothing (0.1)", ("training.label_smoothing=0",)),
    "noaverage": Change("no average of the weights (0.999)", ("training.ema_decay=0",)),
    "heads1": Change("one head of attention instead of 4", ("model.num_heads=1",)),
    "deeper": Change("another layer both ways", ("model.deeper_layers=1",)),
    "word": Change("word dropout 0.1", ("model.word_dropout=0.1",)),
    "vocab3000": Change("a vocabulary of 3,000 instead of 6,000", data=("data.vocab_size=3000",)),
    "bpe": Change(
        "BPE-dropout 0.1, five variants", data=("data.bpe_dropout=0.1", "data.bpe_variants=5")
    ),
    "rdrop": Change("R-Drop 2.5, twice the work", ("training.r_drop=2.5",)),
    "multi": Change("French besides German, as many updates for both", data=(f"data.corpora={BOTH}",)),
    "distilled": Change(
        "what base and the other seed say together, beside what people wrote", teachers=("base", "seed2")
    ),
}  # fmt: skip


def main() -> None:
    """Trains what is missing, scores all, prints the table."""
    options = parse()
    print("| change | perplexity, validation | BLEU, validation | BLEU, test of 2016 | weights | minutes |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in options.only or CHANGES:
        run, data = trained(name, options.corpora, options.work)
        validation, test = (scored(run, data, split) for split in ("validation", "test"))
        size = (run / BEST / "model.safetensors").stat().st_size / 4e6
        row = f"{CHANGES[name].told} | {validation.perplexity:.2f} | {validation.bleu:.1f} | {test.bleu:.1f}"
        print(f"| {row} | {size:.1f} M | {minutes(run):.0f} |", flush=True)
    print(f"\nSignature: `{validation.signatures[0]}`. Seed 1 where no other is told.")
    print("Perplexity is that of a token, so another vocabulary's is another measure.")


def trained(name: str, corpora: Path, work: Path) -> tuple[Path, Path]:
    """The folders of a change's run, which is trained if it is not there, and of its data."""
    change, run = CHANGES[name], work / name
    for teacher in change.teachers:
        trained(teacher, corpora, work)
    recipe, data = recipe_of(change, work), work / (f"data-{name}" if change.own_data else "data")
    if not data.exists():
        prepare(recipe, data, corpora, processes=1)
    if not (run / DONE).exists():
        fit(recipe.model, recipe.training, data, run, resume=(run / STATE).exists(), name=name)
        (run / DONE).touch()
    return run, data


def recipe_of(change: Change, work: Path) -> Recipe:
    """The recipe with what all runs share, and the change."""
    return load_recipe(RECIPE, [*BASE, *change.settings, *change.data, *taught(change.teachers, work)])


def taught(teachers: tuple[str, ...], work: Path) -> list[str]:
    """The settings by which runs teach; with their tokenizer, so that perplexities can be compared."""
    if not teachers:
        return []
    folders = [str(work / teacher / BEST) for teacher in teachers]
    return [
        f"data.distilled.teachers={json.dumps(folders)}",
        f"data.distilled.folder={json.dumps(str(work / 'taught'))}",
        f"data.tokenizer={json.dumps(str(Path(folders[0]) / TOKENIZER))}",
    ]


def scored(run: Path, data: Path, split: str) -> DirectionScore:
    """English to German, greedy, all sentences of a split."""
    records = [record for record in read_records(data, split) if record["target_language"] == "de"]
    return next(score_directions(Translator.load(run / BEST), records, beam_size=1))


def minutes(run: Path) -> float:
    """How long a run took by the clock, from its settings to its last state."""
    return ((run / STATE).stat().st_mtime - (run / SETTINGS).stat().st_mtime) / 60


def parse() -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder with multi30k_en_de, _en_fr")
    parser.add_argument("--work", type=Path, default=Path("runs/ablation"), help="data and runs go here")
    parser.add_argument("--only", nargs="+", choices=list(CHANGES), help="these changes alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
