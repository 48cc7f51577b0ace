"""Generated sentences with something in them that has to survive translation, by class and language."""

# ruff: noqa: E501
from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

# {x} is what has to survive.
FRAMES = {
    "thing": {
        "en": ("Please look at {x} before you leave.", "I found {x} in the letter.", "We need {x} today.",
               "She told me about {x} yesterday.", "Is {x} the right one?"),
        "de": ("Bitte sehen Sie sich {x} an.", "Ich habe {x} im Brief gefunden.", "Wir brauchen {x} heute.",
               "Sie hat mir gestern von {x} erzählt.", "Ist {x} richtig?"),
        "fr": ("Regardez {x} avant de partir.", "J'ai trouvé {x} dans la lettre.",
               "Nous avons besoin de {x}.", "Elle m'a parlé de {x} hier.", "Est-ce que {x} est juste ?"),
        "es": ("Por favor, mire {x} antes de salir.", "Encontré {x} en la carta.", "Necesitamos {x} hoy.",
               "Ella me habló de {x} ayer.", "¿Es {x} correcto?"),
    },
    "number": {
        "en": ("There are {x} people in the room.", "I bought {x} books last week.",
               "The house has {x} windows."),
        "de": ("Es sind {x} Leute im Zimmer.", "Ich habe letzte Woche {x} Bücher gekauft.",
               "Das Haus hat {x} Fenster."),
        "fr": ("Il y a {x} personnes dans la chambre.", "J'ai acheté {x} livres.", "La maison a {x} fenêtres."),
        "es": ("Hay {x} personas en la habitación.", "Compré {x} libros.", "La casa tiene {x} ventanas."),
    },
    "time": {
        "en": ("The train leaves at {x}.", "Let's meet at {x} at the station."),
        "de": ("Der Zug fährt um {x} ab.", "Wir treffen uns um {x} am Bahnhof."),
        "fr": ("Le train part à {x}.", "On se voit à {x} à la gare."),
        "es": ("El tren sale a las {x}.", "Nos vemos a las {x} en la estación."),
    },
    "date": {
        "en": ("The meeting is on {x}.", "He was born on {x} in a small town."),
        "de": ("Das Treffen ist am {x}.", "Er wurde am {x} geboren."),
        "fr": ("La réunion est le {x}.", "Il est né le {x} dans une petite ville."),
        "es": ("La reunión es el {x}.", "Nació el {x} en un pueblo."),
    },
    "price": {
        "en": ("This book costs {x}.", "I paid {x} for the ticket."),
        "de": ("Dieses Buch kostet {x}.", "Ich habe {x} für die Karte bezahlt."),
        "fr": ("Ce livre coûte {x}.", "J'ai payé {x} pour le billet."),
        "es": ("Este libro cuesta {x}.", "Pagué {x} por el billete."),
    },
    "phone": {
        "en": ("Call me at {x}.", "My phone number is {x}."),
        "de": ("Ruf mich unter {x} an.", "Meine Telefonnummer ist {x}."),
        "fr": ("Appelez-moi au {x}.", "Mon numéro de téléphone est {x}."),
        "es": ("Llámame al {x}.", "Mi número de teléfono es {x}."),
    },
    "name": {
        "en": ("I met {x} in the city yesterday.", "Do you know {x}?", "{x} is my best friend."),
        "de": ("Ich habe gestern {x} in der Stadt getroffen.", "Kennst du {x}?", "{x} ist mein bester Freund."),
        "fr": ("J'ai vu {x} en ville hier.", "Connaissez-vous {x} ?", "{x} est mon meilleur ami."),
        "es": ("Ayer vi a {x} en la ciudad.", "¿Conoces a {x}?", "{x} es mi mejor amigo."),
    },
    "tag": {
        "en": ("Click <b>the {x} button</b> now.", "The <i>{x}</i> house is old."),
        "de": ("Drücken Sie <b>die {x} Taste</b> jetzt.", "Das <i>{x}</i> Haus ist alt."),
        "fr": ("Appuyez sur <b>le bouton {x}</b>.", "La maison <i>{x}</i> est vieille."),
        "es": ("Pulse <b>el botón {x}</b> ahora.", "La casa <i>{x}</i> es vieja."),
    },
    "emoji": {
        "en": ("I love this song {x}!", "{x} Good morning, my friend.", "That was funny {x} and strange."),
        "de": ("Ich liebe dieses Lied {x}!", "{x} Guten Morgen, mein Freund.", "Das war lustig {x} und seltsam."),
        "fr": ("J'adore cette chanson {x} !", "{x} Bonjour, mon ami.", "C'était drôle {x} et étrange."),
        "es": ("¡Me encanta esta canción {x}!", "{x} Buenos días, amigo.", "Fue divertido {x} y extraño."),
    },
}  # fmt: skip
COLOURS = {"en": ("red", "green", "white"), "de": ("rote", "grüne", "weiße"),
           "fr": ("rouge", "vert", "blanc"), "es": ("rojo", "verde", "blanco")}  # fmt: skip
