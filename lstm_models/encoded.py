"""What a model is taught with: segments, and what is to be answered to them. Plain lists of token ids."""

from __future__ import annotations

from dataclasses import dataclass

# What a target's evidence says, where it is no segment: nothing is known of it; nobody told the answer.
ANYWHERE, NOWHERE = -2, -1
UNKNOWN = (0, 0)  # where it is not known which words of the evidence answer
MOST_STEPS = 3  # that lead to the evidence: one for each hop but the last (`ModelConfig.num_hops`)


@dataclass(frozen=True)
class EncodedTarget:
    """One reply or translation: its task tag first, </s> last; it may see segments 0..segment.

    evidence: the segment that the answer was told in, NOWHERE or ANYWHERE. answer: from which of its tokens
    to which (exclusive) the words stand that answer, or UNKNOWN. steps: the segments that lead to the
    evidence, in the order in which they are needed.
    """

    ids: list[int]
    segment: int
    evidence: int = ANYWHERE
    answer: tuple[int, int] = UNKNOWN
    steps: tuple[int, ...] = ()


@dataclass(frozen=True)
class EncodedExample:
    """A sentence with its translation, or a dialogue with the replies asked for."""

    segments: list[list[int]]
    targets: list[EncodedTarget]


def check_example(example: EncodedExample) -> None:
    """Raises: ValueError if a part is empty or a target answers a segment that does not exist."""
    if not example.segments or not example.targets:
        raise ValueError("an example needs at least one segment and one target")
    if not all(example.segments) or not all(target.ids for target in example.targets):
        raise ValueError("an example has an empty segment or target")
    for target in example.targets:
        if not 0 <= target.segment < len(example.segments):
            raise ValueError(
                f"a target answers segment {target.segment}, "
                f"but the segments are 0 to {len(example.segments) - 1}"
            )
        if not ANYWHERE <= target.evidence <= target.segment:
            raise ValueError(f"the evidence of a target is segment {target.evidence}, which it cannot see")
        if len(target.steps) > MOST_STEPS or not all(0 <= step <= target.segment for step in target.steps):
            raise ValueError(
                f"the steps to the evidence are the segments {target.steps}: "
                f"there can be {MOST_STEPS} at most, of 0 to {target.segment}"
            )
        size = len(example.segments[target.evidence]) if target.evidence >= 0 else 0
        if target.answer != UNKNOWN and not 0 <= target.answer[0] < target.answer[1] <= size:
            raise ValueError(f"the answer of a target stands at {target.answer} of {size} tokens of evidence")


def padded_steps(target: EncodedTarget) -> tuple[int, ...]:
    """The steps to a target's evidence, the last one last, ANYWHERE before the first: MOST_STEPS in all."""
    return (ANYWHERE,) * (MOST_STEPS - len(target.steps)) + target.steps
