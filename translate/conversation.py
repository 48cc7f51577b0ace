"""A conversation, or a text, whose sentences are translated with what was said before.

The context state is carried from sentence to sentence and from speaker to speaker, whatever language each
speaks: the network reads every sentence once, in the language that it was said in. It is a value, like the
chatbot's: keep the old one, and you can go back. Only a checkpoint that was trained so gains by it
(`recipes/abilities.yaml`); with others the context is noise, see `carries_context`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lstm_models.search import SearchOptions
from lstm_models.state import ContextState
from translate.decode import NO_GLOSSARY, Glossary
from translate.drafts import SentenceTranslation, Wanted
from translate.languages import check_direction
from translate.translation import Translation, put_together
from translate.translator import Translator

OPTIONS = SearchOptions(beam_size=5, length_penalty=0.6)


@dataclass(frozen=True)
class Carried:
    """What was said so far. state: of the network, None before the first sentence. sentences: how many."""

    state: ContextState | None = None
    sentences: int = 0


def carries_context(translator: Translator) -> bool:
    """Whether the checkpoint was trained with what was said before, as its card says."""
    return "context" in translator.engine.card.get("abilities", ())


def say(
    translator: Translator,
    text: str,
    source: str,
    target: str,
    carried: Carried = Carried(),
    glossary: Glossary = NO_GLOSSARY,
    options: SearchOptions = OPTIONS,
) -> tuple[Translation, Carried]:
    """One turn: its translation, and what is carried on. The value given stays as it is.

    Raises: ValueError as `Translator.translate`; the source has to be named.
    """
    check_direction(source, target)
    plan = translator.plan(text, source, target, glossary)
    done: dict[str, SentenceTranslation] = {}
    for piece in plan.pieces:
        if piece.translate:
            wanted = Wanted(source, target, options, carried.state)
            (draft,) = translator.sentences.drafts([piece.text], wanted, glossary)
            done[piece.text] = translator.sentences.finished(piece.text, draft)
            state = translator.sentences.read(draft.prepared.text, carried.state)
            carried = Carried(state, carried.sentences + 1)
    return put_together(plan, done), carried


def translate_in_order(
    translator: Translator, turns: Sequence[tuple[str, str, str]], window: int | None = None
) -> list[Translation]:
    """Turns (text, source, target), each with what was said before it.

    window: the state begins anew after so many sentences, as in training; None: never.
    """
    carried, found = Carried(), []
    for text, source, target in turns:
        if window is not None and carried.sentences >= window:
            carried = Carried()
        translation, carried = say(translator, text, source, target, carried)
        found.append(translation)
    return found
