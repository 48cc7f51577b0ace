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
    "from_city": ("city|country", "from ", ("from where", "from which place")),
    "to_city": ("city|country", "to ", ("where", "to which place")),
    "to_place": ("walk_to", "to ", ("where", "to which place")),
    "mountains": ("mountains", "in ", ("where",)),
    "water": ("water", "in ", ("where",)),
    "water_side": ("water", "along ", ("where",)),
    "sleeping": ("sleeping", "", ("where",)),
    "lodging": ("lodging", "", ("where",)),
    "school": ("name", "from ", ("from which school", "from where")),
    "fall_from": ("fall_from", "", ("where",)),
    "into": ("crash_into", "into ", ("into what",)),
    "about": ("topic", "about ", ("about what",)),
    "dream_about": ("dream_topic", "about ", ("about what",)),
    "vote_for": ("full_name", "for ", ("for whom",)),
    "apply_for": ("apply_for", "for ", ("for what",)),
    "pay_for": ("treat|thing_bought", "for ", ("for what",)),
    "price_plain": ("price", "", ("how much",)),
    "train_for": ("train_for", "for ", ("for what",)),
    "for_whom": ("person|my_relative", "for ", ("for whom",)),
    "company_to": ("person|my_relative", "to ", ("to whom",)),
}
PLACES = {
    *(
        "place",
        "place_habit",
        "hidden",
        "parking",
        "forgot_at",
        "water",
        "water_side",
        "mountains",
        "lodging",
    ),
    *("sleeping", "to_city", "to_place", "school", "into", "fall_from"),
}  # of these, only one is told: where?
TIMES = {"time", "future", "daytime"}
STRANDED = {  # who ... with? the question word and what is left at the end
    "source": ("who", "from"),
    "company": ("who", "with"),
    "recipient": ("who", "for"),
    "recipient_to": ("who", "to"),
    "for_whom": ("who", "for"),
    "company_to": ("who", "to"),
    "vote_for": ("who", "for"),
    "about": ("what", "about"),
    "dream_about": ("what", "about"),
    "into": ("what", "into"),
    "apply_for": ("what", "for"),
    "pay_for": ("what", "for"),
    "train_for": ("what", "for"),
    "from_city": ("where", "from"),
    "to_city": ("where", "to"),
    "school": ("which school", "from"),
}
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
