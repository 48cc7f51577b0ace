"""Checkpoint folders to and from a model hub, with their card. Nothing that is fetched can run.

Only files that a checkpoint has are sent or taken, and what arrives is checked against its own checksums
before it stands where it was asked for.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from interfaces.addresses import is_address
from lstm_models.checkpoint import REMEDY, WEIGHTS, load_tokenizer, read_config
from lstm_models.files import replace_folder, sha256_file
from lstm_models.runtimes.files import exported

FILES = [
    "config.json",
    "README.md",
    WEIGHTS,
    "tokenizer.model",
    "calibration.json",
    "shortlist.json",
    "onnx/*.onnx",
    "onnx/*.json",
]
_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")


def push(folder: Path, name: str, private: bool = False, hub: str | None = None) -> str:
    """Sends a checkpoint folder; the address of what was made of it. Raises ValueError."""
    _check_place(name, hub)
    check_whole(folder)
    with _explained(name, hub):
        from huggingface_hub import HfApi

        api = HfApi(endpoint=hub)
        api.create_repo(name, private=private, exist_ok=True)
        done = api.upload_folder(
            repo_id=name, folder_path=folder, allow_patterns=FILES, commit_message="A Longshort checkpoint"
        )
        return str(done.commit_url)


def pull(name: str, folder: Path, revision: str | None = None, hub: str | None = None) -> Path:
    """Fetches a checkpoint folder; it stands there whole or not at all. Raises ValueError."""
    _check_place(name, hub)
    if folder.exists():
        raise ValueError(f"{folder} is there already: name another folder, or move it away")
    with replace_folder(folder) as there:
        with _explained(name, hub):
            from huggingface_hub import snapshot_download

            snapshot_download(
                name, revision=revision, endpoint=hub, local_dir=there, allow_patterns=FILES, max_workers=2
            )
        shutil.rmtree(there / ".cache", ignore_errors=True)  # the client's notes of what it has fetched
        try:
            check_whole(there)
        except ValueError as error:
            raise ValueError(str(error).replace(str(there), name)) from error
    return folder


def check_whole(folder: Path) -> None:
    """Raises ValueError where a folder is no whole checkpoint, or its parts do not belong together."""
    config = read_config(folder)
    load_tokenizer(folder, config)
    weights = folder / WEIGHTS
    if not weights.is_file() or sha256_file(weights) != config["weights"]["sha256"]:
        raise ValueError(f"{weights} is missing, or differs from the checksum in config.json: {REMEDY}")
    if exported(folder):
        from lstm_models.runtimes.onnx import OnnxRuntime

        OnnxRuntime.load(folder)


def _check_place(name: str, hub: str | None) -> None:
    if hub is not None and not is_address(hub):
        raise ValueError(f"--hub {hub}: give an address such as https://huggingface.co")
    if not _NAME.fullmatch(name) or ".." in name:
        raise ValueError(f"{name!r} names nothing on a hub: give USER/NAME, such as ada/longshort-translate")


@contextlib.contextmanager
def _explained(name: str, hub: str | None) -> Iterator[None]:
    """What the hub's client says, as a ValueError with the remedy."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when the client is imported
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # What its client raises by itself is of another package in each of its versions: httpx2, httpx, requests.
    unreachable: type[Exception] = HfHubHTTPError.__bases__[0]
    where = hub or "the Hugging Face hub"
    try:
        yield
    except (RepositoryNotFoundError, GatedRepoError) as error:
        raise ValueError(
            f"{name} is not on {where}, or not for you: check the name, and set HF_TOKEN where one is needed"
        ) from error
    except RevisionNotFoundError as error:
        raise ValueError(f"{name} on {where} has no such --revision: name a branch, tag or commit") from error
    except OfflineModeIsEnabled as error:
        raise ValueError("HF_HUB_OFFLINE is set, so no hub is asked: unset it and try again") from error
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "an error")
        remedy = "set HF_TOKEN to a token that may write there" if status in (401, 403) else "try again later"
        raise ValueError(f"{where} answers {status} for {name}: {remedy}") from error
    except (unreachable, OSError) as error:
        raise ValueError(
            f"{where} cannot be reached for {name} ({type(error).__name__}): try again"
        ) from error
