"""The miniature's autoencoder: TAESD's graph at smaller widths, padded into TAESD's own layout.

TAESD (github.com/madebyollin/taesd) is the small autoencoder whose layout the host loads as a VAE.
Its blocks are ReLU networks without normalisation, so a narrow one set into the corner of the
64-wide tensors, zeros elsewhere, computes exactly the same function.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

HOST_WIDTH = 64
LATENT_CHANNELS = 8
# Widths at 1, 1/2, 1/4 and 1/8 of the picture's size: most of the cost is at full size.
WIDTHS = (16, 32, 64, 64)


class _Bound(nn.Module):
    """Keeps latents within ±3 softly, as the decoder of TAESD expects."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x / 3) * 3


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x) + x)


def _conv(n_in: int, n_out: int, stride: int = 1, *, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(n_in, n_out, 3, padding=1, stride=stride, bias=bias)


def _encoder(widths: tuple[int, int, int, int], latent_channels: int) -> nn.Sequential:
    layers: list[nn.Module] = [_conv(3, widths[0]), _Block(widths[0])]
    for before, after in zip(widths, widths[1:], strict=False):
        layers += [_conv(before, after, stride=2, bias=False), *(_Block(after) for _ in range(3))]
    return nn.Sequential(*layers, _conv(widths[-1], latent_channels))


def _decoder(widths: tuple[int, int, int, int], latent_channels: int) -> nn.Sequential:
    layers: list[nn.Module] = [_Bound(), _conv(latent_channels, widths[-1]), nn.ReLU()]
    for before, after in zip(widths[::-1], widths[-2::-1], strict=False):
        layers += [_Block(before) for _ in range(3)]
        layers += [nn.Upsample(scale_factor=2), _conv(before, after, bias=False)]
    return nn.Sequential(*layers, _Block(widths[0]), _conv(widths[0], 3))


class Autoencoder(nn.Module):
    """Picture [B, 3, H, W] in 0–1 to latent [B, C, H/8, W/8] and back."""

    def __init__(
        self,
        widths: tuple[int, int, int, int] = WIDTHS,
        latent_channels: int = LATENT_CHANNELS,
    ) -> None:
        super().__init__()
        self.taesd_encoder = _encoder(widths, latent_channels)
        self.taesd_decoder = _decoder(widths, latent_channels)

    def encode(self, pictures: Tensor) -> Tensor:
        return self.taesd_encoder(pictures)

    def decode(self, latents: Tensor) -> Tensor:
        return self.taesd_decoder(latents)


def host_state_dict(autoencoder: Autoencoder) -> dict[str, Tensor]:
    """Return the weights in the host's TAESD layout, which computes the same function."""
    with torch.device("meta"):
        layout = Autoencoder((HOST_WIDTH,) * 4, autoencoder.taesd_encoder[-1].out_channels)
    padded = {}
    for name, tensor in autoencoder.state_dict().items():
        padded[name] = tensor.new_zeros(layout.state_dict()[name].shape)
        padded[name][tuple(slice(0, size) for size in tensor.shape)] = tensor
    return padded


def from_host_state_dict(tensors: dict[str, Tensor]) -> Autoencoder:
    """Take the narrow network back out of the host's layout, for fast encoding in training."""
    model = Autoencoder()
    corners = {
        name: tensors[name][tuple(slice(0, size) for size in value.shape)].float()
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(corners)
    return model.eval()
