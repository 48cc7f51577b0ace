"""Gradio's raw interface: what a page can call, its own rendered functions too, and nothing else."""

import json
import secrets
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.routes import App

from interfaces.raw import Raw

HTTP = httpx.Client(timeout=60)


class Visitor:
    """A browser with one page, which says over the network what the page's script would say."""

    def __init__(self, server: str) -> None:
        self.server, self.page = server, secrets.token_hex(6)
        self.cookie = {"cookie": f"longshort={secrets.token_urlsafe(32)}"}

    def join(self, function: Any, data: list[Any], page: Any = None) -> httpx.Response:
        body = {"session_hash": page or self.page, "fn_index": function, "data": data}
        return HTTP.post(f"{self.server}/gradio_api/queue/join", json=body, headers=self.cookie)

    def answer(self) -> dict[str, Any]:
        """What the page's stream says when the function that was joined has ended."""
        address = f"{self.server}/gradio_api/queue/data?session_hash={self.page}"
        with HTTP.stream("GET", address, headers=self.cookie) as stream:
            for line in stream.iter_lines():
                if "process_completed" in line:
                    return dict(json.loads(line.removeprefix("data:")))
        raise AssertionError("the stream ended without an answer")

    def open_lesson(self, name: str) -> dict[str, Any]:
        """Renders a lesson for this page; the function behind its button."""
        config = HTTP.get(self.server + "/config", headers=self.cookie).json()
        chosen = next(one["id"] for one in config["components"] if one["props"].get("elem_id") == "lesson")
        render = next(one for one in config["dependencies"] if one["inputs"] == [chosen])
        assert self.join(render["id"], [name]).status_code == 200
        rendered = self.answer()["output"]["render_config"]
        run = [one for one in rendered["dependencies"] if one["targets"][0][1] == "click"]
        assert len(run) == 1
        return dict(run[0])


def test_a_lesson_rendered_for_a_page_can_be_run_by_that_page_only(server: str) -> None:
    mine, other = Visitor(server), Visitor(server)
    run = mine.open_lesson("prices")  # its corpus is not there: an answer without any training
    data = ["S&P 500", 20]
    assert mine.join(run["id"], data).status_code == 200
    assert "daily-prices" in mine.answer()["output"]["data"][1]  # behind the button's own state
    for wrong in ([], data[:1], [*data, 1]):
        refused = mine.join(run["id"], wrong)
        assert refused.status_code == 400 and "2 are wanted" in refused.text, wrong
    refused = other.join(run["id"], data)
    assert refused.status_code == 400 and "no such function" in refused.text
    assert other.join(run["id"], data, mine.page).status_code == 403


@pytest.mark.parametrize("number", [9999, -1, "0", 1.0, True, None, [0], {}])
def test_a_number_of_no_function_is_refused(server: str, number: Any) -> None:
    visitor = Visitor(server)
    for page in (None, [visitor.page], 5, {"a": 1}):
        refused = visitor.join(number, [], page)
        assert refused.status_code == 400 and "no such function" in refused.text


def test_a_call_by_name_fits_a_public_function(server: str) -> None:
    def call(way: str, name: str, **body: Any) -> httpx.Response:
        return HTTP.post(f"{server}/gradio_api/{way}/{name}", json=body)

    assert call("call", "detect", data=["Guten Morgen."]).status_code == 200
    for way in ("run", "api", "call"):
        for name, status, said, body in (
            ("run", 404, "no such function by name", {"data": []}),  # a lesson's, which is private
            ("detect", 400, "0 values, where 1 are wanted", {"data": []}),
            ("detect", 400, "give a list", {"data": "Guten Morgen."}),
            ("detect", 400, "not beside a name", {"data": ["Guten Morgen."], "fn_index": 9999}),
        ):
            refused = call(way, name, **body)
            assert refused.status_code == status and said in refused.text, (way, name)


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
