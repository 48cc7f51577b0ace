"""The data section of a recipe: which corpora, how cleaned, how cut into tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from data_prep.cleaning import CleaningConfig
from data_prep.corpora import Corpus, get_corpus
from translate.languages import DIRECTIONS, LANGUAGES

Role = Literal["train", "validation", "test"]
ROLES: tuple[Role, ...] = ("train", "validation", "test")


class CorpusUse(BaseModel):
    """One corpus of a recipe: a registered `name`, or your own file under `path`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", description="a corpus of the registry, or a name of your choice for your own file")
    path: str = Field("", description="your own data: a TSV, JSONL or parquet file, or a folder of parquet files")
    languages: tuple[str, ...] = Field((), description="own data only: the two languages, as in [en, de]")
    splits: dict[Role, str] = Field({}, description="role: split; empty = all roles that the corpus has")
    directions: tuple[str, ...] = Field((), description='such as ["en-de"]; empty = both')
    limit: int | None = Field(None, ge=1, description="take the first so many training rows only")
    revision: str | None = Field(None, description="the hub's commit to read; empty = the registry's")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.name and not self.path:
            raise ValueError("a corpus needs a name (of the registry) or a path (of your own file)")
        if self.path and len(self.languages) not in (0, 2):
            raise ValueError(f"languages={list(self.languages)} must be the two languages of the file, as [en, de]")
        if not self.path:
            corpus = get_corpus(self.name)
            for role, split in self.splits.items():
                if split not in corpus.splits:
                    raise ValueError(
                        f"splits.{role}={split!r}: corpus {self.name!r} has {', '.join(corpus.splits)}"
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

    def split_of(self, role: Role) -> str | None:
        """The split used for a role, or None."""
        if self.splits:
            return self.splits.get(role)
        if self.path:
            return "train" if role == "train" else None
        return role if role in self.corpus.splits else None

    def direction_pairs(self) -> list[tuple[str, str]]:
        """(source, target) languages to train: those asked for, else both of the corpus."""
        if self.directions:
            return [(d.split("-")[0], d.split("-")[1]) for d in self.directions]
        first, second = self.corpus.languages
        return [(first, second), (second, first)]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, (str, dict)) else value


class DataConfig(BaseModel):
    """What a recipe trains on and how it becomes tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corpora: Annotated[tuple[CorpusUse, ...], BeforeValidator(_as_list)] = ()
    corpora_root: str = Field("", description="folder of local corpora; the command line's --corpora goes first")
    tokenizer: str = Field("", description="an existing tokenizer.model to use; empty = train one on the train split")
    vocab_size: int = Field(8000, ge=270, description="entries of the tokenizer to train, tags and bytes included")
    character_coverage: float = Field(0.9999, gt=0.9, le=1, description="letters rarer than this are spelt in bytes")
    max_tokens: int = Field(64, ge=4, description="longest source or target to train on, tags and </s> included")
    max_eval_tokens: int = Field(256, ge=4, description="validation and test texts are cut to this, never dropped")
    shard_examples: int = Field(50_000, ge=1, description="examples in one shard file")
    cleaning: CleaningConfig = CleaningConfig()
    seed: int = Field(1, description="decides the tokenizer's sample and the order of the validation split")


def check_translation(data: DataConfig) -> None:
    """Raises: ValueError if a corpus is not a translation corpus of languages on offer."""
    for use in data.corpora:
        corpus = use.corpus
        if corpus.schema_ != "translation" or len(corpus.languages) != 2:
            remedy = "give languages: [en, de]" if use.path else "choose a translation corpus"
            raise ValueError(f"data.corpora: {corpus.name!r} holds no sentence pairs for task translate; {remedy}")
        for source, target in use.direction_pairs():
            if source not in LANGUAGES or target not in LANGUAGES:
                raise ValueError(
                    f"data.corpora: {corpus.name!r} is {source}-{target}, but the languages on offer are "
                    f"{', '.join(LANGUAGES)}"
                )
            if {source, target} != set(corpus.languages):
                raise ValueError(
                    f"data.corpora: {corpus.name!r} has {'-'.join(corpus.languages)}, not {source}-{target}"
                )
