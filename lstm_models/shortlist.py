"""Which pieces answers are made of: of a vocabulary that several languages share, each uses a part only.

A shortlist belongs to a tag (`<2de>`): the ids that occurred often enough in the answers to it, and always
</s>, the bytes and the single characters, which can spell anything. Where many answers are looked for at
once, only these are computed; whatever stands in the source can be copied besides. Kept beside the weights as
`shortlist.json`; a checkpoint without it uses the whole vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstm_models.checkpoint import SHORTLIST
from lstm_models.files import write_text
from lstm_models.shards import Shard, read_manifest
from lstm_models.tokenizer import EOS_ID, MIN_VOCAB_SIZE, SPECIALS, TAGS, Tokenizer

LEAST = 5  # times that a piece occurs in the training answers to a tag; rarer ones no model has learnt
WORTH = 0.75  # of the vocabulary: a longer list saves too little
Shortlists = dict[str, np.ndarray]  # tag -> sorted ids, int64


def count(data: Path, tokenizer: Tokenizer, least: int = LEAST) -> Shortlists:
    """From prepared data: the shortlist of each tag that has one worth its while.

    Raises: ValueError where the data are not there or were prepared with another tokenizer.
    """
    manifest = read_manifest(data)
    if Tokenizer.load(data / "tokenizer.model").sha256 != tokenizer.sha256:
        raise ValueError(f"{data} was prepared with another tokenizer: name the checkpoint's own data")
    times = np.zeros((len(TAGS), tokenizer.vocab_size), np.int64)
    for info in manifest["splits"].get("train", []):
        arrays = Shard(data / info["file"]).arrays
        tokens, offsets = arrays["target_tokens"], arrays["target_offsets"]
        tags = np.repeat(tokens[offsets[:-1]], np.diff(offsets)) - SPECIALS
        np.add.at(times, (tags, tokens), 1)
    always = np.zeros(tokenizer.vocab_size, bool)
    always[[EOS_ID, *range(SPECIALS + len(TAGS), MIN_VOCAB_SIZE - 1)]] = True
    pieces = tokenizer.pieces(range(MIN_VOCAB_SIZE - 1, tokenizer.vocab_size))
    always[MIN_VOCAB_SIZE - 1 :] = [len(piece.lstrip("\u2581")) <= 1 for piece in pieces]
    lists = {}
    for tag, row in zip(TAGS, times, strict=True):
        row[: SPECIALS + len(TAGS)] = 0  # no answer holds these, but for its tag and its end
        ids = np.flatnonzero(always | (row >= least))
        if row.any() and len(ids) <= WORTH * tokenizer.vocab_size:
            lists[tag] = ids
    return lists


def write_shortlists(folder: Path, lists: Mapping[str, np.ndarray], tokenizer_sha256: str) -> None:
    """Puts them into a checkpoint folder."""
    pieces = {tag: ids.tolist() for tag, ids in lists.items()}
    text = json.dumps({"tokenizer": tokenizer_sha256, "pieces": pieces}, separators=(",", ":"))
    write_text(folder / SHORTLIST, text.replace('"<', '\n"<') + "\n")


def read_shortlists(folder: Path, tokenizer_sha256: str, vocab_size: int) -> Shortlists:
    """Those of a checkpoint folder, none where it has no such file.

    Raises: ValueError, with the remedy, for a file that is damaged or belongs to another tokenizer.
    """
    path = folder / SHORTLIST
    remedy = f"remove it, or make it anew: longshort export {folder} --data PREPARED-DATA"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}); {remedy}") from error
    if not isinstance(held, dict) or not isinstance(held.get("pieces"), dict):
        raise ValueError(f"{path} is no list of pieces; {remedy}")
    if held.get("tokenizer") != tokenizer_sha256:
        raise ValueError(f"{path} belongs to another tokenizer than the checkpoint's; {remedy}")
    pieces = {tag: ids for tag, ids in held["pieces"].items() if tag in TAGS}
    try:
        lists = {tag: np.unique(np.array(ids, np.int64)) for tag, ids in pieces.items()}
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{path}: its pieces are not all ids ({error}); {remedy}") from error
    for tag, ids in lists.items():
        if EOS_ID not in ids or ids[0] < EOS_ID or ids[-1] >= vocab_size:
            allowed = f"{EOS_ID} to {vocab_size - 1}"
            raise ValueError(f"{path}: the pieces of {tag} are not ids from {allowed}; {remedy}")
    return lists
