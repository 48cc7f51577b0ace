"""What an answer costs in CPU time, and where: the same on a busy machine as on a quiet one, or nearly so.

    python -m benchmarks.answer_cost                         # each kind, 24 users at once, about 20 s of CPU
    python -m benchmarks.answer_cost --users 1 --answers 30  # one at a time

The interfaces are asked in this process, without a network: over LibreTranslate's a sentence, over OpenAI's a
message in a conversation that is kept here, and one with its whole conversation sent along. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from benchmarks.users import NAMES, SAID, SENTENCES, TARGETS, THINGS, TOWNS, TURNS
from chat.bot import Bot
from chat.conversations import Conversations
from chat.store import open_store
from interfaces.attach import attach, new_server
from interfaces.services import Limits, Services
from lstm_models.scheduler import SWITCH
from lstm_models.shared import share
from translate.translator import Translator

KINDS = ("translation", "kept", "sent along")
PARTS = ("asking and HTTP", "interfaces and stores", "scheduler", "runtime's threads")
BEFORE = 3  # exchanges that are sent along
MODEL = "longshort-chat"


def part_of(name: str | None) -> str:
    """What a thread of this name does; None: one that Python does not know."""
    if name is None:
        return PARTS[3]
    return {"MainThread": PARTS[0], "scheduler": PARTS[2]}.get(name, PARTS[1])


def spent() -> Counter[str]:
    """Milliseconds of CPU that this process has taken, by part."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    found: Counter[str] = Counter()
    for task in Path("/proc/self/task").iterdir():
        nanoseconds = int((task / "schedstat").read_text().split()[0])
        found[part_of(names.get(int(task.name)))] += nanoseconds / 1e6
    return found


class User:
    """Asks one kind of thing, again and again."""

    def __init__(self, client: httpx.AsyncClient, kind: str, number: int) -> None:
        self.client, self.kind, self.rng = client, kind, random.Random(number)
        self.headers = {"authorization": f"Bearer user-{number}"}
        self.conversation, self.turns = "", TURNS

    async def ask(self) -> None:
        """One answer. Raises httpx.HTTPStatusError where there is none."""
        if self.kind == "translation":
            target = self.rng.choice(TARGETS)
            await self._post("/translate", {"q": self._filled(SENTENCES), "source": "en", "target": target})
            return
        messages = [{"role": "user", "content": self._filled(SAID)}]
        body: dict[str, Any] = {"model": MODEL}
        if self.kind == "kept":
            if self.turns >= TURNS:
                self.conversation, self.turns = (await self._post("/v1/conversations", {}))["id"], 0
            self.turns += 1
            body["conversation"] = self.conversation
        else:
            messages = [*islice(self._said(), 2 * BEFORE), *messages]
        await self._post("/v1/chat/completions", {**body, "messages": messages})

    def _said(self) -> Iterator[dict[str, str]]:
        while True:
            yield {"role": "user", "content": self._filled(SAID)}
            yield {"role": "assistant", "content": "That is good to know."}

    def _filled(self, texts: tuple[str, ...]) -> str:
        pick = self.rng.choice
        return pick(texts).format(name=pick(NAMES), town=pick(TOWNS), thing=pick(THINGS))

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.post(path, json=body, headers=self.headers)
        answer.raise_for_status()
        return dict(answer.json())


async def measured(services: Services, kind: str, users: int, answers: int) -> Counter[str]:
    """Milliseconds of an answer by part, once every user has had one."""
    server = new_server()
    attach(server, services)
    transport = httpx.ASGITransport(app=server)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=600) as client:
        asking = [User(client, kind, number) for number in range(users)]
        await asyncio.gather(*(user.ask() for user in asking))
        left = iter(range(answers))

        async def go_on(user: User) -> None:
            for _ in left:
                await user.ask()

        before = spent()
        await asyncio.gather(*(go_on(user) for user in asking))
        after = spent()
        return Counter({part: (after[part] - before[part]) / answers for part in PARTS})


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=24)
    parser.add_argument("--answers", type=int, default=240, help="of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH)
    translator, bot = Translator.load(), Bot.load()
    share(translator, bot)
    print(f"| CPU, ms an answer | all | {' | '.join(PARTS)} |")
    print("| --- " * (2 + len(PARTS)) + "|")
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "conversations.sqlite3")
        limits = Limits(per_minute=0)
        services = Services.of(translator, Conversations(bot, store), limits)
        for kind in options.kinds:
            found = asyncio.run(measured(services, kind, options.users, options.answers))
            cells = [found.total(), *(found[part] for part in PARTS)]
            print(f"| {kind} | {' | '.join(f'{cell:.1f}' for cell in cells)} |", flush=True)
        store.close()


if __name__ == "__main__":
    main()
