"""What `gradio_client` can call by name: /translate and /detect. All else of the page is the page's own."""

from __future__ import annotations

from typing import Any

import gradio as gr

from interfaces.libre import found_of
from interfaces.refusing import refusal_of
from interfaces.services import Services
from interfaces.translating import Direction, translate_texts
from translate.detect import detect


def add_endpoints(services: Services) -> None:
    """Adds them to the page that is being built. Where keys are asked for there are none: use /translate."""
    if services.keys is not None or services.translator is None:
        return

    def translate(text: str, source: str = "auto", target: str = "en") -> str:
        """Translate a text."""
        try:
            _check(services, text)
            return translate_texts(services, [text], Direction(source, target))[0].text
        except Exception as error:
            raise gr.Error(refusal_of(error).message, print_exception=False) from None

    def detect_language(text: str) -> dict[str, Any]:
        """The language of a text, and how sure that is (0 to 100)."""
        try:
            _check(services, text)
            return found_of(detect(text))
        except Exception as error:
            raise gr.Error(refusal_of(error).message, print_exception=False) from None

    limits: dict[str, Any] = {"concurrency_limit": 8, "concurrency_id": "endpoints"}
    gr.api(translate, api_name="translate", **limits)
    gr.api(detect_language, api_name="detect", **limits)


def _check(services: Services, text: Any) -> None:
    if not isinstance(text, str):
        raise ValueError(f"text is a {type(text).__name__}: give a string")
    services.limits.check_length(len(text))
