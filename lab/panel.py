"""Under glass: the panel below a translation or a conversation. Closed it computes nothing.

What it shows is drawn when it is opened or asked; torch and the plotting library come with the first look.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from lab.tab import outputs, page, problem
from lab.texts import TEXTS

if TYPE_CHECKING:
    from chat.looking import Exchange
    from lab.finding import Finding
    from translate.translator import Translator

# The names of lab.glass.findings and lab.glass.look, which bring xarray: a test holds them equal.
OF_A_SENTENCE = ("Alignment and copying", "Gates and cell", "Units switched off")
OF_A_REPLY = (*OF_A_SENTENCE[:2], "Memory across turns", "Forgetting curve", OF_A_SENTENCE[2])
GATES = ("input", "forget", "candidate", "output", "cell", "hidden")
LONGEST_TEXT = 5000  # characters
LONGEST_OFF = 2000  # characters
MOST_REPLIES = 100  # to choose from
LAST = "The last one"
LIMITS: dict[str, Any] = {
    "concurrency_limit": 1,
    "concurrency_id": "glass",
    "api_visibility": "private",
    "show_progress": "minimal",
}


def beside_translation(translator: Translator, widgets: Sequence[Any]) -> None:
    """Builds the panel. widgets: text, source and target language, terms, words to keep."""
    with gr.Accordion(TEXTS.label("glass"), open=False, elem_id="glass-translate") as panel:
        asked = _controls(OF_A_SENTENCE, translator, "sentence")
        shown = outputs("glass-translation")

    def look(*values: Any) -> list[Any]:
        return _guarded(lambda: _sentence(translator, *values), asked[0], shown)

    _wire(panel, asked, widgets, look, shown)


def beside_chat(here: Any, exchange: Callable[..., Exchange], bot: Any) -> None:
    """Builds the panel. exchange(here, position, request): finds a reply of the page's conversation."""
    with gr.Accordion(TEXTS.label("glass"), open=False, elem_id="glass-chat") as panel:
        asked = _controls(OF_A_REPLY, bot, "reply")
        shown = outputs("glass-reply")

    def look(chosen: Any, part: str, layer: str, gate: str, off: str, there: Any, request: gr.Request) -> Any:
        return _guarded(
            lambda: _reply(exchange(there, _position(chosen), request), chosen, part, layer, gate, off),
            asked[0],
            shown,
        )

    _wire(panel, asked, [here], look, shown)


def _controls(parts: Sequence[str], model: Any, what: str) -> list[Any]:
    """What to look at: which sentence or reply, part, layer, gate, units switched off."""
    config = model.engine.config
    layers = [f"decoder {n}" for n in range(config.decoder_layers)]
    if importlib.util.find_spec("torch"):
        layers = [*config.encoder_names, *layers]
    named = [(TEXTS.label(f"part.{part}"), part) for part in parts]
    box: dict[str, Any] = {"filterable": False, "min_width": 200}
    with gr.Row(elem_classes="lab-controls"):
        chosen = gr.Dropdown(
            [(TEXTS.label("last"), LAST)],
            value=LAST,
            label=TEXTS.label(what),
            elem_classes="glass-which",
            **box,
        )
        part = gr.Dropdown(named, value=parts[0], label=TEXTS.label("part"), elem_classes="glass-part", **box)
        layer = gr.Dropdown(layers, value=layers[-1], label=TEXTS.label("layer"), visible=False, **box)
        gate = gr.Dropdown(list(GATES), value="cell", label=TEXTS.label("gate"), visible=False, **box)
        off = gr.Textbox(
            "",
            label=TEXTS.label("units"),
            placeholder="encoder 1: 17 40; decoder 0: 5",
            visible=False,
            max_length=LONGEST_OFF,
            min_width=200,
            elem_classes="glass-off",
        )
        gr.Button(TEXTS.label("go"), size="md", scale=0, min_width=90, elem_classes="glass-look")

    def fitting(name: str) -> list[Any]:
        return [gr.update(visible=name == parts[1])] * 2 + [gr.update(visible=name == parts[-1])]

    part.input(fitting, part, [layer, gate, off], show_progress="hidden", api_visibility="private")
    return [chosen, part, layer, gate, off]


