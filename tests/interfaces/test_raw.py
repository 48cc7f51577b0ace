"""Which calls of Gradio's raw interface are let through: those that fit a function of the page."""

import json
from typing import Any

import gradio as gr
from gradio.routes import App

from interfaces.raw import Raw


def test_functions_that_a_page_gets_while_it_is_open_can_be_called() -> None:
    with gr.Blocks() as blocks:
        choice = gr.Radio(["a", "b"])

        @gr.render(inputs=choice)
        def show(chosen: str) -> None:
            gr.Textbox(chosen)

    App.create_app(blocks)
    raw = Raw(lambda *_: None, blocks)  # type: ignore[arg-type]

    def said(name: str | None = None, **call: Any) -> str:
        return raw._fault(name, json.dumps({"session_hash": "page", **call}).encode())[1]

    assert "no such function" in said(fn_index=77, data=["a"])
    blocks.state_holder["page"].blocks_config.fns[77] = blocks.fns[0]
    assert said(fn_index=77, data=["a"]) == ""
    assert "0 values, where 1" in said(fn_index=77, data=[])
    assert "no such function by name" in said("show", data=["a"])
    assert "give a list" in said(fn_index=0, data="a")
