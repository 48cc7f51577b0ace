"""The data section of a recipe: which corpora, how cleaned, how cut into tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from chat.telling import ABILITY as IN_PARTS
from data_prep.antecedents import Kind
from data_prep.cleaning import CleaningConfig
from data_prep.corpora import Corpus, get_corpus
from data_prep.dialogues.generate import PARALLEL
from data_prep.prose import SCHEMAS as PROSE
from translate.languages import DIRECTIONS

Role = Literal["train", "validation", "test"]
ROLES: tuple[Role, ...] = ("train", "validation", "test")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, (str, dict)) else value


class CorpusUse(BaseModel):
    """One corpus of a recipe: a registered `name`, or your own file under `path`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", description="a corpus of the registry, or a name of your choice for your own file")
    path: str = Field("", description="your own data: a TSV, JSONL or parquet file, or a folder of them")
    languages: tuple[str, ...] = Field((), description="own data only: the two languages, as in [en, de]")
    splits: dict[Role, str] = Field({}, description="role: split; empty = all roles that the corpus has")
    directions: tuple[str, ...] = Field((), description='such as ["en-de"]; empty = both')
    limit: int | None = Field(None, ge=1, description="take the first so many training rows only")
    hold_out: float | None = Field(
        None, ge=0, lt=1, description="share of train kept for validation if there is none; own data: 0.02"
    )
    revision: str | None = Field(None, description="the hub's commit to read; empty = the registry's")
    window: int = Field(
        1,
        ge=1,
        le=32,
        description="train on so many rows in order as one text, or on so many questions "
        "about one story as one dialogue, with the state carried",
    )
    renamed: int = Field(
        0, ge=0, le=20, description="so many copies more of each dialogue, with made-up places and cuisines"
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.name and not self.path:
            raise ValueError("a corpus needs a name (of the registry) or a path (of your own file)")
        if self.languages and not self.path:
            raise ValueError(
                f"languages={list(self.languages)} is for your own data, not for corpus {self.name!r}"
            )
        if self.path and len(self.languages) not in (0, 2):
            raise ValueError(
                f"languages={list(self.languages)} must be the file's two languages, as [en, de]"
            )
        if not self.path:
            corpus = get_corpus(self.name)
            for role, split in self.splits.items():
                if split not in corpus.splits:
                    raise ValueError(
                        f"splits.{role}={split!r}: corpus {self.name!r} has {', '.join(corpus.splits)}"
                    )
        if self.renamed and self.corpus.schema_ != "dialogue":
            raise ValueError(
                f"renamed={self.renamed} is for dialogues that look things up, such as dialog_babi, "
                f"not for {self.corpus.name!r}: take it out"
            )
        for direction in self.directions:
            if tuple(direction.split("-")) not in DIRECTIONS:
                offered = ", ".join("-".join(pair) for pair in DIRECTIONS)
                raise ValueError(f"directions={direction!r}: the directions are {offered}")
        return self

    @property
    def corpus(self) -> Corpus:
        """The registry's entry, or one made up for your own file."""
        if not self.path:
            return get_corpus(self.name)
        return Corpus(
            name=self.name or self.path.replace("\\", "/").rsplit("/", 1)[-1],
            schema_="translation" if self.languages else "dialogue",
            splits={},
            licence="the owner's",
            may_ship=False,
            citation="own data",
            languages=self.languages or ("en",),
        )

    @property
    def share_held_out(self) -> float:
        """hold_out, or a fiftieth of your own data."""
        return (0.02 if self.path else 0.0) if self.hold_out is None else self.hold_out

    def direction_pairs(self) -> list[tuple[str, str]]:
        """(source, target) languages to train: those asked for, else both of the corpus."""
        if self.directions:
            return [(d.split("-")[0], d.split("-")[1]) for d in self.directions]
        first, second = self.corpus.languages
        return [(first, second), (second, first)]


class Generated(BaseModel):
    """Fact dialogues that the project writes itself (see dialogues/), amid small talk from the corpora."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: int = Field(0, ge=0, description="dialogues to write for each role")
    validation: int = Field(0, ge=0)
    test: int = Field(0, ge=0)


class Synthetic(BaseModel):
    """Pairs that a translator makes of English that one corpus has and another has not: synthetic.py."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    translator: str = Field("", description="a translator's checkpoint; empty = none are made")
    folder: str = Field(
        "synthetic", description="where translations are kept, to go on with and to use again"
    )
    beam_size: int = Field(3, ge=1, le=32, description="hypotheses of the search; 1 is fastest")
    confidence: float = Field(
        0.0, ge=0, le=1, description="leave out translations that are less sure than this"
    )


class Distilled(BaseModel):
    """What teachers make of the sources of the translation corpora, for a student to learn: distilled.py."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    teachers: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(
        (), description="translators' checkpoints that share a tokenizer and search as one; empty = none"
    )
    folder: str = Field(
        "distilled", description="where translations are kept, to go on with and to use again"
    )
    beam_size: int = Field(5, ge=1, le=32, description="hypotheses of the search; 1 is fastest")
    beside: bool = Field(
        True,
        description="what people wrote stays beside it, so that a small corpus loses none of it; "
        "false = it is replaced; windows of rows in order always stay as they are",
    )


class DataConfig(BaseModel):
    """What a recipe trains on and how it becomes tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corpora: Annotated[tuple[CorpusUse, ...], BeforeValidator(_as_list)] = ()
    generated: Generated = Generated()
    messages_in_parts: bool = Field(
        False, description="dialogues: what a message tells, one thing after the other, is a segment each"
    )
    antecedents: int = Field(0, ge=0, description="short texts about pronouns to write for training")
    antecedent_kinds: tuple[Kind, ...] = Field((), description="of which pronouns they are; none: of all")
    corruptions: int = Field(
        0, ge=0, description="English sources to spoil, for <fix>; if any, corpora of prose may be named"
    )
    synthetic: Synthetic = Synthetic()
    distilled: Distilled = Distilled()
    corpora_root: str = Field("", description="folder of local corpora, unless --corpora names one")
    tokenizer: str = Field("", description="an existing tokenizer.model; empty = train one")
    vocab_size: int = Field(8000, ge=270, description="entries of the tokenizer, with tags and bytes")
    character_coverage: float = Field(0.9999, gt=0.9, le=1, description="share of letters not spelt in bytes")
    bpe_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the tokenizer's merges left out at random in training text"
    )
    bpe_variants: int = Field(
        1, ge=1, le=20, description="how often to encode a training example, for bpe_dropout"
    )
    max_tokens: int = Field(64, ge=4, description="longest source or target to train on, in tokens")
    max_eval_tokens: int = Field(256, ge=4, description="validation and test are cut to this, never dropped")
    shard_examples: int = Field(50_000, ge=1, description="examples in one shard file")
    cleaning: CleaningConfig = CleaningConfig()
    seed: int = Field(1, description="decides the tokenizer's sample and the order of the validation split")

    @model_validator(mode="after")
    def _variants_differ(self) -> Self:
        if self.bpe_variants > 1 and not self.bpe_dropout:
            raise ValueError(
                f"bpe_variants={self.bpe_variants} would repeat each example as it is: "
                "give a bpe_dropout above 0, such as 0.1, or leave bpe_variants out"
            )
        return self


