"""Required phrases and prefixes, on models whose every answer can be enumerated."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_models.search import Constraint, SearchOptions, search
from tests.lstm_models.search.markov import EOS, assert_honest, every_answer, random_tables, start, step


def decode(tables: np.ndarray, constraints: list[Constraint], limit: int = 8, **options: object) -> list:
    rows = len(tables)
    settings = SearchOptions(**{"beam_size": 6, **options})  # type: ignore[arg-type]
    return search(step, start(tables), np.ones(rows, int), EOS, np.full(rows, limit), settings,
                  constraints=constraints)  # fmt: skip


def holds(tokens: list[int], phrase: tuple[int, ...]) -> bool:
    return any(tuple(tokens[i : i + len(phrase)]) == phrase for i in range(len(tokens)))


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 10_000),
    st.lists(st.lists(st.integers(1, 11), min_size=1, max_size=5), min_size=1, max_size=4),
)
def test_every_phrase_stands_in_the_answer(seed: int, wanted: list[list[int]]) -> None:
    phrases = tuple(tuple(phrase) for phrase in wanted)
    tables = random_tables(seed, 3, 12, sharpness=4.0)
    found = decode(tables, [Constraint(phrases), Constraint(), Constraint(phrases[:1])], 30)
    assert all(holds(found[0][0].tokens, phrase) for phrase in phrases)
    assert holds(found[2][0].tokens, phrases[0])


def test_scores_are_those_of_the_tokens() -> None:
    tables = random_tables(3, 2, 9)
    options = SearchOptions(beam_size=6)
    found = decode(tables, [Constraint(((4, 5),)), Constraint(((7,), (3, 3)))])
    for name, hypotheses in enumerate(found):
        assert_honest(hypotheses[0], tables[name], name, 1, options)


def test_the_best_answer_with_the_phrase_is_found() -> None:
    options = SearchOptions(beam_size=12)
    same = 0
    for seed in range(12):
        table = random_tables(seed, 1, 5)
        best = max(
            (one for one in every_answer(table[0], 1, 5, options) if holds(one[1], (3, 2))),
            key=lambda one: one[0],
        )
        found = decode(table, [Constraint(((3, 2),))], 5, beam_size=12)[0][0]
        assert found.score <= best[0] + 1e-5
        same += found.tokens == best[1]
    assert same >= 10  # a beam is no proof, but on so small a table it nearly always finds the best


def test_a_prefix_is_kept_and_what_is_avoided_does_not_follow_it() -> None:
    for seed in range(6):
        tables = random_tables(seed, 1, 9)
        free = decode(tables, [Constraint()], n_best=1)[0][0].tokens
        following = decode(tables, [Constraint(prefix=tuple(free[:1]), avoid=tuple(free[1:2]))], n_best=3)[0]
        assert all(one.tokens[:1] == free[:1] for one in following)
        assert all(one.tokens[1:2] != free[1:2] for one in following if free[1:2])
        assert len({tuple(one.tokens) for one in following}) == len(following) == 3


def test_without_constraints_the_answer_is_that_of_a_plain_beam() -> None:
    tables = random_tables(5, 3, 9)
    plain = search(step, start(tables), np.ones(3, int), EOS, np.full(3, 8),
                   SearchOptions(beam_size=6, patience=3.0))  # fmt: skip
    for one, other in itertools.zip_longest(plain, decode(tables, [Constraint()] * 3)):
        assert one[0].tokens == other[0].tokens


def test_tokens_of_phrases_stay_inside_them_and_nothing_is_glued_to_them() -> None:
    glue = np.zeros(12, bool)
    glue[[6, 7, 8]] = True
    for seed in range(20):
        tables = random_tables(seed, 1, 12, sharpness=3.0)
        constraint = Constraint(((4, 5),), inside=frozenset({4, 5}), glue=glue)
        tokens = decode(tables, [constraint], 12)[0][0].tokens
        assert tokens.count(4) == tokens.count(5) == 1
        place = tokens.index(5)
        assert tokens[place - 1] == 4 and not (len(tokens) > place + 1 and tokens[place + 1] in (6, 7, 8))


def test_mistakes_are_named() -> None:
    tables = random_tables(0, 2, 5)
    with pytest.raises(ValueError, match="1 constraints for 2 rows"):
        decode(tables, [Constraint()])
    with pytest.raises(ValueError, match="no tokens"):
        Constraint(((),))
