"""Who and what facts are about: people and things, alone or easily confused with another one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_prep.dialogues.facts import Draw, Question
from data_prep.dialogues.subjects import SELF, Subject
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.wording import ask, choose, render

NAMED = 0.2  # share of questions about "my friend Piet" that ask what my friend is called
ALIASED = 0.5  # share of the others that ask for Piet


@dataclass(frozen=True)
class Owned:
    """A thing: its table entry, its noun ("car"), the whole ("Marta's car"), its owner if that is plain."""

    listed: str
    noun: str
    subject: Subject
    owner: Subject | None


EVERYONE = Subject("p", "people", "people", "world")  # facts of the world are about nobody


def draw_person(draw: Draw, kinds: tuple[str, ...]) -> Subject:
    """A person of one of the kinds (self, kin, friend, named, group)."""
    return EVERYONE if "everyone" in kinds else _person(draw, draw.rng.choice(_weighted(kinds)))


def _weighted(kinds: tuple[str, ...]) -> list[str]:
    weights = {"self": 4, "kin": 3, "friend": 1, "named": 3, "group": 1}
    return [kind for kind in kinds for _ in range(weights[kind])]


def _person(draw: Draw, kind: str) -> Subject:
    rng, table = draw.rng, load_table("subjects")
    if kind == "self":
        return SELF
    if kind == "kin":
        form = rng.choice("fm")
        return _mine(form, rng.choice(table[f"kin_{form}"]))
    if kind == "friend":
        return _mine(rng.choice("fm"), rng.choice(table["role"]))
    if kind == "group":
        return _mine("p", rng.choice(table["group"]))
    name = draw.values.draw(rng, "person")
    if rng.random() < 0.4:
        form = rng.choice("fm")
        role = rng.choice(table["named_role"] if rng.random() < 0.5 else table[f"named_role_{form}"])
        return _mine(form, f"{role} {name}", alias=name)
    return Subject(rng.choice("fm"), name, name)


def _mine(form: str, noun: str, kind: str = "person", alias: str = "") -> Subject:
    return Subject(form, f"my {noun}", f"your {noun}", kind, alias)


def as_asked(draw: Draw, subject: Subject) -> Subject:
    """The subject as a question calls it: "my friend Piet", or Piet."""
    return subject.aliased() if draw.rng.random() < ALIASED else subject


def name_question(draw: Draw, subject: Subject, key: str) -> Question:
    """What "my friend Piet" is called: told in passing, with whatever else was told about him."""
    role = replace(
        subject,
        user=subject.user.removesuffix(f" {subject.alias}"),
        bot=subject.bot.removesuffix(f" {subject.alias}"),
        alias="",
    )
    named = load_table("people")["name"]
    template = choose(draw.wordings.pick(draw.rng, named["ask"]), draw.rng)
    answer = render(choose(draw.rng.choice(named["say"]), draw.rng), role, {"v": subject.alias}, bot=True)
    return Question(ask(template, role, {}), answer, subject.alias, f"{key}/name")


def draw_thing(draw: Draw, kind: str) -> Owned:
    """A thing of a class of things.yaml."""
    return own(draw, draw.rng.choice(load_table("things")["classes"][kind]))


def own(draw: Draw, listed: str) -> Owned:
    """A thing with its owner, from its entry in the table ("keys~p" is a plural)."""
    rng = draw.rng
    form = "p" if listed.endswith("~p") else "n"
    noun = listed.removesuffix("~p")
    described = noun
    if rng.random() < 0.15:
        described = f"{rng.choice(load_table('subjects')['adjective'])} {noun}"
    plain = described == noun and form == "n"
    shape = rng.random()
    if shape < 0.55:
        return Owned(listed, noun, _mine(form, described, "thing"), SELF if plain else None)
    if shape < 0.75:
        the = f"the {described}"
        return Owned(listed, noun, Subject(form, the, the, "thing"), None)
    owner = draw_person(draw, ("kin", "named", "friend"))
    names = [f"{owner.possessive(bot)} {described}" for bot in (False, True)]
    return Owned(listed, noun, Subject(form, names[0], names[1], "thing"), owner if plain else None)