def _wire(
    panel: Any, asked: Sequence[Any], widgets: Sequence[Any], look: Callable[..., Any], shown: Sequence[Any]
) -> None:
    chosen, part, layer, gate, off = asked
    everything: dict[str, Any] = {
        "fn": look,
        "inputs": [*asked, *widgets],
        "outputs": [chosen, *shown],
        **LIMITS,
    }
    button = next(one for one in panel.children[0].children if isinstance(one, gr.Button))
    for event in (panel.expand, button.click, chosen.input, layer.input, gate.input, off.submit):
        event(**everything)
    part.input(**everything)


def _guarded(look: Callable[[], tuple[Any, Finding]], chosen: Any, shown: Sequence[Any]) -> list[Any]:
    try:
        choices, finding = look()
        return [choices, *page(finding)]
    except ValueError as error:
        return [gr.skip(), *problem(str(error))]


def _sentence(
    translator: Translator,
    chosen: Any,
    part: str,
    layer: str,
    gate: str,
    off: str,
    text: str,
    source: str,
    target: str,
    terms: str = "",
    keep: str = "",
) -> tuple[Any, Finding]:
    """One sentence of the text on the page, translated as it was there."""
    from lab.glass.findings import of_exchange, silenced
    from lab.glass.look import inspect
    from translate.file_tab import read_glossary

    _check(part, OF_A_SENTENCE)
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise ValueError(
            f"there is no translation to look at: write a text of up to {LONGEST_TEXT:,} letters"
        )
    (done,) = translator.translate([text], source, target, glossary=read_glossary(terms, keep))
    if not done.sentences:
        raise ValueError("nothing in this text had to be translated: there is nothing to look at")
    number = _position(chosen)
    if number is None or not 0 <= number < len(done.sentences):
        number = -1
    sentence = done.sentences[number]
    if part == OF_A_SENTENCE[2]:
        finding = silenced(translator, sentence.source, sentence.text, str(off)[:LONGEST_OFF], done.target)
    else:
        seen = inspect(translator, sentence.source, target=done.target, answer=sentence.text)
        finding = of_exchange(seen, part, layer, gate)
    sentences = [(_label(n + 1, one.source), n) for n, one in enumerate(done.sentences)]
    return _choices(sentences, LAST if number < 0 else number), finding


def _reply(found: Exchange, chosen: Any, part: str, layer: str, gate: str, off: str) -> tuple[Any, Finding]:
    """One reply of the conversation on the page."""
    from lab.glass import findings
    from lab.glass.look import inspect
    from lab.glass.turns import Travelled

    _check(part, OF_A_REPLY)
    talk, bot = Travelled(found.turns, found.states), found.bot
    if part == findings.ACROSS:
        finding = findings.across(bot, talk, found.message, found.reply)
    elif part == findings.FORGOTTEN:
        finding = findings.forgotten(bot, talk, found.message, found.reply)
    elif part == findings.SILENCED:
        units = str(off)[:LONGEST_OFF]
        finding = findings.silenced(bot, found.message, found.reply, units, talk=talk)
    else:
        seen = inspect(bot, found.message, talk.states[-1], answer=found.reply)
        finding = findings.of_exchange(seen, part, layer, gate)
    replies = [(_label(turn + 1, text), turn) for turn, text in found.replies[-MOST_REPLIES:]]
    value = chosen if chosen in {turn for _, turn in replies} else LAST
    return _choices(replies, value), finding


def _choices(numbered: Sequence[tuple[str, int]], value: Any) -> Any:
    """What there is to choose from by now.

    A look that has waited its turn brings what was chosen before it: LAST and the numbers still stand for
    something when the texts are others.
    """
    return gr.update(choices=[(TEXTS("last"), LAST), *numbered], value=value)


def _position(chosen: Any) -> int | None:
    return chosen if isinstance(chosen, int) and not isinstance(chosen, bool) else None


def _label(number: int, text: str) -> str:
    line = " ".join(text.split())
    return f"{number} · {line if len(line) <= 48 else line[:47] + '…'}"


def _check(part: Any, parts: Sequence[str]) -> None:
    if part not in parts:
        raise ValueError(f"there is no part {part!r}: choose one of {', '.join(parts)}")
