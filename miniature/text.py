"""The miniature's text encoder: CLIP's architecture and tokenizer with a small table of tokens.

The tokenizer is the host's, so a prompt is cut as for any CLIP. Of its 49,408 tokens only those of
the miniature's words have an embedding of their own; all others share one, which training shows
as filler words, so that an unknown word does no harm. The full table is made at loading.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .captions import Caption
from .vocabulary import WORDS

START, END = 49406, 49407
VOCABULARY = 49408
LENGTH = 77
WIDTH = 128
CONFIG: dict[str, Any] = {
    "num_hidden_layers": 3,
    "hidden_size": WIDTH,
    "num_attention_heads": 4,
    "intermediate_size": 4 * WIDTH,
    "hidden_act": "quick_gelu",
    "max_position_embeddings": LENGTH,
    "eos_token_id": END,
}


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    import comfy.sd1_clip
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(
        str(Path(comfy.sd1_clip.__file__).parent / "sd1_tokenizer")
    )


@lru_cache(maxsize=4096)
def word_tokens(word: str) -> tuple[int, ...]:
    """Tokens of one word, without start and end."""
    return tuple(_tokenizer()(word)["input_ids"][1:-1])


@lru_cache(maxsize=1)
def known_tokens() -> tuple[int, ...]:
    """Tokens with an embedding of their own, in the order of the shipped table.

    The shipped table has one row more, the last, for every other token.
    """
    tokens = {token for word in (*WORDS, ",", ".") for token in word_tokens(word)}
    return (START, END, *sorted(tokens))


@lru_cache(maxsize=1)
def _row_of() -> dict[int, int]:
    return {token: row for row, token in enumerate(known_tokens())}


def caption_rows(caption: Caption) -> tuple[list[int], list[int]]:
    """Rows of the small table for a caption, padded, and the last token's place of each word."""
    unknown = len(known_tokens())
    rows, places = [0], []
    for word in caption.words:
        rows += [_row_of().get(token, unknown) for token in word_tokens(word)]
        places.append(min(len(rows), LENGTH - 1) - 1)
    rows = rows[: LENGTH - 1]
    return rows + [1] * (LENGTH - len(rows)), places


def build_text_model() -> Any:
    """The encoder with its small table, with transformers' CLIP modules (the host's key names)."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    config = {
        **CONFIG,
        "vocab_size": len(known_tokens()) + 1,
        "projection_dim": WIDTH,
        "eos_token_id": 1,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "attn_implementation": "eager",
    }
    return CLIPTextModelWithProjection(CLIPTextConfig(**config))


def expand_table(table: Tensor) -> Tensor:
    """Make the tokenizer's whole table [49408, width] from the shipped one [known + 1, width].

    Raises:
        ValueError: the table was shipped for another vocabulary.
    """
    known = known_tokens()
    if table.shape[0] != len(known) + 1:
        raise ValueError(
            f"text encoder: the shipped table has {table.shape[0]} rows, this vocabulary needs "
            f"{len(known) + 1}; take weights and code from one version of the pack"
        )
    full = table[-1:].repeat(VOCABULARY, 1)
    full[torch.tensor(known)] = table[:-1]
    return full
