"""Texts and HTML through the translator, within a request's limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interfaces.refusing import Refusal
from interfaces.services import Services
from translate.decode import NO_GLOSSARY, Glossary
from translate.detect import Detection, detect
from translate.documents import translate_document
from translate.documents.markup import Html
from translate.languages import LANGUAGES
from translate.translator import NotOffered


@dataclass(frozen=True)
class Direction:
    """From where to where, with which words. source may be auto."""

    source: str
    target: str
    glossary: Glossary = NO_GLOSSARY
    alternatives: int = 0


@dataclass(frozen=True)
class Answer:
    """A text, translated. detection: where the source was to be detected."""

    text: str
    detection: Detection | None = None
    alternatives: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_languages(source: str, target: str) -> bool:
    """Whether they are the same, so that nothing is to be done. Raises Refusal for one that is not there."""
    for name, code, more in (("source", source, ("auto",)), ("target", target, ())):
        if code not in (*LANGUAGES, *more):
            offered = ", ".join((*more, *LANGUAGES))
            raise Refusal(400, f"{code[:20]} is not supported: {name} can be {offered}", param=name)
    return source == target


def translate_texts(services: Services, texts: Sequence[str], wanted: Direction) -> list[Answer]:
    """Each text, translated. Raises Refusal, also once the request takes too long."""
    if check_languages(wanted.source, wanted.target):
        return [Answer(text) for text in texts]
    try:
        done = services.translating().translate(
            texts,
            wanted.source,
            wanted.target,
            glossary=wanted.glossary,
            alternatives=wanted.alternatives,
            check=services.limits.deadline().check,
        )
    except NotOffered as error:
        raise _not_offered(_called(texts, error.place), error) from error
    return [Answer(one.text, one.detection, one.alternatives, one.warnings) for one in done]


def translate_html(services: Services, texts: Sequence[str], wanted: Direction) -> list[Answer]:
    """Each text as HTML: its tags stay; alternatives there are none. Raises as `translate_texts`."""
    if check_languages(wanted.source, wanted.target):
        return [Answer(text) for text in texts]
    deadline = services.limits.deadline()
    answers = []
    for place, text in enumerate(texts):
        detection = None
        if wanted.source == "auto":
            detection = detect(" ".join(Html(text.encode(), "q").units) if text.strip() else "")
        name = _called(texts, place)
        data, warnings = translated_document(services, text.encode(), "q.html", wanted, deadline.check, name)
        answers.append(Answer(data.decode(), detection, (), warnings))
    return answers


def translated_document(
    services: Services,
    data: bytes,
    name: str,
    wanted: Direction,
    check: Callable[[], None],
    called: str = "",
) -> tuple[bytes, tuple[str, ...]]:
    """A document in another language, and what is missing in it. check: called now and then; it may raise.

    called: what errors call it (default: its name). Raises Refusal.
    """
    translator = services.translating()
    try:
        done = translate_document(
            translator, data, name, wanted.source, wanted.target, glossary=wanted.glossary, check=check
        )
    except NotOffered as error:
        raise _not_offered(called or name, error) from error
    return done.data, done.warnings


def _called(texts: Sequence[str], place: int) -> str:
    """What the client knows one of its texts as."""
    return f"q[{place}]" if len(texts) > 1 else "the text"


def _not_offered(called: str, error: NotOffered) -> Refusal:
    remedy = "translate into English first, or name the source if this is wrong"
    return Refusal(400, f"{called} {error.said}: {remedy}")
