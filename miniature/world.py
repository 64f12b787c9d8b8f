"""The miniature's world: seeded drawings of a few sprites before a background, with exact boxes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .backgrounds import SIZE, draw_background
from .shapes import FACING, sprite_layers, sprite_size
from .vocabulary import BACKGROUNDS, COLOURS, HELD_OUT, KINDS, MARKS, TINTS

MIN_SIDE, MAX_SIDE = 24, 64
MOST_SPRITES = 4  # in one drawing
SMALL_BELOW, LARGE_FROM = 33, 50
_GAP = 3  # pixels that stay free between two sprites
_MARK_SHARES = (0.46, 0.18, 0.18, 0.18)


@dataclass(frozen=True)
class Sprite:
    """One drawn object. ``x``, ``y`` are the left and top of its box in pixels."""

    kind: str
    colour: str
    mark: str
    second_colour: str | None
    x: int
    y: int
    width: int
    height: int
    mirrored: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """xyxy in 0–1."""
        return (
            self.x / SIZE,
            self.y / SIZE,
            (self.x + self.width) / SIZE,
            (self.y + self.height) / SIZE,
        )

    @property
    def centre(self) -> tuple[float, float]:
        """x, y in 0–1."""
        return (self.x + self.width / 2) / SIZE, (self.y + self.height / 2) / SIZE

    @property
    def longest(self) -> int:
        return max(self.width, self.height)


@dataclass(frozen=True)
class Scene:
    """What a drawing shows; ``texture_seed`` decides the background's fine pattern."""

    sprites: tuple[Sprite, ...]
    background: str
    tint: str
    horizon: float
    texture_seed: int


def _choose(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def _pair(rng: np.random.Generator, held_out: bool) -> tuple[str, str]:
    """A kind and a colour; only pairs that training never shows when ``held_out``."""
    if held_out:
        pairs = sorted(HELD_OUT)
        return pairs[int(rng.integers(len(pairs)))]
    while True:
        pair = _choose(rng, KINDS), _choose(rng, tuple(COLOURS))
        if pair not in HELD_OUT:
            return pair


def _mark(rng: np.random.Generator, colour: str) -> tuple[str, str | None]:
    mark = MARKS[int(rng.choice(len(MARKS), p=_MARK_SHARES))]
    if mark == "plain":
        return mark, None
    return mark, _choose(rng, tuple(name for name in COLOURS if name != colour))


def _place(
    rng: np.random.Generator, width: int, height: int, taken: list[Sprite]
) -> tuple[int, int] | None:
    """A free position for a box, or None when twenty tries found none."""
    for _ in range(20):
        x, y = int(rng.integers(SIZE - width + 1)), int(rng.integers(SIZE - height + 1))
        if all(
            x + width + _GAP <= other.x
            or other.x + other.width + _GAP <= x
            or y + height + _GAP <= other.y
            or other.y + other.height + _GAP <= y
            for other in taken
        ):
            return x, y
    return None


def sample_scene(
    rng: np.random.Generator, *, count: int | None = None, held_out: bool = False
) -> Scene:
    """Draw a scene's contents at random.

    Args:
        rng: the only source of chance.
        count: number of sprites, 1–4; random when None.
        held_out: use only the kind–colour pairs that training never shows.

    Raises:
        ValueError: count outside 1–4.
    """
    if count is None:
        count = 1 + int(rng.choice(4, p=(0.28, 0.28, 0.22, 0.22)))
    if not 1 <= count <= 4:
        raise ValueError(f"sample_scene: count {count} is outside 1 to 4")
    alike = count > 1 and rng.random() < 0.22  # all of one kind and colour: "three red stars"
    # Crowded pictures need smaller sprites to have room for all.
    largest = (MAX_SIDE, MAX_SIDE, 52, 46)[count - 1]
    while True:
        pair = _pair(rng, held_out)
        sprites: list[Sprite] = []
        for _ in range(count):
            if sprites and not alike:
                pair = _pair(rng, held_out)
            width, height = sprite_size(pair[0], int(rng.integers(MIN_SIDE, largest + 1)))
            position = _place(rng, width, height, sprites)
            if position is None:
                break
            mark, second = _mark(rng, pair[1])
            mirrored = pair[0] in FACING and bool(rng.random() < 0.5)
            sprites.append(Sprite(*pair, mark, second, *position, width, height, mirrored))
        if len(sprites) == count:
            break
    return Scene(
        tuple(sprites),
        _choose(rng, BACKGROUNDS),
        _choose(rng, TINTS),
        float(rng.uniform(0.3, 0.6)),
        int(rng.integers(2**31)),
    )


def sprite_mask(sprite: Sprite) -> np.ndarray:
    """Coverage of one sprite on the whole picture, float32 [128, 128] in 0–1."""
    mask = np.zeros((SIZE, SIZE), np.float32)
    cover, _ = sprite_layers(sprite.kind, sprite.mark, sprite.width, sprite.height, sprite.mirrored)
    mask[sprite.y : sprite.y + sprite.height, sprite.x : sprite.x + sprite.width] = cover
    return mask


def _draw_sprite(picture: np.ndarray, sprite: Sprite) -> None:
    """Lay a sprite over a picture, float32 [128, 128, 3]."""
    cover, second = sprite_layers(
        sprite.kind, sprite.mark, sprite.width, sprite.height, sprite.mirrored
    )
    colour = np.broadcast_to(np.float32(COLOURS[sprite.colour]), (*cover.shape, 3))
    if sprite.second_colour is not None:
        share = second[:, :, None]
        colour = colour * (1 - share) + np.float32(COLOURS[sprite.second_colour]) * share
    # A little light from above keeps large sprites from looking like cut paper.
    light = np.linspace(1.05, 0.93, sprite.height, dtype=np.float32)[:, None, None]
    area = picture[sprite.y : sprite.y + sprite.height, sprite.x : sprite.x + sprite.width]
    area += (colour * light - area) * cover[:, :, None]


def draw_cutout(sprite: Sprite, longest: int) -> np.ndarray:
    """Draw a sprite alone in the middle of a grey picture, as a reference picture shows it.

    Args:
        sprite: where it stands does not matter.
        longest: pixels of its longer side there.

    Returns:
        uint8 [128, 128, 3].
    """
    width, height = sprite_size(sprite.kind, longest)
    x, y = (SIZE - width) // 2, (SIZE - height) // 2
    picture = np.full((SIZE, SIZE, 3), 127, np.float32)
    _draw_sprite(picture, replace(sprite, x=x, y=y, width=width, height=height))
    return picture.clip(0, 255).astype(np.uint8)


def draw_scene(scene: Scene) -> np.ndarray:
    """Draw a scene; later sprites lie over earlier ones.

    Returns:
        uint8 [128, 128, 3].
    """
    rng = np.random.default_rng(scene.texture_seed)
    picture = draw_background(scene.background, scene.tint, scene.horizon, rng)
    for sprite in scene.sprites:
        _draw_sprite(picture, sprite)
    return picture.clip(0, 255).astype(np.uint8)
