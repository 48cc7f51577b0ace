"""Wrong forms: agreement, tense, verb forms, number of nouns, comparison, adjective for noun and the like.

A form is only changed where the sentence shows that it is wrong: "the dogs slept" to "the dog slept" would
teach to change what is right. Inflections come from lemminflect.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

from lemminflect import getAllInflections, getAllLemmas

from data_prep.mistakes.tokens import Tokens, among, inserted, neighbour, replaced, words

_SINGULAR = {"a", "an", "one", "this", "that", "each", "every", "another"}
_PLURAL = {
    "many", "few", "several", "these", "those", "both", "various", "two", "three", "four", "five", "six",
    "ten", "most", "all", "some", "other", "different", "more", "of", "our", "their", "such",
}  # fmt: skip
_DETERMINERS = {*_SINGULAR, *_PLURAL, "the", "my", "your", "his", "her", "its", "no", "any", "which", "what"}
_MODALS = {
    "to", "will", "would", "can", "could", "may", "might", "must", "should", "shall", "do", "does", "did",
    "don't", "doesn't", "didn't", "can't", "couldn't", "won't", "wouldn't", "shouldn't", "cannot",
}  # fmt: skip
_BE = ("is", "are", "was", "were", "am", "be", "been", "being")
_HAVE = ("has", "have", "had", "having")
_SUBJECTS = {"i", "you", "we", "they", "he", "she", "it", "who", "people"}
_PAST = {"was", "were", "had", "did", "yesterday", "ago", "last", "didn't", "wasn't", "then", "once"}
_UNCOUNTED = (
    "information", "knowledge", "advice", "homework", "equipment", "furniture", "research", "traffic",
    "money", "evidence", "work", "software", "news", "music", "luggage", "damage", "progress", "education",
    "food",
)  # fmt: skip
_AUXILIARIES = (
    (*_BE,), (*_HAVE,), ("does", "do", "did"), ("will", "would"), ("can", "could"), ("may", "might", "must"),
    ("isn't", "aren't"), ("wasn't", "weren't"), ("don't", "doesn't", "didn't"), ("hasn't", "haven't"),
)  # fmt: skip
_NUMBER = {
    "is": "are", "are": "is", "was": "were", "were": "was", "has": "have", "do": "does", "does": "do",
}  # fmt: skip
_OTHER = {word: [one for one in row if one != word] for row in _AUXILIARIES for word in row}
_SUFFIXES = (
    ("", "ly"), ("", "ness"), ("", "al"), ("", "ful"), ("", "ment"), ("ent", "ence"),
    ("ant", "ance"), ("y", "iness"), ("y", "ily"), ("ion", "e"), ("ion", ""), ("e", "ive"),
    ("ous", "y"), ("ic", "y"), ("able", ""), ("ful", "fully"), ("al", "ally"), ("ed", "ing"), ("cy", "t"),
    ("cess", "cessful"), ("ity", ""), ("ity", "e"), ("th", ""), ("ness", ""), ("ly", ""), ("ist", "y"),
)  # fmt: skip


@cache
def _kinds(word: str) -> dict[str, str]:
    """{"VERB": lemma, "NOUN": lemma, ...} of what the word can be; empty for what is no known word."""
    return {kind: lemmas[0] for kind, lemmas in getAllLemmas(word).items()}


@cache
def _forms(lemma: str, kind: str) -> dict[str, str]:
    return {tag: forms[0] for tag, forms in getAllInflections(lemma, kind).items()}


def _verb(word: str) -> dict[str, str]:
    return _forms(_kinds(word)["VERB"], "VERB") if "VERB" in _kinds(word) else {}


def auxiliary(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """Another form of be, have, do or a modal verb."""
    places = among(tokens, _OTHER)
    if not places:
        return None
    place = rng.choice(places)
    return replaced(tokens, place, rng.choice(_OTHER[tokens[place].lower()]))


def verb(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A verb in a form that its neighbours do not allow."""
    places = [place for place in words(tokens, 2) if tokens[place].islower() and tokens[place] not in _OTHER]
    places = [place for place in places if _verb(tokens[place])]
    rng.shuffle(places)
    for place in places:
        if others := _wrong_verbs(tokens, place):
            return replaced(tokens, place, rng.choice(others))
    return None


