"""Passwords, numbers, addresses and made-up names, told once and asked for: given back to the letter, or not.

    python -m benchmarks.codes
    python -m benchmarks.codes --model runs/chat/best --each 40

Each is told, thanked for, followed by small talk in every second conversation, and asked for. "misspelt": the
reply has something much like it, but not it, which is worse than a refusal. The network alone stands beside
what the bot makes of it (`chat/spelling.py`, answers kept back, whole sentences).
"""

from __future__ import annotations

import argparse
import difflib
import random
import string
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from chat.bot import PRETRAINED, Bot
from chat.refusals import is_refusal
from chat.segments import Turn

WORDS = ["tulip", "moss", "river", "stone", "amber", "falcon", "pepper", "copper", "violet", "maple"]
LIKE = 0.6  # of difflib's ratio
VERDICTS = ("right", "misspelt", "refused", "other")


def drawn(rng: random.Random, letters: str, count: int) -> str:
    """So many of them, at random."""
    return "".join(rng.choices(letters, k=count))


LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
Case = tuple[str, str, Callable[[random.Random], str]]
CASES: dict[str, Case] = {
    "words and number": (
        "The wifi password is {}.",
        "What is the wifi password?",
        lambda rng: f"{rng.choice(WORDS)}-{rng.randint(10, 99)}-{rng.choice(WORDS)}",
    ),
    "four digits": ("My locker code is {}.", "What's my locker code?", lambda rng: drawn(rng, DIGITS, 4)),
    "flight": (
        "My flight is {} on Friday.",
        "Which flight am I on?",
        lambda rng: f"{drawn(rng, UPPER, 2)} {drawn(rng, DIGITS, 4)}",
    ),
    "telephone": (
        "Call the plumber on {}, he is quick.",
        "What's the plumber's number?",
        lambda rng: f"0{drawn(rng, DIGITS, 3)} {drawn(rng, DIGITS, 6)}",
    ),
    "booking": (
        "The booking reference for the hotel is {}.",
        "What is the booking reference?",
        lambda rng: drawn(rng, UPPER + DIGITS, 6),
    ),
    "letters and digits": (
        "I set the alarm code to {} last week.",
        "What's the alarm code?",
        lambda rng: drawn(rng, LOWER + DIGITS, 8),
    ),
    "password": (
        "My new password is {}",
        "What is my password?",
        lambda rng: f"{rng.choice(WORDS).capitalize()}{drawn(rng, DIGITS, 2)}!",
    ),
    "e-mail": (
        "You can reach Dana at {}.",
        "What is Dana's email address?",
        lambda rng: f"{drawn(rng, LOWER, 5)}@{drawn(rng, LOWER, 6)}.com",
    ),
    "made-up name": (
        "Our new dog is called {}.",
        "What is the dog called?",
        lambda rng: (
            drawn(rng, "BCDFGKLMNPRST", 1)
            + "".join(drawn(rng, "aeiou", 1) + drawn(rng, "bcdfgklmnprstvz", 1) for _ in range(3))
        ),
    ),
}


def verdict(reply: str, value: str) -> str:
    """One of VERDICTS."""
    value = value.rstrip("!")
    if value in reply:
        return "right"
    if is_refusal(reply):
        return "refused"
    words = [reply[place : place + len(value) + 2] for place in range(max(1, len(reply) - len(value)))]
    return "misspelt" if difflib.get_close_matches(value, words, 1, LIKE) else "other"


def measured(bot: Bot, each: int, seed: int) -> dict[str, Counter[str]]:
    """How many of each kind were answered how."""
    found: dict[str, Counter[str]] = {}
    for kind, (tell, ask, make) in CASES.items():
        counts: Counter[str] = Counter()
        for number in range(each):
            value = make(random.Random(f"{seed}/{kind}/{number}"))
            turns = [Turn("user", tell.format(value)), Turn("bot", "Noted.")]
            if number % 2:
                turns += [Turn("user", "It rained again today."), Turn("bot", "I see.")]
            reply, _ = bot.reply(ask, bot.replay(turns))
            counts[verdict(reply.text, value)] += 1
        found[kind] = counts
    return found


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--each", type=int, default=20, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bot = Bot.load(options.model)
    alone = measured(Bot(bot.engine), options.each, options.seed)
    whole = measured(bot, options.each, options.seed)
    print(f"| {options.each} of each | {' | '.join(f'{one}: network, bot' for one in VERDICTS)} |")
    print("| --- " * (len(VERDICTS) + 1) + "|")
    for kind in [*CASES, "all"]:
        rows = [sum(one.values(), Counter()) if kind == "all" else one[kind] for one in (alone, whole)]
        print(f"| {kind} | {' | '.join(f'{rows[0][one]}, {rows[1][one]}' for one in VERDICTS)} |")


if __name__ == "__main__":
    main()
