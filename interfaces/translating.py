"""Texts and HTML through the translator, within a request's limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from interfaces.refusing import Refusal
from interfaces.services import Services
from translate.decode import NO_GLOSSARY, Glossary
from translate.detect import Detection, detect
from translate.documents import document_steps
from translate.documents.markup import Html
from translate.languages import LANGUAGES

_AT_ONCE = 2000  # characters that are translated before the clock is looked at again


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
    translator, deadline = services.translating(), services.limits.deadline()
    answers: list[Answer] = []
    for batch in _batches(texts, _AT_ONCE // (1 + wanted.alternatives)):
        deadline.check()
        done = translator.translate(
            batch,
            wanted.source,
            wanted.target,
            glossary=wanted.glossary,
            alternatives=wanted.alternatives,
        )
        answers += [Answer(one.text, one.detection, one.alternatives, one.warnings) for one in done]
    return answers


def translate_html(services: Services, texts: Sequence[str], wanted: Direction) -> list[Answer]:
    """Each text as HTML: its tags stay; alternatives there are none. Raises as `translate_texts`."""
    if check_languages(wanted.source, wanted.target):
        return [Answer(text) for text in texts]
    deadline = services.limits.deadline()
    answers = []
    for text in texts:
        detection = None
        if wanted.source == "auto":
            detection = detect(" ".join(Html(text.encode(), "q").units) if text.strip() else "")
        data, warnings = translated_document(services, text.encode(), "q.html", wanted, deadline.check)
        answers.append(Answer(data.decode(), detection, (), warnings))
    return answers


def translated_document(
    services: Services, data: bytes, name: str, wanted: Direction, check: Callable[[], None]
) -> tuple[bytes, tuple[str, ...]]:
    """A document in another language, and what is missing in it. check: called now and then; it may raise."""
    steps = document_steps(
        services.translating(), data, name, wanted.source, wanted.target, glossary=wanted.glossary
    )
    while True:
        check()
        try:
            next(steps)
        except StopIteration as end:
            return end.value.data, end.value.warnings


def _batches(texts: Sequence[str], size: int) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        if batch and sum(map(len, batch)) + len(text) > size:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch
