"""The other end: a translator on a server that speaks LibreTranslate's interface, ours or another's."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from http.client import HTTPException
from typing import Any

from interfaces.addresses import is_address, is_here
from translate.decode import NO_GLOSSARY, Glossary
from translate.detect import Detection, detect
from translate.translation import Translation
from translate.translator import NotOffered

SECONDS = 120.0
LARGEST_ANSWER = 64 * 2**20  # bytes
_TEXTS = 64
# How our own server says which of the texts it cannot take.
_NOT_OFFERED = re.compile(r"(?:q\[(\d+)\]|the text) (seems to be .* is not offered)")
_REMEDY = "give an address such as http://127.0.0.1:7860"


class Remote:
    """Translates as `Translator.translate` does, elsewhere."""

    def __init__(self, server: str, api_key: str | None = None, seconds: float = SECONDS) -> None:
        """server: its address, such as http://127.0.0.1:7860. Raises ValueError for what is none."""
        if not is_address(server):
            raise ValueError(f"--server {server}: {_REMEDY}")
        self.server, self.api_key, self.seconds = server.rstrip("/"), api_key, seconds
        # A proxy of the network would be sent what was never to leave this machine.
        here = [urllib.request.ProxyHandler({})] if is_here(server) else []
        self._opener = urllib.request.build_opener(*here)

    def translate(
        self,
        texts: Sequence[str],
        source: str = "auto",
        target: str = "en",
        beam_size: int = 0,
        glossary: Glossary = NO_GLOSSARY,
        alternatives: int = 0,
        check: Callable[[], None] | None = None,
    ) -> list[Translation]:
        """One Translation for each text, in order. The server chooses its own beam_size.

        check: called before each request. Raises ValueError with what the server says, NotOffered where it
        names one of the texts.
        """
        wanted: dict[str, Any] = {"source": source, "target": target}
        if alternatives:
            wanted["alternatives"] = alternatives
        if glossary != NO_GLOSSARY:
            wanted |= {"terms": dict(glossary.terms), "keep": list(glossary.keep)}
        done: list[Translation] = []
        words = [*glossary.terms, *glossary.terms.values(), *glossary.keep]
        for batch in self._batches(texts, sum(map(len, words))):
            if check is not None:
                check()
            try:
                answer = self._ask("/translate", {**wanted, "q": batch})
            except ValueError as error:
                if (found := _NOT_OFFERED.search(str(error))) is None:
                    raise
                raise NotOffered(len(done) + int(found[1] or 0), found[2]) from error
            done += self._read(answer, batch, source, target, alternatives)
        return done

    def settle(self, text: str, target: str) -> str:
        """The language that a document is in; auto where nothing tells."""
        return detect(text).language or "auto"

    @cached_property
    def _longest(self) -> int:
        """Characters that the server takes at once; 0: any number."""
        return max(0, int(self._json(self._send("/frontend/settings")).get("charLimit") or 0))

    def _batches(self, texts: Sequence[str], besides: int) -> Iterator[list[str]]:
        """besides: characters of the glossary, which the server counts with each batch."""
        batch: list[str] = []
        for text in texts:
            size = besides + sum(map(len, batch)) + len(text)
            if batch and (len(batch) >= _TEXTS or (self._longest and size > self._longest)):
                yield batch
                batch = []
            batch.append(text)
        if batch:
            yield batch

    def _read(
        self, answer: dict[str, Any], texts: Sequence[str], source: str, target: str, alternatives: int
    ) -> list[Translation]:
        translated, found = answer.get("translatedText"), answer.get("detectedLanguage")
        others = answer.get("alternatives") if alternatives else None
        if not isinstance(translated, list) or len(translated) != len(texts):
            raise ValueError(f"--server {self.server}: this is no answer of a LibreTranslate server")
        others = others if isinstance(others, list) and len(others) == len(texts) else [()] * len(texts)
        found = found if isinstance(found, list) and len(found) == len(texts) else [{}] * len(texts)
        return [
            Translation(
                str(text),
                0.0,
                str(guess.get("language", source)),
                target,
                detection=Detection(guess["language"], guess.get("confidence", 0) / 100) if guess else None,
                alternatives=tuple(map(str, more)),
                original=original,
            )
            for text, guess, more, original in zip(translated, found, others, texts, strict=True)
        ]

    def _ask(self, path: str, values: dict[str, Any]) -> dict[str, Any]:
        body = values | ({"api_key": self.api_key} if self.api_key else {})
        return self._json(self._send(path, json.dumps(body).encode(), "application/json"))

    def _json(self, data: bytes) -> dict[str, Any]:
        try:
            found = json.loads(data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ValueError(f"--server {self.server}: this is no answer of a LibreTranslate server")
        return found

    def _send(self, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        request = urllib.request.Request(self.server + path, body, {"content-type": kind} if kind else {})
        try:
            with self._opener.open(request, timeout=self.seconds) as answer:
                return bytes(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            try:
                said = json.loads(error.read(LARGEST_ANSWER))["error"]
            except (ValueError, KeyError, TypeError):
                said = f"it answers {error.code} {error.reason}"
            raise ValueError(f"--server {self.server}: {said}") from error
        except OSError as error:
            why = getattr(error, "reason", error)
            raise ValueError(
                f"--server {self.server}: {why}. Is it running? `longshort serve` starts one here"
            ) from error
        except HTTPException as error:
            said = str(error).strip()[:80]
            raise ValueError(f"--server {self.server}: {said!r} is no answer in HTTP: {_REMEDY}") from error
