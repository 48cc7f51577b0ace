"""Search over any step function: greedy, beam, sampling. NumPy only, so that every runtime can use it.

Read `run.py` first: `search` for whole answers, `stream` for one token at a time. Both drive a `Searching`
object (`single.py`, `beam.py`), which a scheduler may drive itself, letting new rows `join` at any step.
"""

from lstm_models.search.beam import BeamSearch
from lstm_models.search.constraints import ConstrainedBeamSearch, Constraint
from lstm_models.search.hypothesis import Hypothesis, State, Step, StepOutput
from lstm_models.search.loops import LoopGuard, NgramGuard, PhraseGuard, longest_run
from lstm_models.search.options import SearchOptions
from lstm_models.search.run import length_limits, search, stream
from lstm_models.search.single import SingleSearch

__all__ = [
    "BeamSearch",
    "ConstrainedBeamSearch",
    "Constraint",
    "Hypothesis",
    "LoopGuard",
    "NgramGuard",
    "PhraseGuard",
    "SearchOptions",
    "SingleSearch",
    "State",
    "Step",
    "StepOutput",
    "length_limits",
    "longest_run",
    "search",
    "stream",
]
