"""The chat tab's widgets and where they stand. What they do is in handlers.py, talking.py and changes.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from chat.exchange import LARGEST
from chat.tab.desk import Here
from chat.tab.page import HINT
from chat.texts import TEXTS

LONGEST_MESSAGE = 20_000  # characters
t = TEXTS.label
EXAMPLES = (
    "My name is Ada and I live in Lisbon.",
    "My sister Nora works at the zoo.",
    "What is my name?",
)
_FILE = """<label class="file">{}<input type="file" data-to="/chat/{}" accept="{}" {}></label>"""
_DOCUMENTS = ".txt,.md,.markdown,.html,.htm,.pdf,.csv,.log,text/*"
# Sends a chosen file as it is, then has the page look what came of it. LARGEST: of a file whose box names no
# limit of its own. And when the page goes, a temporary conversation on it goes, too.
SCRIPT = """<script>
document.addEventListener('change', async (event) => {
  const box = event.target;
  if (!box.dataset || !box.dataset.to || !box.files.length) return;
  const here = document.getElementById('here').dataset, file = box.files[0];
  const say = (text) => { document.getElementById('file-problem').textContent = text; };
  say('');
  const most = Number(box.dataset.most) || LARGEST;
  const told = (key) => window.wording[key].replace('NAME', () => file.name)
    .replace('SIZE', Math.round(file.size / 1048576)).replace('MOST', Math.floor(most / 1048576));
  if (file.size > most) return say(told('js.large'));
  const query = new URLSearchParams({conversation: here.id,
    version: here.version, temporary: here.temporary});
  try {
    const answer = await fetch(`${box.dataset.to}?${query}`, {method: 'POST', body: file,
      headers: {'x-longshort': '1', 'x-name': encodeURIComponent(file.name),
                'content-type': 'application/octet-stream'}});
    const said = await answer.json();
    if (said.problem) return say(said.problem);
    document.getElementById('refresh').click();
  } catch (error) { say(told('js.unsent')); }
  finally { box.value = ''; }
});
addEventListener('pagehide', () => {
  const here = document.getElementById('here')?.dataset;
  if (here?.temporary !== '1') return;
  const query = new URLSearchParams({conversation: here.id, visit: here.visit});
  fetch(`/chat/leave?${query}`, {method: 'POST', keepalive: true, headers: {'x-longshort': '1'}})
    .catch(() => {});
});
</script>"""


@dataclass
class Widgets:
    """Everything that a handler may change."""

    here: gr.State
    head: gr.HTML
    talk: gr.Chatbot
    box: gr.Textbox
    stop: gr.Button
    note: gr.HTML
    earlier: gr.Button
    replay: gr.Button
    listed: gr.Radio
    search: gr.Textbox
    new: gr.Button
    temporary: gr.Button
    memory: gr.Radio
    wording: gr.Textbox
    correct: gr.Button
    forget: gr.Button
    title: gr.Textbox
    rename: gr.Button
    export: gr.HTML
    documents: gr.Dropdown
    drop: gr.Button
    delete: gr.Button
    really: gr.Button
    refresh: gr.Button


def build(below_box: Callable[[], None] | None = None) -> Widgets:
    """Lays the widgets out: the list beside the conversation, below it on a phone.

    below_box: builds what stands directly below the box for messages.
    """
    made: dict[str, object] = {"here": gr.State(Here())}  # what it shows, `load` says
    with gr.Row(elem_id="chat-row"):
        with gr.Column(scale=1, min_width=230, elem_id="chats"):
            made |= _list()
        with gr.Column(scale=3, min_width=320):
            made |= _conversation(below_box)
            made |= _memory()
            made |= _about()
    made["refresh"] = gr.Button(t("look"), elem_id="refresh", elem_classes="unseen")
    return Widgets(**made)  # type: ignore[arg-type]


def _list() -> dict[str, object]:
    with gr.Row(elem_classes="actions"):
        new = gr.Button(t("new"), elem_id="new", variant="primary", size="md", min_width=150)
        temporary = gr.Button(t("temporary"), elem_id="temporary", size="md", min_width=150)
    search = gr.Textbox(
        label=t("search"),
        show_label=False,
        placeholder=t("search.empty"),
        elem_id="search",
        max_length=200,
    )
    listed = gr.Radio([], label=t("listed"), show_label=False, elem_id="listed", container=False)
    carried = _FILE.format("[[import]]", "import", ".json", f'data-most="{LARGEST}"')
    gr.HTML(TEXTS.piece(carried), apply_default_css=False)
    return {"new": new, "temporary": temporary, "search": search, "listed": listed}


def _conversation(below_box: Callable[[], None] | None) -> dict[str, object]:
    head = gr.HTML(elem_id="head", apply_default_css=False)
    earlier = gr.Button(t("earlier"), elem_id="earlier", size="sm", visible=False)
    talk = gr.Chatbot(
        label=t("talk"),
        show_label=False,
        elem_id="talk",
        height="min(60vh, 620px)",
        placeholder=t("placeholder"),
        examples=[{"text": text} for text in EXAMPLES],
        render_markdown=False,  # words are words: no link, picture or markup comes to life
        latex_delimiters=[],
        allow_tags=False,
        buttons=[],
        editable="user",
        feedback_options=None,
        group_consecutive_messages=False,
        layout="bubble",
    )
    box = gr.Textbox(
        label=t("message"),
        show_label=False,
        placeholder=t("message.empty"),
        lines=1,
        max_lines=6,
        submit_btn=True,
        elem_id="message",
    )
    if below_box is not None:
        below_box()
    with gr.Row(elem_classes="actions"):
        gr.HTML(
            TEXTS.piece(_FILE.format("[[attach]]", "attach", _DOCUMENTS, "")),
            apply_default_css=False,
            min_width=150,
        )
        stop = gr.Button(t("stop"), elem_id="stop", scale=0, min_width=90, size="md", interactive=False)
        replay = gr.Button(t("replay"), elem_id="replay", visible=False, size="md")
        note = gr.HTML(TEXTS.piece(HINT.format("[[hint]]")), elem_id="note", apply_default_css=False)
    gr.HTML('<p id="file-problem" class="problem" role="alert"></p>', apply_default_css=False)
    return {"head": head, "earlier": earlier, "talk": talk, "box": box, "stop": stop, "replay": replay,
            "note": note}  # fmt: skip


def _memory() -> dict[str, object]:
    with gr.Accordion(t("memory"), open=False, elem_id="memories"):
        gr.HTML(
            TEXTS.piece('<p class="hint">[[memory.hint]]</p>'),
            apply_default_css=False,
        )
        memory = gr.Radio([], label=t("memory"), show_label=False, elem_id="memory", container=False)
        wording = gr.Textbox(label=t("wording"), elem_id="wording", lines=1, max_lines=8, visible=False)
        with gr.Row(elem_classes="actions"):
            correct = gr.Button(
                t("correct"), elem_id="correct", scale=0, min_width=110, size="md", visible=False
            )
            forget = gr.Button(
                t("forget"), elem_id="forget", scale=0, min_width=110, size="md", visible=False
            )
    return {"memory": memory, "wording": wording, "correct": correct, "forget": forget}


def _about() -> dict[str, object]:
    with gr.Accordion(t("about"), open=False, elem_id="about"):
        with gr.Row(elem_classes="actions"):
            title = gr.Textbox(
                label=t("title"),
                show_label=False,
                placeholder=t("title.empty"),
                elem_id="title",
                max_length=60,
            )
            rename = gr.Button(t("rename"), elem_id="rename", scale=0, min_width=110, size="md")
        with gr.Row(elem_classes="actions", visible=True):
            documents = gr.Dropdown(
                [], label=t("documents"), show_label=False, elem_id="documents", visible=False
            )
            drop = gr.Button(t("drop"), elem_id="drop", scale=0, min_width=150, size="md", visible=False)
        with gr.Row(elem_classes="actions"):
            export = gr.HTML(elem_id="export", apply_default_css=False)
            delete = gr.Button(t("delete"), elem_id="delete", scale=0, min_width=110, size="md")
            really = gr.Button(
                t("really"), elem_id="really", variant="stop", scale=0, size="md", visible=False
            )
    return {"title": title, "rename": rename, "documents": documents, "drop": drop, "export": export,
            "delete": delete, "really": really}  # fmt: skip
