"""Words spelt wrongly."""

import random

from data_prep.mistakes.spelling import known, misspelt, spelling
from data_prep.mistakes.tokens import joined, tokens_of


def test_known_misspellings_come_often() -> None:
    rng = random.Random(1)
    found = [misspelt("receive", rng) for _ in range(300)]
    assert "recieve" in known()["receive"]
    assert 0.5 < sum(one in known()["receive"] for one in found) / 300 < 0.9
    assert len(set(found)) > 15, "others are made up"


def test_every_word_of_three_letters_can_be_misspelt() -> None:
    rng = random.Random(2)
    for word in ("the", "zzz", "aaa", "été", "ыыы", "strengths", "ooo"):
        for _ in range(50):
            assert 0 < len(misspelt(word, rng)) <= len(word) + 4


def test_names_and_short_words_are_left() -> None:
    rng = random.Random(3)
    assert spelling(tokens_of("I am at Xyzzyville."), rng) is None
    done = {joined(spelling(tokens_of("Houses at Xyzzyville."), rng) or []) for _ in range(50)}
    assert all(one.endswith(" at Xyzzyville.") and one[0] == "H" for one in done) and len(done) > 5
