"""The languages on offer and how a sentence becomes tokens, in training and in serving alike. No torch."""

from __future__ import annotations

from lstm_models.tokenizer import Tokenizer

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
DIRECTIONS = (("en", "de"), ("de", "en"), ("en", "fr"), ("fr", "en"), ("en", "es"), ("es", "en"))

FIX_TAG = "<fix>"  # English with mistakes to English without

# Phones and word processors type these; the corpora hold the plain apostrophe a hundred times as often. Only
# what is read is unified: what is written keeps the form of its language. The backtick is left alone: it
# marks code, which has to come through a translation as it was.
_APOSTROPHES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'"})


def target_tag(language: str) -> str:
    """The tag that a translation into `language` begins with: "<2de>" for "de". Raises: ValueError."""
    if language not in LANGUAGES:
        offered = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise ValueError(f"no translation into {language!r}: the languages are {offered}")
    return f"<2{language}>"


def check_direction(source: str, target: str) -> None:
    """Refuses a language or a direction that is not among the six. Raises: ValueError with the remedy."""
    for option, code in (("source", source), ("target", target)):
        if code not in LANGUAGES:
            offered = ", ".join(f"{code!r} ({name})" for code, name in LANGUAGES.items())
            raise ValueError(f"{option}={code!r} is not offered: the languages are {offered}")
    if source == target:
        raise ValueError(f"source and target are both {source!r}: choose two different languages")
    if (source, target) not in DIRECTIONS:
        raise ValueError(
            f"{LANGUAGES[source]} to {LANGUAGES[target]} is not offered: one of the two languages has to be "
            f"English. Translate into English (target='en') first, then from English (source='en')"
        )


def encode_source(tokenizer: Tokenizer, text: str) -> list[int]:
    """Ids of the sentence to translate, </s> last."""
    return [*tokenizer.encode(text.translate(_APOSTROPHES)), tokenizer.eos_id]


def encode_target(tokenizer: Tokenizer, text: str, language: str) -> list[int]:
    """Ids of a translation: the language's tag first, </s> last."""
    return [tokenizer.tag_id(target_tag(language)), *tokenizer.encode(text), tokenizer.eos_id]


def encode_fixed(tokenizer: Tokenizer, text: str) -> list[int]:
    """Ids of a corrected sentence: the task's tag first, </s> last."""
    return [tokenizer.tag_id(FIX_TAG), *tokenizer.encode(text), tokenizer.eos_id]
