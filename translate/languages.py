"""The languages on offer and how a sentence becomes tokens, in training and in serving alike. No torch."""

from __future__ import annotations

from lstm_models.tokenizer import Tokenizer

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
DIRECTIONS = (("en", "de"), ("de", "en"), ("en", "fr"), ("fr", "en"), ("en", "es"), ("es", "en"))

# Phones and word processors type these; the corpora hold the plain apostrophe a hundred times as often. Only
# what is read is unified: what is written keeps the form of its language.
_APOSTROPHES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


def target_tag(language: str) -> str:
    """The tag that a translation into `language` begins with: "<2de>" for "de". Raises: ValueError."""
    if language not in LANGUAGES:
        offered = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise ValueError(f"no translation into {language!r}: the languages are {offered}")
    return f"<2{language}>"


def encode_source(tokenizer: Tokenizer, text: str) -> list[int]:
    """Ids of the sentence to translate, </s> last."""
    return [*tokenizer.encode(text.translate(_APOSTROPHES)), tokenizer.eos_id]


def encode_target(tokenizer: Tokenizer, text: str, language: str) -> list[int]:
    """Ids of a translation: the language's tag first, </s> last."""
    return [tokenizer.tag_id(target_tag(language)), *tokenizer.encode(text), tokenizer.eos_id]
