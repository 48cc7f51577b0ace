"""Made-up words: pronounceable, and on one side of the split between training and tests by their letters."""

from __future__ import annotations

import random
import zlib

_ONSET_TEXT = """b c d f g h j k l m n p r s t v w z b d f g k l m n p r s t v br cr dr fr gr pr tr bl cl
fl gl pl sl sk sn sp st sw th sh ch kr kl zl vr qu"""
_VOWEL_TEXT = "a e i o a e i o a e i o u a e i o u a e i o ai ea ee ia io oo ou ei y"
_CODA_TEXT = "n r l s t m k d x th nd rt sk lm rn ck st ng sh v z p g f lt mp nk rk"
_ENDING_TEXT = """a o i e an en in on us or el is ix eth ar ine ora ello ette y ia ov ski son ley ford ham ton
er as ell ard ow um"""
_ONSETS, _VOWELS = _ONSET_TEXT.split(), _VOWEL_TEXT.split()
_CODAS, _ENDINGS = ["", "", "", "", *_CODA_TEXT.split()], _ENDING_TEXT.split()
TEST_SHARE = 10  # one made-up word in so many is for tests


def is_test_word(word: str) -> bool:
    """Whether a made-up word is kept for tests."""
    return zlib.crc32(word.lower().encode()) % TEST_SHARE == 0


def syllable_word(rng: random.Random) -> str:
    """A pronounceable word that nobody chose: zorvath, plimset, brinoa."""
    word = ""
    for _ in range(rng.choice((1, 1, 2, 2, 2, 3))):
        word += (
            rng.choice(_ONSETS) + rng.choice(_VOWELS) + (rng.choice(_CODAS) if rng.random() < 0.35 else "")
        )
    if word[-1] in "aeiouy":
        word += rng.choice(_ONSETS) + rng.choice(_ENDINGS) if rng.random() < 0.4 else rng.choice(_CODAS)
    else:
        word += rng.choice(_ENDINGS)
    return word if 3 < len(word) <= 10 else syllable_word(rng)
