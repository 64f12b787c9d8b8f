"""The attention that modules are trained with."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def attention_with_gradients(
    q: Tensor, k: Tensor, v: Tensor, heads: int, mask: Tensor | None = None
) -> Tensor:
    """Attention by plain products on a CPU, where the fused one's backward pass is slow.

    Args:
        q: [b, n, d].
        k, v: [b, m, d].
        heads: of d.
        mask: added to the logits, [b, n, m].

    Returns:
        [b, n, d].
    """
    q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))
    if mask is not None:
        mask = mask[:, None].to(q)
    if q.is_cuda:
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    else:
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        seen = (logits if mask is None else logits + mask).softmax(-1) @ v
    return seen.transpose(1, 2).flatten(2)
