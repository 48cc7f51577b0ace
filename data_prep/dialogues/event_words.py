"""The words of events: circumstances with their question words, tenses with their phrases, replies."""

from __future__ import annotations

# slot: (kind of value, what stands before it, question words)
SLOTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "place": (
        "in_city|in_city|venue|at_place|on_street",
        "",
        ("where", "(in which place|at what place|where)"),
    ),
    "place_habit": ("in_city|in_city|venue|at_place", "", ("where",)),
    "time": ("past_when", "", ("when",)),
    "future": ("future_when", "", ("when",)),
    "daytime": ("daytime", "", ("when",)),
    "price": ("price", "for ", ("for how much", "for what price")),
    "source": ("person|full_name|my_relative", "from ", ("from whom",)),
    "company": ("person|person|my_relative", "with ", ("with whom",)),
    "recipient": ("person|my_relative", "for ", ("for whom",)),
    "recipient_to": ("person|my_relative", "to ", ("to whom",)),
    "transport": ("transport", "", ("how",)),
    "reason": ("reason", "", ("why",)),
    "hidden": ("place_kept", "", ("where",)),
    "parking": ("on_street|near_place|level", "", ("where",)),
    "forgot_at": ("forgot_at", "", ("where",)),
}
STRANDED = {"source": "from", "company": "with", "recipient": "for", "recipient_to": "to"}  # who ... with?
FRONTED = ("time", "future", "daytime", "place", "place_habit")

PHRASES = {
    "past": ("<past>", "<past>", "<past>", "recently <past>", "actually <past>"),
    "present": ("[<base>]", "[<base>]", "usually [<base>]", "often [<base>]"),
    "future": (
        "[be] going to <base>",
        "[be] going to <base>",
        "will <base>",
        "[plan] to <base>",
        "[want] to <base>",
    ),
    "doing": ("[be] <ing>", "[be] <ing>", "[be] busy <ing>", "[be] currently <ing>"),
}
STATES = {"own", "have", "possess", "keep", "run", "manage", "operate", "breed", "lead", "head"}
ACKS = {
    "past": ("How was it?", "That sounds interesting.", "I see.", "Oh, nice.", "Really?"),
    "present": ("That sounds interesting.", "How did that start?", "I see.", "Nice."),
    "future": ("I hope it goes well.", "That sounds good.", "Have fun!", "Good luck with it."),
    "doing": ("How is it going?", "Good luck with it.", "That sounds like a lot of work."),
}
HELD = ("rescue", "tame", "forge", "brew", "carve", "interview", "bury", "polish", "swap", "sketch")
