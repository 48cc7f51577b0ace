"""How values that are no list come about: names, numbers, codes, times, dates, prices, addresses."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from data_prep.dialogues.tables import load_table

if TYPE_CHECKING:
    from data_prep.dialogues.values import Values


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(count))


def _code(_: Values, rng: random.Random) -> str:
    count = rng.choice((3, 4, 4, 4, 5, 6))
    shape = rng.random()
    if shape < 0.6:
        return _digits(rng, count)
    if shape < 0.75:
        return f"{_letters(rng, rng.choice((1, 2)))}{_digits(rng, count)}"
    if shape < 0.85:
        return f"{_letters(rng, 2)}-{_digits(rng, 3)}"
    return f"{_digits(rng, 2)}-{_digits(rng, 2)}-{_digits(rng, 2)}"


def _password(values: Values, rng: random.Random) -> str:
    shape = rng.random()
    if shape < 0.4:
        return values.word(rng)
    if shape < 0.7:
        return values.word(rng) + _digits(rng, 2)
    if shape < 0.85:
        return f"{values.word(rng)}-{values.word(rng)}"
    return f"{rng.choice(load_table('values')['colour'])}{values.word(rng)}{_digits(rng, 1)}"


def _number(_: Values, rng: random.Random) -> str:
    small = rng.choice(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"))
    return rng.choice((small, str(rng.randint(2, 30)), str(rng.randint(11, 400))))


def _time(_: Values, rng: random.Random) -> str:
    hour, minute = rng.randint(1, 12), rng.choice(("00", "15", "30", "45", "10", "20", "40", "50", "05"))
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "noon"]
    shapes = (
        f"{hour}:{minute}", f"{hour}:{minute}", f"{hour} pm", f"{hour} am", f"{hour}:{minute} pm",
        f"half past {words[hour % 11]}", f"quarter to {words[hour % 11]}", f"{rng.randint(13, 22)}:{minute}",
        f"{hour} o'clock",
    )  # fmt: skip
    return rng.choice(shapes)


def _date(_: Values, rng: random.Random) -> str:
    month = rng.choice(load_table("values")["month"])
    day = rng.randint(1, 28)
    suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
    return rng.choice(
        (f"{month} {day}", f"{month} {day}{suffix}", f"the {day}{suffix} of {month}", f"{day} {month}")
    )


def _when(values: Values, rng: random.Random) -> str:
    lists = load_table("values")
    shape = rng.random()
    if shape < 0.3:
        return f"on {rng.choice(lists['weekday'])}"
    if shape < 0.45:
        return f"at {_time(values, rng)}"
    if shape < 0.6:
        return f"on {_date(values, rng)}"
    if shape < 0.7:
        return f"in {rng.choice(lists['month'])}"
    return f"on {rng.choice(lists['weekday'])} at {_time(values, rng)}"


def _past_when(values: Values, rng: random.Random) -> str:
    lists = load_table("values")
    shape = rng.random()
    if shape < 0.35:
        return rng.choice(lists["past_time"])
    if shape < 0.5:
        return f"in {rng.randint(1950, 2026)}"
    if shape < 0.65:
        return f"in {rng.choice(lists['month'])}"
    if shape < 0.85:
        return f"on {rng.choice(lists['weekday'])}"
    return f"on {_date(values, rng)}"


def _person(values: Values, rng: random.Random) -> str:
    return values.listed_or_made_up(rng, "given_name")


def _full_name(values: Values, rng: random.Random) -> str:
    return f"{_person(values, rng)} {values.name(rng)}"


def _price(_: Values, rng: random.Random) -> str:
    amount = rng.choice((rng.randint(2, 99), rng.randint(100, 990), rng.randint(1, 90) * 100))
    shapes = (
        f"{amount} euros",
        f"{amount} dollars",
        f"{amount} pounds",
        f"${amount}",
        f"£{amount}",
        f"€{amount}",
    )
    return rng.choice(shapes)


def _phone(_: Values, rng: random.Random) -> str:
    parts = [_digits(rng, size) for size in rng.choice(((3, 4), (3, 3, 4), (4, 6), (4, 3, 3)))]
    return rng.choice((" ", "-", "")).join(parts)


def _address(values: Values, rng: random.Random) -> str:
    return f"{rng.randint(1, 199)} {_street(values, rng)}"


def _street(values: Values, rng: random.Random) -> str:
    kind = rng.choice(("Street", "Road", "Lane", "Avenue", "Square", "Way", "Close", "Hill"))
    return f"{values.listed_or_made_up(rng, 'surname')} {kind}"


def _email(values: Values, rng: random.Random) -> str:
    return f"{values.word(rng)}@{values.word(rng)}.{rng.choice(('com', 'org', 'net', 'de', 'co.uk'))}"


def _decade_year(_: Values, rng: random.Random) -> str:
    return str(rng.randint(1930, 2026))


def _age(_: Values, rng: random.Random) -> str:
    return str(rng.randint(2, 97))


def _length(_: Values, rng: random.Random) -> str:
    unit = rng.choice(("minutes", "hours", "days", "weeks", "months", "years"))
    return f"{rng.randint(2, 60)} {unit}"


def _distance(_: Values, rng: random.Random) -> str:
    return f"{rng.randint(2, 900)} {rng.choice(('kilometres', 'miles', 'metres'))}"


def _weight(_: Values, rng: random.Random) -> str:
    return f"{rng.randint(2, 120)} {rng.choice(('kilos', 'pounds', 'grams'))}"


def _relative(values: Values, rng: random.Random) -> str:
    return f"my {rng.choice(load_table('values')['relative'])}"


def _in_city(values: Values, rng: random.Random) -> str:
    return f"in {values.listed_or_made_up(rng, 'city')}"


def _at_place(values: Values, rng: random.Random) -> str:
    kinds = ("Hall", "Hotel", "Station", "Park", "School", "Church", "Theatre", "Museum", "Centre", "House")
    shape = rng.random()
    if shape < 0.3:
        return f"at {values.name(rng)}"
    if shape < 0.8:
        return f"at the {values.name(rng)} {rng.choice(kinds)}"
    return f"in room {_digits(rng, rng.randint(1, 3))}"


def _near_place(values: Values, rng: random.Random) -> str:
    where = rng.choice(("next to", "opposite", "behind", "near", "in front of", "not far from"))
    what = rng.choice(
        ("church", "bakery", "station", "school", "bank", "river", "park", "town hall", "museum")
    )
    return f"{where} the {what}" if rng.random() < 0.5 else f"{where} {values.name(rng)} {what.capitalize()}"


def _future_when(values: Values, rng: random.Random) -> str:
    return rng.choice(load_table("values")["next_time"]) if rng.random() < 0.5 else _when(values, rng)


def _plate(_: Values, rng: random.Random) -> str:
    return rng.choice(
        (f"{_letters(rng, 2)} {_digits(rng, 4)}", f"{_letters(rng, 1)}-{_letters(rng, 2)} {_digits(rng, 3)}")
    )


def _in_container(_: Values, rng: random.Random) -> str:
    nouns = [noun for row in load_table("containers") for noun in row.split()]
    return f"in the {rng.choice(load_table('subjects')['adjective'])} {rng.choice(nouns)}"


def _the_content(_: Values, rng: random.Random) -> str:
    return f"the {rng.choice(load_table('values')['content']).removeprefix('the ')}"


def _listed(kind: str) -> Callable[[Values, random.Random], str]:
    return lambda values, rng: values.listed_or_made_up(rng, kind)


MAKERS: dict[str, Callable[[Values, random.Random], str]] = {
    "word": lambda values, rng: values.word(rng),
    "name": lambda values, rng: values.name(rng),
    "person": _person,
    "full_name": _full_name,
    "surname": _listed("surname"),
    "city": _listed("city"),
    "country": _listed("country"),
    "brand": _listed("brand"),
    "title": lambda values, rng: rng.choice(
        (values.name(rng), f"The {values.name(rng)}", f"{values.name(rng)} and {values.name(rng)}",
         f"The Road to {values.name(rng)}", f"{values.name(rng)} {values.name(rng)}",
         f"The {rng.choice(load_table('values')['adjective']).capitalize()} "
         f"{rng.choice(load_table('values')['plain_noun']).capitalize()}")
    ),
    "in_container": _in_container,
    "the_content": _the_content,
    "the_word": lambda values, rng: f"the {values.word(rng)}",
    "my_relative": _relative,
    "in_city": _in_city,
    "at_place": _at_place,
    "at_shop": lambda values, rng: f"at {values.name(rng)}'s",
    "near_place": _near_place,
    "on_street": lambda values, rng: f"on {_street(values, rng)}",
    "time_at": lambda values, rng: f"at {_time(values, rng)}",
    "future_when": _future_when,
    "plate": _plate,
    "code": _code,
    "password": _password,
    "number": _number,
    "digits": lambda values, rng: _digits(rng, rng.randint(1, 3)),
    "time": _time,
    "date": _date,
    "when": _when,
    "past_when": _past_when,
    "price": _price,
    "phone": _phone,
    "address": _address,
    "street": _street,
    "email": _email,
    "year": _decade_year,
    "age": _age,
    "length": _length,
    "distance": _distance,
    "weight": _weight,
}  # fmt: skip
