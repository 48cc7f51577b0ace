"""Why a reply: where each word of it came from, as HTML. Copied words are marked with their turn."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from chat.confidence import DOUBT
from chat.reply import COPIED, CopiedToken, Reply
from chat.sources import Source
from chat.texts import TEXTS

_LONGEST_QUOTE = 200


def provenance(reply: Reply, sources: Sequence[Source]) -> str:
    """A closed <details>. The segments of the reply's tokens are turns, from 0 (see sources.reply_of)."""
    words = [_word(tokens) for tokens in _words(reply.copied)]
    quotes = "".join(map(_quote, sources))
    never = TEXTS("why.never", percent=round(100 * reply.never_told))
    null = TEXTS("why.null", percent=round(100 * reply.null_weight))
    sure = "" if reply.confidence is None else _sure(reply.confidence)
    listed = f'<ol class="sources">{quotes}</ol>' if quotes else f"<p>{TEXTS('why.none')}</p>"
    return (
        f'{_doubt(reply)}<details class="why"><summary>{TEXTS("why")}</summary>'
        f'<p class="words">{"".join(_marked(*word) for word in words).strip()}</p>{listed}'
        f'<p>{sure}<span title="{TEXTS("why.never.what")}">{never}</span>, '
        f'<span title="{TEXTS("why.null.what")}">{null}</span></p></details>'
    )


def _sure(confidence: float) -> str:
    sure = TEXTS("why.sure", percent=round(100 * confidence))
    return f'<span title="{TEXTS("why.sure.what")}">{sure}</span>, '


def _doubt(reply: Reply) -> str:
    """What stands below an answer that may well be wrong."""
    if reply.confidence is None or reply.confidence >= DOUBT:
        return ""
    return f'<p class="doubtful-reply">{TEXTS("doubt")}</p>'


def _words(tokens: Sequence[CopiedToken]) -> list[list[CopiedToken]]:
    """Tokens by word. The full stop behind a copied name is the model's own: it is no part of the word."""
    words: list[list[CopiedToken]] = []
    for token in tokens:
        if not words or token.text[:1].isspace() or _has_letters(token) != _has_letters(words[-1][-1]):
            words.append([])
        words[-1].append(token)
    return words


def _has_letters(token: CopiedToken) -> bool:
    return any(map(str.isalnum, token.text))


def _word(tokens: list[CopiedToken]) -> tuple[str, float, int | None]:
    """(word with the blank before it, copied share by characters, the turn it came from or None)."""
    sizes = [max(1, len(token.text.strip())) for token in tokens]
    share = sum(size * token.share for size, token in zip(sizes, tokens, strict=True)) / sum(sizes)
    turns: Counter[int] = Counter()
    for size, token in zip(sizes, tokens, strict=True):
        if token.segment is not None:
            turns[token.segment] += size
    copied = share >= COPIED and _has_letters(tokens[0]) and turns
    return "".join(token.text for token in tokens), share, turns.most_common(1)[0][0] if copied else None


def _marked(text: str, share: float, turn: int | None) -> str:
    word = text.lstrip()
    blank = " " if len(word) < len(text) else ""
    if turn is None:
        return blank + html.escape(word)
    title = TEXTS("why.copied", turn=turn + 1, percent=round(100 * share))
    return f'{blank}<mark title="{title}">{html.escape(word)}<sup>{turn + 1}</sup></mark>'


def _quote(source: Source) -> str:
    text = source.sentence
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE].rstrip() + " …"
    who = source.document or TEXTS(f"who.{source.speaker}")
    ago = TEXTS("ago.now") if source.age < 1 else TEXTS.counted("ago", source.age)
    weight = TEXTS("tokens", weight=float(source.weight))
    return (
        f'<li value="{source.position + 1}"><b>{html.escape(who)}:</b> {html.escape(text)} '
        f'<span class="age">({ago}, {weight})</span></li>'
    )
