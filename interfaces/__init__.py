"""What other programs talk to: the interfaces that their tools already speak, over one engine.

LibreTranslate's (`libre.py`), OpenAI's (`completions.py`), MCP (`agents.py`), Prometheus (`watching.py`). All
of them on the application that carries the page. `attach` is what app.py calls.
"""

from interfaces.attach import PATHS, attach, new_server
from interfaces.services import Limits, Services

__all__ = ["PATHS", "Limits", "Services", "attach", "new_server"]
