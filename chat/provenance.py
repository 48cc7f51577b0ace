"""Where each word of a reply came from, as HTML for the page: copied words marked with their turn."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import groupby

from chat.bot import CopiedToken, Reply

# Below this share a word came from the model's own vocabulary rather than from a turn.
_COPIED = 0.5
_LONGEST_QUOTE = 160
_NEVER_TOLD = "How much of the attention stayed on the empty place that stands for: nobody told me"


def provenance(reply: Reply, turns: Sequence[tuple[str, str]]) -> str:
    """A closed <details> for `reply`. turns: (who, text) of every earlier turn; a segment is an index into it."""
    words = _words(reply.copied)
    sources = sorted({source for _, _, source in words if source is not None and source < len(turns)})
    said = [_quote(source, turns[source]) for source in sources]
    from_turns = f'<ol class="sources">{"".join(said)}</ol>' if said else "<p>No word was copied from what was said.</p>"
    return (
        '<details class="why"><summary>Where each word came from</summary>'
        f'<p class="words">{" ".join(map(_marked, words))}</p>{from_turns}'
        f'<p title="{_NEVER_TOLD}">Never told: {100 * reply.never_told:.0f} %</p></details>'
    )


def _words(tokens: Sequence[CopiedToken]) -> list[tuple[str, float, int | None]]:
    """(word, copied share, turn) of each word: the weakest token's share, the turn most of its tokens name."""
    groups: list[list[CopiedToken]] = []
    for token in tokens:
        if not groups or token.text.startswith(" "):
            groups.append([])
        groups[-1].append(token)
    words = []
    for group in groups:
        share = min(token.share for token in group)
        turns = sorted(token.segment for token in group if token.segment is not None)
        common = max(groupby(turns), key=lambda pair: len(list(pair[1])), default=(None,))[0]
        word = "".join(token.text for token in group).strip()
        words.append((word, share, common if share >= _COPIED else None))
    return [word for word in words if word[0]]


def _marked(word: tuple[str, float, int | None]) -> str:
    text, share, turn = word
    if turn is None:
        return html.escape(text)
    title = f"copied from turn {turn + 1}, {100 * share:.0f} %"
    return f'<mark title="{title}">{html.escape(text)}<sup>{turn + 1}</sup></mark>'


def _quote(number: int, turn: tuple[str, str]) -> str:
    who, text = turn
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE].rstrip() + " …"
    return f'<li value="{number + 1}"><b>{html.escape(who)}:</b> {html.escape(text)}</li>'