def _wrong_verbs(tokens: Tokens, place: int) -> list[str]:
    """What would be wrong there; nothing where that is not certain."""
    word, before = tokens[place], neighbour(tokens, place, -1)
    forms = _verb(word)
    base, third, past = forms.get("VB", word), forms.get("VBZ", word), forms.get("VBD", word)
    participle, going = forms.get("VBN", past), forms.get("VBG", word)
    wrong: tuple[str, ...] = ()
    if before in _DETERMINERS - {"that", "all", "which", "of", "both"}:
        return []  # a noun, most likely
    if before in _MODALS and word == base:
        wrong = (third, past, going, going)
    elif before in _BE and word == going:
        wrong = (base, base, participle)
    elif before in (*_BE, *_HAVE) and word == participle:
        wrong = (base, past, going)
    elif word == third and word != base and "NOUN" not in _kinds(word):
        wrong = (base, base, base, going)
    elif word == third and before in _SUBJECTS:
        wrong = (base, base, going)
    elif word == going:
        wrong = (base, base, past)
    elif word == past and (before in _SUBJECTS or "NOUN" not in _kinds(word)):
        wrong = (going, participle, *((base, third) if _told_as_past(tokens, place) else ()))
        wrong += (base + "ed",) if not past.endswith("ed") else ()
    elif word == base and before in ("i", "you", "we", "they", "people"):
        wrong = (third, third, going)
    elif word == base and before.endswith("s") and before not in _DETERMINERS and "NOUN" not in _kinds(word):
        wrong = (third,)
    return [one for one in wrong if one != word]


def _told_as_past(tokens: Tokens, place: int) -> bool:
    """Whether something else in the sentence is past too."""
    others = {token.lower() for at, token in enumerate(tokens) if at != place}
    return bool(others & _PAST) or any(
        len(other) > 4 and other == _verb(other).get("VBD") for other in others if other.isalpha()
    )


def agreement(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """is/are, was/were, has/have, does/do behind a subject that shows which is right."""
    places = [place for place in among(tokens, _NUMBER) if neighbour(tokens, place, -1)]
    if not places:
        return None
    place = rng.choice(places)
    return replaced(tokens, place, _NUMBER[tokens[place].lower()])


def noun(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A noun in the wrong number."""
    places = [
        place for place in words(tokens, 2) if tokens[place].islower() and "NOUN" in _kinds(tokens[place])
    ]
    rng.shuffle(places)
    for place in places:
        if other := _wrong_noun(tokens, place, rng):
            return replaced(tokens, place, other)
    return None


def _wrong_noun(tokens: Tokens, place: int, rng: random.Random) -> str:
    word = tokens[place]
    forms = _forms(_kinds(word)["NOUN"], "NOUN")
    one, more = forms.get("NN", word), forms.get("NNS", word)
    before = {neighbour(tokens, place, -1), neighbour(tokens, place, -2)}
    after = neighbour(tokens, place, 1)
    if word in _UNCOUNTED:
        return word + "s" if not word.endswith("s") else ""
    if neighbour(tokens, place, -1) in {*_SUBJECTS, *_MODALS}:
        return ""  # a verb
    if word == more != one:
        shown = before & _PLURAL or after in ("are", "were", "have", "do") or not before & _DETERMINERS
        if shown and not more.endswith("s") and rng.random() < 0.5:
            return one + "s"  # childs
        return one if shown else ""
    if word == one != more and (before & _SINGULAR or after in ("is", "was", "has", "does")):
        return more
    return ""


def comparison(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """more better, more easy, the most big."""
    places = []
    for place in words(tokens, 3):
        lemma = _kinds(tokens[place]).get("ADJ") if tokens[place].islower() and place else None
        forms = _forms(lemma, "ADJ") if lemma else {}
        for tag, word in (("JJR", "more"), ("JJS", "most")):
            if lemma and tokens[place] == forms.get(tag) and lemma not in ("much", "many", "little"):
                places.append((place, word, lemma))
    if not places:
        return None
    place, word, lemma = rng.choice(places)
    return inserted(replaced(tokens, place, lemma) if rng.random() < 0.5 else tokens, place, word)


def derivation(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A noun for its adjective, an adjective for its adverb and so on: importance, important."""
    places = [place for place in words(tokens, 4) if tokens[place].islower()]
    rng.shuffle(places)
    for place in places[:6]:
        if others := _relatives(tokens[place]):
            return replaced(tokens, place, rng.choice(others))
    return None


@cache
def _relatives(word: str) -> tuple[str, ...]:
    found = []
    for pair in _SUFFIXES:
        for old, new in pairwise((*pair, pair[0])):
            other = word.removesuffix(old) + new if word.endswith(old) else word
            if other != word and len(other) > 3 and _kinds(other):
                found.append(other)
    return tuple(found)
