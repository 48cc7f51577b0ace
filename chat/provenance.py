"""Where each word of a reply came from, as HTML for the page: copied words marked with their turn."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from chat.bot import CopiedToken, Reply

# Below this share a word came from the model's own vocabulary rather than from a turn.
_COPIED = 0.5
_LONGEST_QUOTE = 160
_NEVER_TOLD = "How likely the bot was to say that it was not told"


def provenance(reply: Reply, turns: Sequence[tuple[str, str]]) -> str:
    """A closed <details> for `reply`. turns: (who, text) of the turns before it, by segment number."""
    words = [_word(tokens) for tokens in _words(reply.copied)]
    sources = sorted({turn for _, _, turn in words if turn is not None and turn < len(turns)})
    said = "".join(_quote(turn, *turns[turn]) for turn in sources)
    listed = f'<ol class="sources">{said}</ol>' if said else "<p>No word was copied from what was said.</p>"
    return (
        '<details class="why"><summary>Where each word came from</summary>'
        f'<p class="words">{"".join(_marked(*word) for word in words).strip()}</p>{listed}'
        f'<p title="{_NEVER_TOLD}">Never told: {100 * reply.never_told:.0f} %</p></details>'
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
    copied = share >= _COPIED and _has_letters(tokens[0]) and turns
    return "".join(token.text for token in tokens), share, turns.most_common(1)[0][0] if copied else None


def _marked(text: str, share: float, turn: int | None) -> str:
    word = text.lstrip()
    blank = " " if len(word) < len(text) else ""
    if turn is None:
        return blank + html.escape(word)
    title = f"copied from turn {turn + 1}, {100 * share:.0f} %"
    return f'{blank}<mark title="{title}">{html.escape(word)}<sup>{turn + 1}</sup></mark>'


def _quote(number: int, who: str, text: str) -> str:
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE].rstrip() + " …"
    return f'<li value="{number + 1}"><b>{html.escape(who)}:</b> {html.escape(text)}</li>'
