"""What an answer costs as texts and conversations grow, beside int8 Transformers, with a chart.

    python -m benchmarks.cost_curves --picture docs/images/cost.svg
    python -m benchmarks.cost_curves --lengths 10 25 --turns 10 30 --rounds 1      # a quick look

Length: one sentence of so many tokens, translated into as many, greedily. Turns: a reply of REPLY tokens to a
question at the end of a conversation. The bot goes on from the state that it carries; a Transformer carries
none, and reads the conversation again, TURN tokens for each turn. Peer and engine take turns. Needs
CTranslate2; the chart needs vl-convert.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.transformer_peer import SIZES, build
from chat.bot import Bot
from chat.segments import Turn
from data_prep.recall_cases import CaseMaker
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained"
VOCABULARY, POSITIONS = 8000, 4096
REPLY, TURN = 12, 9  # tokens; a turn's as in `benchmarks.chat_cost`: 4,091 in the bank after some 450 turns
QUESTION = "Where does my sister live?"
OURS = "Longshort"
SLOW = 2.0  # seconds
Run = Callable[[], object]


def forced(tokens: int) -> SearchOptions:
    """Greedy, and exactly so many tokens."""
    return SearchOptions(min_length=tokens, max_length=tokens, avoid_loops=False)


def peer(name: str, threads: int) -> Callable[[int, int], object]:
    """Reads so many tokens and writes so many, with a Transformer of CTranslate2."""
    import ctranslate2

    with tempfile.TemporaryDirectory() as folder:
        build(folder, VOCABULARY, **SIZES[name], positions=POSITIONS)
        translator = ctranslate2.Translator(folder, intra_threads=threads, compute_type="int8")
    words = [f"w{i}" for i in np.random.default_rng(1).integers(0, VOCABULARY - 3, POSITIONS)]

    def run(read: int, write: int) -> object:
        return translator.translate_batch(
            [words[:read]],
            beam_size=1,
            min_decoding_length=write,
            max_decoding_length=write,
            max_input_length=0,
        )

    return run


def of_lengths(lengths: list[int], threads: int, peers: dict[str, Any]) -> dict[int, dict[str, Run]]:
    """What is to be timed at each length."""
    engine = Engine.load(PRETRAINED / "translate", "onnx", threads)
    ids = np.random.default_rng(1).integers(300, engine.config.vocab_size, max(lengths)).tolist()

    def ours(tokens: int) -> object:
        states = engine.read([engine.new_state()], [ids[:tokens]])
        return engine.generate(states, ["<2de>"], forced(tokens))

    return {
        n: {
            OURS: lambda n=n: ours(n),
            **{name: lambda n=n, run=run: run(n, n) for name, run in peers.items()},
        }
        for n in lengths
    }


def of_turns(turns: list[int], peers: dict[str, Any]) -> dict[int, dict[str, Run]]:
    """What is to be timed after so many turns, of which the bot has read all."""
    bot, states = Bot.load(PRETRAINED / "chat"), {}
    talk = CaseMaker([], max(turns)).make("trained relations", 1)
    state, count = bot.new_state(), 0
    for message, reply in [*((text, "I see.") for text in talk.tells), *talk.talk]:
        state, count = bot.replay([Turn("user", message), Turn("bot", reply)], state), count + 2
        if count in turns:
            states[count] = state
    options = forced(REPLY)
    return {
        n: {
            OURS: lambda held=held: bot.reply(QUESTION, held, options),
            **{
                name: lambda n=n, run=run: run(n * TURN, REPLY)
                for name, run in peers.items()
                if n * TURN <= POSITIONS
            },
        }
        for n, held in states.items()
    }


def measured(
    cases: dict[int, dict[str, Run]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[dict[str, Any]]:
    """The median of the rounds, ms, for each size and engine; all take their turn in each round.

    A first round warms. What takes longer than SLOW in it is not run again. Each is told on stderr as it
    comes: whoever ends a long run early has seen how far it came.
    """
    times: dict[tuple[int, str], list[float]] = {}
    slow: set[tuple[int, str]] = set()
    for number in range(rounds + 1):
        for size, runs in cases.items():
            for name, run in runs.items():
                if (size, name) in slow:
                    continue
                start = clock()
                run()
                took = clock() - start
                if not number and took > SLOW:
                    slow.add((size, name))
                if number or took > SLOW:
                    times.setdefault((size, name), []).append(1e3 * took)
                print(f"round {number}, {size:,}: {name} {1e3 * took:,.1f} ms", file=sys.stderr, flush=True)
    return [
        {"size": size, "engine": name, "ms": statistics.median(taken)}
        for (size, name), taken in times.items()
    ]


def table(rows: list[dict[str, Any]], what: str) -> str:
    """A line for each size, a column for each engine."""
    names = list(dict.fromkeys(row["engine"] for row in rows))
    found = {(row["size"], row["engine"]): row["ms"] for row in rows}
    lines = [f"| {what} | {' | '.join(f'{name}, ms' for name in names)} |", "| --- " * (len(names) + 1) + "|"]
    for size in dict.fromkeys(row["size"] for row in rows):
        cells = (f"{found[size, name]:,.1f}" if (size, name) in found else "too long" for name in names)
        lines.append(f"| {size:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(panels: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Both curves side by side, as SVG. Both axes are logarithmic: a straight line is a power."""
    import altair as alt
    import vl_convert as vlc

    charts = [
        alt.Chart(alt.Data(values=rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("size:Q", title=what, scale=alt.Scale(type="log")),
            y=alt.Y("ms:Q", title="milliseconds", scale=alt.Scale(type="log")),
            color=alt.Color(
                "engine:N", title=None, sort=[OURS, *SIZES], legend=alt.Legend(orient="bottom", labelLimit=0)
            ),
        )
        .properties(width=300, height=240)
        for what, rows in panels.items()
    ]
    chart = alt.hconcat(*charts).properties(background="white")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(vlc.vegalite_to_svg(chart.to_dict()), encoding="utf-8")


def main() -> None:
    """Prints two tables; draws them where a picture is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[10, 25, 50, 100, 200])
    parser.add_argument("--turns", type=int, nargs="+", default=[10, 30, 100, 300, 1000], help="even numbers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--cpu", action="store_true", help="processor time, which tells more than the clock beside other work"
    )
    parser.add_argument("--picture", type=Path, help="an SVG file")
    options = parser.parse_args()
    if any(turns % 2 or turns < 2 for turns in options.turns):
        parser.error(f"--turns {' '.join(map(str, options.turns))}: give even numbers from 2, two of a pair")
    peers = {name: peer(name, options.threads) for name in SIZES}
    cases = {
        "tokens of a sentence": of_lengths(options.lengths, options.threads, peers),
        "turns before the question": of_turns(options.turns, peers),
    }
    clock = time.process_time if options.cpu else time.perf_counter
    panels = {what: measured(runs, options.rounds, clock) for what, runs in cases.items()}
    for what, rows in panels.items():
        print(table(rows, what), end="\n\n", flush=True)
    if options.picture:
        draw(panels, options.picture)


if __name__ == "__main__":
    main()
