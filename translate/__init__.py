"""Translation between English and German, French and Spanish: languages, the translator and its tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from translate.detect import Detection, detect
    from translate.translator import Translation, Translator

__all__ = ["Detection", "Translation", "Translator", "detect"]

_HOMES = {
    "Translator": "translate.translator",
    "Translation": "translate.translator",
    "detect": "translate.detect",
    "Detection": "translate.detect",
}


def __getattr__(name: str) -> Any:
    # Asked for by name only: whoever needs the languages alone (preparing data) does not pay for torch.
    if name not in _HOMES:
        raise AttributeError(f"translate has no {name!r}: it offers {', '.join(__all__)}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # beats the module of the same name: translate.detect is the function
    return value
