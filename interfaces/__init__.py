"""What other programs talk to: the interfaces that their tools already speak, over one engine.

LibreTranslate's (`libre.py`), OpenAI's (`completions.py`, `remembering.py`), MCP (`agents.py`), Gradio's
client (`endpoints.py`), Prometheus (`watching.py`). `attach.py` puts them onto the application that carries
the page; `commands.py` has what the `longshort` command offers of them.
"""
