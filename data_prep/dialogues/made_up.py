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
MARKED_SHARE = 20  # one made-up name in so many has a letter with a mark (for tests one in twice as many)
_MARKED = {
    "a": "áàäâåã", "c": "çć", "e": "éèêë", "i": "íî", "l": "ł", "n": "ñ",
    "o": "óöøô", "s": "šş", "u": "úü", "y": "ý", "z": "žż",
}  # fmt: skip


def is_test_word(word: str) -> bool:
    """Whether a made-up word is kept for tests."""
    return zlib.crc32(word.lower().encode()) % TEST_SHARE == 0


def with_mark(word: str) -> str:
    """A made-up word as a name is spelt elsewhere (zorvath, zorváth), or as it is. The word alone decides, so
    that what is drawn next stays the same.
    """
    chance, drawn = divmod(zlib.crc32(f"mark/{word}".encode()), MARKED_SHARE)
    places = [place for place, letter in enumerate(word) if letter in _MARKED]
    if drawn or not places:
        return word
    which, place = divmod(chance, len(places))
    marked = _MARKED[word[places[place]]]
    return word[: places[place]] + marked[which % len(marked)] + word[places[place] + 1 :]


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
