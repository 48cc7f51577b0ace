"""LibreTranslate's interface: the same paths, JSON and errors, over this machine's translator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from interfaces.asking import check_key
from interfaces.reading import body_of, read
from interfaces.refusing import Problem, Refusal, in_short, speaking
from interfaces.services import Services
from interfaces.translating import Answer, Direction, translate_html, translate_texts
from translate.decode import Glossary
from translate.detect import Detection, detect
from translate.documents import FORMATS
from translate.languages import DIRECTIONS, LANGUAGES

ANY_FORM = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "A request that cannot be answered, and why"},
    403: {"model": Problem, "description": "A wrong API key"},
    413: {"model": Problem, "description": "Too large"},
    429: {"model": Problem, "description": "Too many requests of one client"},
    503: {"model": Problem, "description": "Too much to do at the moment"},
}


class Found(BaseModel):
    """A language that was detected. confidence: 0 to 100."""

    confidence: float
    language: str


class Wanted(BaseModel):
    """What /translate takes. terms and keep are a glossary, which LibreTranslate does not have."""

    q: str | list[str] = Field(description="a text, or several", examples=["Good morning."])
    source: str = Field(description="a language's code, or auto", examples=["en"])
    target: str = Field(description="a language's code", examples=["de"])
    format: Literal["text", "html"] = "text"
    alternatives: int = Field(0, ge=0, description="so many other translations, at most")
    api_key: str | None = None
    terms: dict[str, str] = Field({}, description="words and what they have to be")
    keep: list[str] = Field([], description="words that are not translated")


class Asked(BaseModel):
    """What /detect takes."""

    q: str = Field(description="a text", examples=["Guten Morgen."])
    api_key: str | None = None


class Translated(BaseModel):
    """What /translate gives: of a list, everything is a list."""

    translatedText: str | list[str]
    detectedLanguage: Found | list[Found] | None = None
    alternatives: list[str] | list[list[str]] | None = None


class Language(BaseModel):
    """A language and what it can be translated into."""

    code: str
    name: str
    targets: list[str]


def routes(services: Services) -> APIRouter:
    """/translate, /detect, /languages, /frontend/settings and /health."""
    router = APIRouter(route_class=speaking(in_short), tags=["translate"], responses=REFUSALS)

    @router.post("/translate", response_model=Translated, openapi_extra=body_of(Wanted, forms=ANY_FORM))
    async def translate(request: Request) -> Response:
        """Translate a text, or a list of them."""
        wanted = await read(request, Wanted)
        check_key(services, wanted.api_key, request.headers.get("authorization"))
        return JSONResponse(await services.workers.run(_translated, services, wanted))

    @router.post("/detect", response_model=list[Found], openapi_extra=body_of(Asked, forms=ANY_FORM))
    async def detect_language(request: Request) -> Response:
        """Which language a text is in."""
        asked = await read(request, Asked)
        check_key(services, asked.api_key, request.headers.get("authorization"))
        _check_text(asked.q)
        services.limits.check_length(len(asked.q))
        found = await services.workers.run(detect, asked.q)
        return JSONResponse([found_of(found)])

    @router.get("/languages")
    async def languages() -> list[Language]:
        """The languages, and what each can be translated into."""
        return [Language(code=code, name=name, targets=targets(code)) for code, name in LANGUAGES.items()]

    @router.get("/frontend/settings")
    async def settings() -> dict[str, Any]:
        """What a page that speaks this interface needs to know."""
        return {
            "apiKeys": services.keys is not None,
            "charLimit": services.limits.characters,
            "filesTranslation": services.translator is not None,
            "frontendTimeout": 500,
            "keyRequired": services.keys is not None,
            "language": {
                "source": {"code": "auto", "name": "Auto Detect"},
                "target": {"code": "de", "name": LANGUAGES["de"]},
            },
            "suggestions": False,
            "supportedFilesFormat": list(FORMATS),
        }

    @router.get("/health")
    async def health() -> dict[str, str]:
        """Whether the server answers."""
        return {"status": "ok"}

    @router.post("/suggest")
    async def suggest() -> Response:
        """Not taken: nothing here is trained on what users send."""
        raise Refusal(403, "Suggestions are disabled on this server.")

    return router


def targets(code: str) -> list[str]:
    """The languages that one can be translated into; into itself it stays as it is."""
    return sorted({goal for source, goal in DIRECTIONS if source == code} | {code})


def found_of(detection: Detection) -> dict[str, Any]:
    """As LibreTranslate says it: a text without letters is English, with no confidence at all."""
    return {"confidence": round(100 * detection.confidence, 1), "language": detection.language or "en"}


def _check_text(q: str | list[str]) -> None:
    if not q:
        raise Refusal(400, "Invalid request: missing q parameter", param="q")


def _translated(services: Services, wanted: Wanted) -> dict[str, Any]:
    limits = services.limits
    _check_text(wanted.q)
    for name in ("source", "target"):
        if not getattr(wanted, name):
            raise Refusal(400, f"Invalid request: missing {name} parameter", param=name)
    if wanted.alternatives > limits.alternatives:
        raise Refusal(
            400, f"Invalid request: alternatives: {wanted.alternatives}, {limits.alternatives} at most"
        )
    texts = [wanted.q] if isinstance(wanted.q, str) else wanted.q
    words = [*wanted.terms, *wanted.terms.values(), *wanted.keep]
    limits.check_length(sum(map(len, [*texts, *words])), max(len(texts), len(words)))
    translate = translate_html if wanted.format == "html" else translate_texts
    glossary = Glossary(wanted.terms, tuple(wanted.keep))
    direction = Direction(wanted.source, wanted.target, glossary, wanted.alternatives)
    answers = translate(services, texts, direction)
    return _as_asked(answers, isinstance(wanted.q, str), wanted)


def _as_asked(answers: Sequence[Answer], one: bool, wanted: Wanted) -> dict[str, Any]:
    """One text gives one of everything, a list gives lists."""
    found: dict[str, Any] = {"translatedText": [answer.text for answer in answers]}
    if wanted.alternatives:
        found["alternatives"] = [list(answer.alternatives) for answer in answers]
    if wanted.source == "auto":
        found["detectedLanguage"] = [found_of(answer.detection or Detection(None, 0.0)) for answer in answers]
    return {name: values[0] for name, values in found.items()} if one else found
