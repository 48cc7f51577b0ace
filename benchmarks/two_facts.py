"""Two facts alike, of two people: told in two messages, two sentences, one sentence; then one is asked for.

    python -m benchmarks.two_facts
    python -m benchmarks.two_facts --model runs/chat/best --each 20

An answer is right when it has what was told of the one, and not what was told of the other. Beside what the
bot makes of messages in parts (`chat/telling.py`) stands what it makes of whole ones.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from copy import copy
from pathlib import Path

from chat.bot import PRETRAINED, Bot
from chat.telling import ABILITY

NAMES = "Petra Jonas Anna Magda Lukas Omar Priya Felix Clara Sven Ines Tariq Mona Hugo Leila Bruno"
RELATIVES = "sister brother uncle aunt boss neighbour cousin roommate mother father"
FACTS = {
    "{} borrowed my {}": ("What did {} borrow?", "drill ladder tent bike umbrella camera suitcase saw"),
    "{} plays the {}": ("What does {} play?", "cello trombone flute violin drums oboe harp guitar"),
    "{} bought a {}": ("What did {} buy?", "van kayak piano sofa telescope fridge scooter lamp"),
    "{} is allergic to {}": ("What is {} allergic to?", "nuts eggs pollen cats soy wheat shrimp dust"),
    "{} lives in {}": ("Where does {} live?", "Leeds Porto Ghent Oslo Turin Lyon Krakow Cork"),
    "{} works as a {}": ("What does {} do for a living?", "baker nurse plumber pilot tailor dentist"),
    "{} is afraid of {}": ("What is {} afraid of?", "spiders heights dogs thunder clowns snakes"),
    "{} lost a {}": ("What did {} lose?", "glove ring key wallet scarf hat book phone"),
}  # fmt: skip
WAYS: dict[str, Callable[[str, str], list[str]]] = {
    "two messages": lambda one, other: [f"{start(one)}.", f"{start(other)}."],
    "two sentences": lambda one, other: [f"{start(one)}. {start(other)}."],
    "one sentence": lambda one, other: [f"{start(one)} and {other}."],
}


def start(clause: str) -> str:
    """With a capital."""
    return clause[:1].upper() + clause[1:]


def right(bot: Bot, way: str, fact: str, number: int, seed: int) -> bool:
    """Whether the bot gives the one that is asked for, and not the other."""
    rng = random.Random(f"{seed}/{fact}/{number}")
    people = (
        rng.sample(NAMES.split(), 2)
        if number % 2
        else [f"my {who}" for who in rng.sample(RELATIVES.split(), 2)]
    )
    question, values = FACTS[fact]
    told = rng.sample(values.split(), 2)
    asked = rng.randrange(2)
    state = bot.new_state()
    for message in WAYS[way](*(fact.format(*pair) for pair in zip(people, told, strict=True))):
        _, state = bot.reply(message, state)
    reply, _ = bot.reply(question.format(people[asked]), state)
    said = reply.text.lower()
    return told[asked].lower() in said and told[1 - asked].lower() not in said


def whole(bot: Bot) -> Bot:
    """The same bot, reading every message as one segment."""
    engine = copy(bot.engine)
    kept = [ability for ability in engine.card.get("abilities", ()) if ability != ABILITY]
    engine.card = {**engine.card, "abilities": kept}
    return Bot(engine, bot.calibration)


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--each", type=int, default=20, help="conversations about each of eight facts")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bot = Bot.load(options.model)
    print("| told in | read in parts, % | read whole, % |\n| --- | --- | --- |")
    cases = [(fact, number) for fact in FACTS for number in range(options.each)]
    for way in WAYS:
        shares = [
            100 * sum(right(one, way, *case, options.seed) for case in cases) / len(cases)
            for one in (bot, whole(bot))
        ]
        print(f"| {way} | {shares[0]:.1f} | {shares[1]:.1f} |", flush=True)
    print(f"\n{len(cases)} questions each, seed {options.seed}.")


if __name__ == "__main__":
    main()