def check_task(data: DataConfig, task: str) -> None:
    """Raises: ValueError if the corpora cannot serve the task, or are in languages not on offer."""
    if any(data.generated.model_dump().values()) and task != "chat":
        raise ValueError(f"data.generated writes dialogues, which task {task} cannot use: take it out")
    if not data.corpora:
        raise ValueError("data.corpora is empty: name at least one corpus, or give path: FILE")
    for use in data.corpora:
        corpus = use.corpus
        pairs = corpus.schema_ in ("translation", "minimal_pairs")
        spoilt = task == "translate" and data.corruptions > 0 and corpus.schema_ in PROSE
        retold = task == "chat" and data.generated.train > 0 and use.name in PARALLEL
        if pairs != (task == "translate") and not (spoilt or retold):
            holds = "sentence pairs" if pairs else "dialogues"
            remedy = "; for sentence pairs give languages: [en, de]" if use.path and not pairs else ""
            raise ValueError(
                f"data.corpora: {corpus.name!r} holds {holds}, not what task {task} needs{remedy}"
            )
        if corpus.schema_ == "translation":
            _check_languages(use, corpus)
    made = (data.antecedents, data.corruptions, data.synthetic.translator, data.distilled.teachers)
    if task != "translate" and any(made):
        raise ValueError(
            "data.antecedents, data.corruptions, data.synthetic and data.distilled are for translators, "
            f"not for task {task}"
        )
    if data.antecedent_kinds and not data.antecedents:
        kinds = ", ".join(data.antecedent_kinds)
        raise ValueError(
            f"data.antecedent_kinds={kinds}, but data.antecedents=0: say how many texts to write, "
            "or leave the kinds out"
        )
    if task == "translate" and data.messages_in_parts:
        raise ValueError(f"data.messages_in_parts is for dialogues, not for task {task}: take it out")


def abilities(data: DataConfig) -> list[str]:
    """What a model learns from this data besides its task, as its card says it."""
    context = data.antecedents > 0 or any(
        use.window > 1 and use.corpus.schema_ == "translation" for use in data.corpora
    )
    fix = data.corruptions > 0 or any(use.corpus.schema_ == "minimal_pairs" for use in data.corpora)
    found = (("context", context), ("fix", fix), (IN_PARTS, data.messages_in_parts))
    return [name for name, there in found if there]


def _check_languages(use: CorpusUse, corpus: Corpus) -> None:
    for source, target in use.direction_pairs():
        if (source, target) not in DIRECTIONS:
            offered = ", ".join("-".join(pair) for pair in DIRECTIONS)
            raise ValueError(
                f"data.corpora: {corpus.name!r} is {source}-{target}; the directions are {offered}"
            )
        if {source, target} != set(corpus.languages):
            languages = "-".join(corpus.languages)
            raise ValueError(
                f"data.corpora: {corpus.name!r} is {languages}, so directions cannot be {source}-{target}"
            )
