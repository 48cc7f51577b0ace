"""Why a reply: where each word of it came from, as HTML. Copied words are marked with their turn."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from chat.bot import CopiedToken, Reply
from chat.sources import COPIED, Source

_LONGEST_QUOTE = 200
_WHO = {"user": "You", "bot": "Bot"}
_NEVER_TOLD = "How likely the bot was to say that it was not told"
_NULL = "The most attention that a token had on the null slot: on not having been told"


def provenance(reply: Reply, sources: Sequence[Source]) -> str:
    """A closed <details>. The segments of the reply's tokens are turns, from 0 (see sources.reply_of)."""
    words = [_word(tokens) for tokens in _words(reply.copied)]
    quotes = "".join(map(_quote, sources))
    listed = (
        f'<ol class="sources">{quotes}</ol>' if quotes else "<p>No word was copied from what was said.</p>"
    )
    return (
        '<details class="why"><summary>Why this answer</summary>'
        f'<p class="words">{"".join(_marked(*word) for word in words).strip()}</p>{listed}'
        f'<p><span title="{_NEVER_TOLD}">Never told: {100 * reply.never_told:.0f} %</span>, '
        f'<span title="{_NULL}">null slot: {100 * reply.null_weight:.0f} %</span></p></details>'
    )


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
    title = f"copied from turn {turn + 1}, {100 * share:.0f} %"
    return f'{blank}<mark title="{title}">{html.escape(word)}<sup>{turn + 1}</sup></mark>'


def _quote(source: Source) -> str:
    text = source.sentence
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE].rstrip() + " …"
    who = source.document or _WHO.get(source.speaker, "Document")
    ago = (
        "just now" if source.age < 1 else "1 turn before" if source.age == 1 else f"{source.age} turns before"
    )
    return (
        f'<li value="{source.position + 1}"><b>{html.escape(who)}:</b> {html.escape(text)} '
        f'<span class="age">({ago}, {source.weight:.1f} tokens)</span></li>'
    )