GIVEN = ("Ngozi", "Siobhan", "Wiebke", "Thandiwe", "Piotr", "Xiomara", "Tuomas", "Aroha", "Mehmet", "Yuki",
         "Zsófia", "Ravi", "Ingrid", "Oluwaseun", "Katarzyna", "Leilani")  # fmt: skip
FAMILY = ("Kowalczyk", "Oyelaran", "Vanderbeek", "Sørensen", "Quispe", "Papadakis", "Nakamura", "Hrubesch",
          "Mbeki", "O'Riordan", "Castellanos", "Virtanen", "Gundersen", "Tamanaha")  # fmt: skip
EMOJI = ("😀", "👍", "❤️", "🎉", "👩‍🚀", "🇩🇪", "🙏🏽", "☀️")
CLASSES = (
    "number",
    "date",
    "time",
    "price",
    "phone",
    "url",
    "email",
    "code",
    "emoji",
    "placeholder",
    "tag",
    "name",
)


@dataclass(frozen=True)
class Case:
    """A sentence and what has to be in its translation."""

    kind: str
    source: str
    target: str
    text: str
    wanted: tuple[str, ...]


def cases(count: int, seed: int) -> Iterator[Case]:
    """`count` cases, the classes and the six directions in turns."""
    rng = random.Random(seed)
    directions = [("en", "de"), ("de", "en"), ("en", "fr"), ("fr", "en"), ("en", "es"), ("es", "en")]
    for number in range(count):
        kind = CLASSES[number % len(CLASSES)]
        source, target = directions[number // len(CLASSES) % 6]
        frames = FRAMES.get(kind, FRAMES["thing"])[source]
        value = _value(kind, source, rng)
        text = rng.choice(frames).format(x=value)
        wanted = tuple(tag for tag in ("<b>", "</b>", "<i>", "</i>") if tag in text) or (value,)
        yield Case(kind, source, target, text, wanted)


def _value(kind: str, language: str, rng: random.Random) -> str:
    number = rng.randint
    word = "".join(rng.choice("abcdefghijklmnoprstuvwz") for _ in range(number(4, 9)))
    match kind:
        case "number":
            return rng.choice((str(number(11, 99)), str(number(100, 9999)), f"{number(1, 99)}.{number(1, 9)}",
                               f"{number(2, 999)},{number(100, 999)}"))  # fmt: skip
        case "date":
            year, month, day = number(1900, 2099), number(1, 12), number(1, 28)
            return rng.choice(
                (f"{year}-{month:02}-{day:02}", f"{day}/{month}/{year}", f"{day:02}.{month:02}.{year}")
            )
        case "time":
            return f"{number(1, 23)}:{number(0, 59):02}"
        case "price":
            amount = f"{number(1, 999)}.{number(10, 99)}"
            return rng.choice((f"${amount}", f"£{number(2, 900)}", f"€{amount}", f"{number(2, 900)} €"))
        case "phone":
            return rng.choice((f"+49 30 {number(100000, 9999999)}", f"0151 {number(1000000, 9999999)}",
                               f"{number(200, 999)}-{number(200, 999)}-{number(1000, 9999)}"))  # fmt: skip
        case "url":
            return rng.choice((f"https://{word}.example/{number(1, 99)}", f"www.{word}.example",
                               f"http://{word}.example/a?b={word}&c={number(1, 9)}"))  # fmt: skip
        case "email":
            return f"{word}{number(1, 99)}@{word[::-1]}.example"
        case "code":
            return rng.choice((f"`{word}()`", f"`make {word}`", f"`x = {number(1, 9)}`"))
        case "emoji":
            return rng.choice(EMOJI)
        case "placeholder":
            return rng.choice(("%s", f"{{{word}}}", "%d", f"%({word})s", "{0}", f"${{{word}}}"))
        case "tag":
            return rng.choice(COLOURS[language])
        case _:
            return rng.choice((rng.choice(GIVEN), f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"))
