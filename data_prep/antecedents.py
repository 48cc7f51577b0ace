"""Short conversations in which a pronoun's form depends on what was said one to five sentences before.

The German for "It is new." is "Er ist neu." of a table and "Sie ist neu." of a lamp; whose bicycle "son vélo"
is, only the one who has it tells. Nouns and names of `train` and `test` differ, and so do the sentences that
carry the pronoun, so that the test asks for the habit and not for a list. Fillers between hold no rival.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Part = Literal["train", "test"]
FARTHEST = 5  # sentences back

# noun in English, German with its gender (m, f, n), French and Spanish with theirs
_NOUNS = """
table|Tisch m|table f|mesa f
lamp|Lampe f|lampe f|lámpara f
book|Buch n|livre m|libro m
letter|Brief m|lettre f|carta f
door|Tür f|porte f|puerta f
hat|Hut m|chapeau m|sombrero m
clock|Uhr f|horloge f|reloj m
picture|Bild n|photo f|foto f
key|Schlüssel m|clé f|llave f
bag|Tasche f|sac m|bolsa f
car|Auto n|voiture f|coche m
coat|Mantel m|manteau m|abrigo m
garden|Garten m|jardin m|jardín m
house|Haus n|maison f|casa f
bottle|Flasche f|bouteille f|botella f
ball|Ball m|ballon m|pelota f
flower|Blume f|fleur f|flor f
knife|Messer n|couteau m|cuchillo m
chair|Stuhl m|chaise f|silla f
camera|Kamera f|caméra f|cámara f
boat|Boot n|bateau m|barco m
ring|Ring m|bague f|anillo m
shirt|Hemd n|chemise f|camisa f
computer|Computer m|ordinateur m|ordenador m
"""
_BOUGHT = {"en": "I bought a {}.", "de": "Ich habe {} gekauft.", "fr": "J'ai acheté {}.", "es": "Compré {}."}
_INDEFINITE = {
    "de": {"m": "einen", "f": "eine", "n": "ein"},
    "fr": {"m": "un", "f": "une"},
    "es": {"m": "un", "f": "una"},
}
_IT = {"de": {"m": "er", "f": "sie", "n": "es"}, "fr": {"m": "il", "f": "elle"}}
# What is said of the thing: English, German after the pronoun, French by gender.
_SAID = {
    "train": (
        ("It is new.", "ist neu.", {"m": "est neuf.", "f": "est neuve."}),
        ("It was cheap.", "war billig.", {"m": "était bon marché.", "f": "était bon marché."}),
        ("It is too big.", "ist zu groß.", {"m": "est trop grand.", "f": "est trop grande."}),
        (
            "It is in my room.",
            "ist in meinem Zimmer.",
            {"m": "est dans ma chambre.", "f": "est dans ma chambre."},
        ),
    ),
    "test": (
        ("It is expensive.", "ist teuer.", {"m": "est cher.", "f": "est chère."}),
        ("It is very old.", "ist sehr alt.", {"m": "est très vieux.", "f": "est très vieille."}),
        ("It is not here.", "ist nicht hier.", {"m": "n'est pas ici.", "f": "n'est pas ici."}),
    ),
}
_NAMES = {
    "train": (
        ("Tom", "he"),
        ("Mary", "she"),
        ("Peter", "he"),
        ("Anna", "she"),
        ("John", "he"),
        ("Maria", "she"),
    ),
    "test": (("Martin", "he"), ("Jennifer", "she"), ("David", "he"), ("Laura", "she")),
}
_ARRIVED = {
    "en": "{} came yesterday.",
    "de": "{} ist gestern gekommen.",
    "fr": "{} est venu{} hier.",
    "es": "{} vino ayer.",
}
# Whose it is: his or her in English, one form in French and Spanish.
_OWNED = {
    "train": (
        ("{} car is new.", {"fr": "Sa voiture est neuve.", "es": "Su coche es nuevo."}),
        ("{} house is big.", {"fr": "Sa maison est grande.", "es": "Su casa es grande."}),
        ("I know {} father.", {"fr": "Je connais son père.", "es": "Conozco a su padre."}),
    ),
    "test": (
        ("{} dog is old.", {"fr": "Son chien est vieux.", "es": "Su perro es viejo."}),
        ("I like {} hat.", {"fr": "J'aime son chapeau.", "es": "Me gusta su sombrero."}),
    ),
}
_FILLERS = (
    ("You are right.", "Du hast recht.", "Tu as raison.", "Tienes razón."),
    ("I am tired today.", "Ich bin heute müde.", "Je suis fatigué aujourd'hui.", "Estoy cansado hoy."),
    (
        "We have to go now.",
        "Wir müssen jetzt gehen.",
        "Nous devons partir maintenant.",
        "Tenemos que irnos ahora.",
    ),
    (
        "I was at home yesterday.",
        "Ich war gestern zu Hause.",
        "J'étais chez moi hier.",
        "Ayer estuve en casa.",
    ),
    ("Thank you very much.", "Vielen Dank.", "Merci beaucoup.", "Muchas gracias."),
    ("I have no time.", "Ich habe keine Zeit.", "Je n'ai pas le temps.", "No tengo tiempo."),
    ("What do you think?", "Was denkst du?", "Qu'en penses-tu ?", "¿Qué piensas?"),
    ("I don't understand you.", "Ich verstehe dich nicht.", "Je ne te comprends pas.", "No te entiendo."),
)
_CODES = ("en", "de", "fr", "es")


@dataclass(frozen=True)
class Case:
    """Sentences of one speaker with their translations; the last one's pronoun needs the first.

    wanted: the pronoun, in small letters; others: those that would be wrong. kind: it, or his.
    """

    source: str
    target: str
    pairs: tuple[tuple[str, str], ...]
    wanted: str
    others: tuple[str, ...]
    kind: str

    @property
    def distance(self) -> int:
        """How many sentences back the antecedent stands."""
        return len(self.pairs) - 1


def cases(part: Part, count: int, seed: int, farthest: int = FARTHEST) -> Iterator[Case]:
    """`count` cases, kinds and distances in turns, so that each has as many as the others."""
    rng = random.Random(f"{part} {seed}")
    makers = (_thing, _owner)
    for number in range(count):
        distance = 1 + number // len(makers) % farthest
        yield makers[number % len(makers)](part, distance, rng)


def _nouns(part: Part) -> list[list[str]]:
    rows = [line.split("|") for line in _NOUNS.strip().splitlines()]
    held = slice(2, None, 3)  # a third is for the test
    return rows[held] if part == "test" else [row for row in rows if row not in rows[held]]


def _thing(part: Part, distance: int, rng: random.Random) -> Case:
    target = rng.choice(("de", "fr"))
    by_gender: dict[str, list[list[str]]] = {}
    for row in _nouns(part):
        by_gender.setdefault(row[_CODES.index(target)].split()[1], []).append(row)
    gender = rng.choice(sorted(by_gender))  # every gender as often: guessing the commonest does not pay
    row = rng.choice(by_gender[gender])
    noun = f"{_INDEFINITE[target][gender]} {row[_CODES.index(target)].split()[0]}"
    english, german, french = rng.choice(_SAID[part])
    pronoun = _IT[target][gender]
    rest = german if target == "de" else french[gender]
    pairs = (
        (_BOUGHT["en"].format(row[0]), _BOUGHT[target].format(noun)),
        *_between("en", target, distance, rng),
        (english, f"{pronoun.capitalize()} {rest}"),
    )
    others = tuple(one for one in _IT[target].values() if one != pronoun)
    return Case("en", target, pairs, pronoun, others, "it")


def _owner(part: Part, distance: int, rng: random.Random) -> Case:
    source = rng.choice(("fr", "es"))
    name, pronoun = rng.choice(_NAMES[part])
    ending = "e" if pronoun == "she" else ""
    english, foreign = rng.choice(_OWNED[part])
    wanted = "her" if pronoun == "she" else "his"
    said = english.format(wanted)
    pairs = (
        (_ARRIVED[source].format(name, ending), _ARRIVED["en"].format(name)),
        *_between(source, "en", distance, rng),
        (foreign[source], said[0].upper() + said[1:]),
    )
    return Case(source, "en", pairs, wanted, ("his" if wanted == "her" else "her",), "his")


def _between(source: str, target: str, distance: int, rng: random.Random) -> list[tuple[str, str]]:
    chosen = rng.sample(_FILLERS, distance - 1)
    return [(row[_CODES.index(source)], row[_CODES.index(target)]) for row in chosen]
