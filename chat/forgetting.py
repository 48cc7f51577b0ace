"""Being told to forget: which messages are such orders, which turns they mean, what repeats those. No torch.

Forgetting a turn means that no later state has read it, nor a reply that quoted it: the conversation is
read again without them (`Bot.replay`). The reply to a forgotten turn goes with it. What repeats the turn is
found by words: a reply goes if it has a content word of the turn that nothing else said before; a question
goes if it has such a name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chat.segments import Turn, plain
from chat.words import content_words, is_question, names

FORGOTTEN = "I have forgotten that."
NOTHING_FORGOTTEN = (
    "I found nothing about that to forget. Say it in the words that you told me, or choose it in the list of "
    "what I remember."
)
_ORDER = re.compile(
    r"(?:please,? |ok,? |okay,? |now,? |actually,? )*(?:(?:can|could|would) you |you (?:can|may) |"
    r"i(?: want|'d like) you to )?(?:please )?(?:forget|delete|erase) "
    r"(?:(?P<all>(?:everything|it all|all(?: of (?:it|that))?)"
    r"(?: (?:that )?i(?:'ve| have)? (?:said|told you))?)"
    r"|(?:turn|message) (?:number )?#?(?P<turn>\d{1,7})"
    r"|(?P<last>that|this|what i (?:just |have just )?(?:said|told you|wrote)|my last (?:message|turn))"
    r"|(?:that |(?:(?:what|everything|all)(?: (?:that )?i(?:'ve| have)? (?:said|told you))? )?(?:about |of ))"
    r"(?P<about>[^:]{2,200}?)"
    r"|(?!(?:it|that|this|he|she|there|what|who|let)'s)"
    r"(?P<own>(?:my|our|his|her|their|the|[\w-]+(?: [\w-]+)?'s) [^:,;]{2,80}?))"
    r"(?:,? (?:please|now|again))*\s*[.!?]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Order:
    """kind: "all", "last" (that, what I just said), "turn" (its number, from 1) or "about" (some words)."""

    kind: str
    number: int = 0
    words: frozenset[str] = frozenset()


def order_in(message: str) -> Order | None:
    """The order that a message is, or None where it is a message like any other ("don't forget ...")."""
    match = _ORDER.fullmatch(plain(message).strip())
    if match is None:
        return None
    if match["all"]:
        return Order("all")
    if match["turn"]:
        return Order("turn", number=int(match["turn"]))
    if match["last"]:
        return Order("last")
    meant = frozenset(content_words(match["about"] or match["own"]))
    return Order("about", words=meant) if meant else None


def in_a_row(segments: Sequence[Turn]) -> tuple[list[Turn], list[list[int]]]:
    """What each speaker said in a row, as one turn, and the places of its segments."""
    turns: list[Turn] = []
    places: list[list[int]] = []
    for place, segment in enumerate(segments):
        if turns and turns[-1].speaker == segment.speaker:
            turns[-1] = Turn(segment.speaker, f"{turns[-1].text} {segment.text}")
            places[-1].append(place)
        else:
            turns.append(segment)
            places.append([place])
    return turns, places


def meant_by(order: Order, turns: Sequence[Turn]) -> list[int]:
    """Indices of the turns that an order means, "turn" left to who numbers them; empty where none fits."""
    said = [place for place, turn in enumerate(turns) if turn.speaker != "bot"]
    if order.kind == "all":
        return list(range(len(turns)))
    if order.kind == "about":
        return [place for place in said if order.words <= content_words(turns[place].text)]
    users = [place for place in said if turns[place].speaker == "user"]
    if order.kind != "last" or not users:
        return []
    last = users[-1]
    if not is_question(turns[last].text):
        return [last]
    return _source_of_the_answer(turns, last)


def _source_of_the_answer(turns: Sequence[Turn], asked: int) -> list[int]:
    """ "Forget that" behind an answer means what the answer was taken from."""
    answers = [turn.text for turn in turns[asked + 1 :] if turn.speaker == "bot"]
    new = content_words(" ".join(answers)) - content_words(turns[asked].text)
    for place in range(asked - 1, -1, -1):
        turn = turns[place]
        if turn.speaker == "user" and not is_question(turn.text) and new & content_words(turn.text):
            return [place]
    return []


def with_quotes(
    turns: Sequence[Turn], gone: Collection[int], copied_from: Sequence[Collection[int]] = ()
) -> set[int]:
    """The turns to leave out when those in `gone` are forgotten: these, and what repeats them.

    copied_from: for each turn, the turns that its words were copied from, where that is known.
    """
    out = set(gone)
    if not out:
        return out
    secret = set().union(*(content_words(turns[place].text) for place in out))
    telling = set().union(*(names(turns[place].text) for place in out))
    known: set[str] = set()  # said elsewhere, by somebody who stays
    for place, turn in enumerate(turns):
        if place in out:
            continue
        said = content_words(turn.text)
        if turn.speaker == "bot":
            sources = set(copied_from[place]) if place < len(copied_from) else set()
            answers = place - 1 in out
            if place > min(out) and (answers or sources & out or (said & secret) - known):
                out.add(place)
        elif turn.speaker == "user" and is_question(turn.text) and (said & telling) - known:
            if place > min(out):
                out.add(place)
        else:
            known |= said
    return out
