"""Where a reply came from, as it is stored beside it, and as people ask for it: turns, sentences, ages.

A turn is known by its position, which it keeps; a segment by its turn and its place in that turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.bot import Bot
from chat.reply import COPIED, CopiedToken, Reply
from chat.segments import plain
from chat.splitting import sentences
from chat.store import StoredTurn


@dataclass(frozen=True)
class Span:
    """The segments that a turn was read in: `count` of them from `first` on."""

    position: int
    first: int
    count: int


@dataclass(frozen=True)
class Source:
    """A sentence that a reply was copied from.

    weight: tokens' worth of copying. age: how many turns had been read after it. document: its name, of a
    passage.
    """

    position: int
    speaker: str
    sentence: str
    weight: float
    age: int
    document: str = ""


def about_reply(reply: Reply, spans: Sequence[Span], stopped: bool = False) -> dict[str, Any]:
    """What is stored beside a reply; spans: of all turns that it could see."""
    places = {span.first + n: (span.position, n) for span in spans for n in range(span.count)}
    ages: dict[int | None, int] = {span.position: len(spans) - 1 - place for place, span in enumerate(spans)}
    copied = []
    for token in reply.copied:
        turn, part = places.get(token.segment, (None, 0)) if token.segment is not None else (None, 0)
        copied.append([token.text, round(token.share, 4), turn, part, token.position, ages.get(turn, 0)])
    return {
        "score": round(reply.score, 4),
        "never_told": round(reply.never_told, 6),
        "null_weight": round(reply.null_weight, 4),
        **({} if reply.confidence is None else {"confidence": round(reply.confidence, 4)}),
        "copied": copied,
        "used": [[*places[segment], weight] for segment, weight in reply.used if segment in places],
        **({"stopped": True} if stopped else {}),
    }


def used_segments(about: Mapping[str, Any], spans: Sequence[Span]) -> list[tuple[int, float]]:
    """(segment, weight) as `Bot.say` wants it, for the segments that are still there."""
    first = {span.position: span for span in spans}
    return [
        (first[turn].first + part, float(weight))
        for turn, part, weight in about.get("used", ())
        if turn in first and part < first[turn].count
    ]


def reply_of(turn: StoredTurn) -> Reply | None:
    """The reply as it was given, its tokens' sources numbered by turn; None where too little was noted."""
    about = turn.about
    if not {"copied", "score", "never_told"} <= about.keys():
        return None
    tokens = tuple(
        CopiedToken(text, share, source, place) for text, share, source, _, place, _ in about["copied"]
    )
    null_weight, confidence = about.get("null_weight", 0.0), about.get("confidence")
    return Reply(turn.text, about["score"], tokens, about["never_told"], null_weight, confidence=confidence)


def copied_turns(about: Mapping[str, Any]) -> set[int]:
    """Positions of the turns that words of a reply were copied from."""
    return {
        turn
        for text, share, turn, *_ in about.get("copied", ())
        if turn is not None and share >= COPIED and any(map(str.isalnum, text))
    }


def without(about: Mapping[str, Any], gone: Collection[int], told_after: bool) -> dict[str, Any]:
    """What was noted, with no trace of forgotten turns.

    told_after: the reply was given while they were there, so that all its weights were measured beside them.
    """
    cleaned = dict(about)
    if "copied" in cleaned:
        cleaned["copied"] = [
            [text, share, None if turn in gone else turn, *rest]
            for text, share, turn, *rest in cleaned["copied"]
        ]
    if told_after and "used" in cleaned:
        cleaned["used"] = []
    return cleaned


def sources_of(bot: Bot, turn: StoredTurn, turns: Sequence[StoredTurn]) -> list[Source]:
    """The sentences that a reply was copied from, the weightiest first."""
    said = {other.position: other for other in turns}
    weights: dict[tuple[int, str], float] = defaultdict(float)
    ages: dict[tuple[int, str], int] = {}
    for text, share, position, part, place, age in turn.about.get("copied", ()):
        if position not in said or share < COPIED or not any(map(str.isalnum, text)):
            continue
        key = position, _sentence(bot, said[position].text, part, place)
        weights[key] += share
        ages[key] = age
    return [
        Source(
            position,
            said[position].speaker,
            sentence,
            weights[position, sentence],
            ages[position, sentence],
            str(said[position].about.get("name", "")),
        )
        for position, sentence in sorted(weights, key=lambda key: -weights[key])
    ]


def _sentence(bot: Bot, text: str, part: int, place: int | None) -> str:
    """The sentence of a turn in which a token stands; place 0 is the speaker's tag."""
    parts = bot.parts(text)
    if not parts:
        return text
    read = plain(parts[min(part, len(parts) - 1)])
    tokenizer = bot.engine.tokenizer
    ids = tokenizer.encode(read)
    before = len(tokenizer.decode(ids[: max(0, (place or 1) - 1)]))
    end = 0
    found = sentences(tokenizer.decode(ids))
    for sentence in found:
        end += len(sentence) + 1
        if before < end:
            return sentence
    return found[-1] if found else read
