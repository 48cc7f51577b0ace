"""How graphs are run by ONNX Runtime: on CPU, sparing with memory and with the cores of others."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime as ort


def session_of(graph: bytes, threads: int = 0, profile: str = "") -> ort.InferenceSession:
    """A graph, loaded. threads: of each operator; 0 = one for each core.

    profile: a beginning of a file's name, for ONNX Runtime to write there what each operator takes.
    Raises ValueError, with the remedy, for what this version of ONNX Runtime cannot run.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads or _cores()
    options.log_severity_level = 3
    # A plan of the memory would be kept for every combination of sizes, and they never come to an end.
    options.enable_mem_pattern = False
    # Nor does it keep what the largest batch has taken, for each graph apart and for ever. Fetching memory
    # anew for each run costs no time that could be measured.
    options.enable_cpu_mem_arena = False
    # Waiting threads that spin would take the cores from whatever else runs on a small machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if profile:
        options.enable_profiling, options.profile_file_prefix = True, profile
    try:
        return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common class of their own
        reason = str(error).splitlines()[0][:160]
        raise ValueError(
            f"ONNX Runtime {ort.__version__} cannot run an exported graph ({reason}): "
            "it is of another version; update onnxruntime, or export again with `longshort export`"
        ) from error


def run_bound(
    session: ort.InferenceSession, names: Sequence[str], feeds: Mapping[str, ort.OrtValue]
) -> list[ort.OrtValue]:
    """The outputs `names`. Bound values: `run_with_ort_values` gives the same and looks at each value first,
    which takes a seventh of a step of one row."""
    binding = session.io_binding()  # of this run alone: threads share the session
    for name, value in feeds.items():
        binding.bind_ortvalue_input(name, value)
    for name in names:
        binding.bind_output(name)
    session.run_with_iobinding(binding)
    outputs: list[ort.OrtValue] = binding.get_outputs()
    return outputs


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def value_of(array: np.ndarray) -> ort.OrtValue:
    """An array as ONNX Runtime takes it, side by side in memory."""
    return ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))
