"""``director.py evaluate miniature``: the oracle, the autoencoder, CLIP and the denoiser measured.

What each figure means stands beside its function; ``--quick`` is a seeded subset for CI.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..host.console import Console, bar
from .figures import Figure, measured
from .in_process import load_host
from .miniature_samples import EVALUATION, VALIDATION, Sample, Samples
from .oracle_score import PictureScore, score_pictures
from .report import Sheet, command_parser, report, write_pictures

COMMAND = "evaluate miniature"


@dataclass(frozen=True)
class Sizes:
    """How many samples each part takes."""

    drawings: int = 500
    captions: int = 200
    unseen: int = 100
    probe: int = 80
    swapped: int = 400


FULL = Sizes()
QUICK = Sizes(drawings=60, captions=16, unseen=8, probe=16, swapped=40)


def oracle_figures(scores: Sequence[PictureScore], place: str) -> list[Figure]:
    """Objects read right (missed and invented ones count as wrong), backgrounds, mean IoU."""
    ious = [sum(score.ious) for score in scores]
    drawn = [len(score.ious) for score in scores]
    return [
        measured(
            f"oracle.objects_right_on_{place}",
            [score.right for score in scores],
            [score.counted for score in scores],
        ),
        measured(f"oracle.background_right_on_{place}", [score.background for score in scores]),
        measured(f"oracle.tint_right_on_{place}", [score.tint for score in scores]),
        measured(f"oracle.mean_iou_on_{place}", ious, drawn, "IoU"),
    ]


def psnr(first: np.ndarray, second: np.ndarray) -> list[float]:
    """Peak signal-to-noise ratio of each pair of pictures, uint8 [n, h, w, 3], in dB."""
    difference = (first.astype(np.float64) - second.astype(np.float64)) / 255
    errors = (difference**2).mean(axis=(1, 2, 3))
    return (-10 * np.log10(np.maximum(errors, 1e-12))).tolist()


@dataclass(frozen=True)
class Judged:
    """What a generated picture shows of what its caption asked."""

    present: int
    asked: int
    right: bool  # all asked objects and no other
    background: bool


def judge(sample: Sample, picture: np.ndarray) -> Judged:
    """Read a generated picture, uint8 [128, 128, 3], and compare with its caption."""
    from ..miniature.oracle import objects_present, read_picture, shows_just

    reading = read_picture(picture)
    present = objects_present(reading, sample.asked)
    return Judged(
        sum(present),
        len(present),
        shows_just(reading, sample.asked),
        reading.background == sample.scene.background,
    )


def base_figures(judged: Sequence[Judged]) -> list[Figure]:
    """Asked objects found, captions right, backgrounds right; over all and by object count."""
    rows = [
        measured("base.object_present", [j.present for j in judged], [j.asked for j in judged]),
        measured("base.caption_right", [j.right for j in judged]),
        measured("base.background_right", [j.background for j in judged]),
    ]
    for count in sorted({j.asked for j in judged}):
        group = [j for j in judged if j.asked == count]
        present, asked = [j.present for j in group], [j.asked for j in group]
        rows.append(measured(f"base.object_present.of_{count}", present, asked))
        rows.append(measured(f"base.caption_right.of_{count}", [j.right for j in group]))
    return rows


class _Run:
    """One evaluation: its samples, its models, and what it says meanwhile."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        self.options, self.console = options, console
        self.sizes = QUICK if options.quick else FULL
        self.samples = Samples(options.seed, VALIDATION if options.validation else EVALUATION)

    def _progress(self, label: str) -> Callable[[int, int], None]:
        return lambda done, total: self.console.draw([bar(label, done, total)])

    def oracle_and_autoencoder(self, miniature) -> list[Figure]:
        self.console.say(f"reading {self.sizes.drawings} drawings and their reconstructions …")
        scenes, drawings = self.samples.drawings(self.sizes.drawings)
        rows = oracle_figures(score_pictures(scenes, drawings), "drawings")
        decoded = miniature.reconstruct(drawings)
        rows += oracle_figures(score_pictures(scenes, decoded), "reconstructions")
        return [*rows, measured("autoencoder.psnr_db", psnr(drawings, decoded), unit="dB")]

    def clip(self, miniature) -> Figure:
        """Share of drawings nearer to their caption than to the one with two colours swapped."""
        from ..miniature.world import draw_scene

        self.console.say(f"comparing {self.sizes.swapped} captions with colour-swapped ones …")
        scenes, right, wrong = zip(*self.samples.swapped(self.sizes.swapped), strict=True)
        pictures = miniature.embed_pictures(np.stack([draw_scene(scene) for scene in scenes]))
        margin = pictures * (miniature.embed_texts(right) - miniature.embed_texts(wrong))
        return measured("clip.right_over_swapped", (margin.sum(-1) > 0).tolist())

    def position(self, miniature) -> list[Figure]:
        """R² of each 16×16 self-attention's inputs; the figure is the worst block's and axis's."""
        from ..miniature.world import draw_scene
        from .linear_probe import probe_r2
        from .position_probe import self_attention_inputs

        self.console.say("probing where the denoiser knows it is …")
        samples = self.samples.probe(self.sizes.probe)
        latents = miniature.encode_pictures(np.stack([draw_scene(s.scene) for s in samples]))
        prompts = [sample.text for sample in samples]
        features = self_attention_inputs(miniature, latents, prompts, self.options.seed)
        held = len(samples) - len(samples) // 2
        found = {name: min(probe_r2(values)) for name, values in features.items()}
        rows = [Figure("base.position_probe_r2", min(found.values()), "R2", held)]
        rows += [
            Figure(f"base.position_probe_r2.{name}", value, "R2", held)
            for name, value in found.items()
        ]
        return rows

    def base(self, miniature) -> list[Figure]:
        from .miniature_models import Settings

        asked = self.samples.captions(self.sizes.captions)
        unseen = self.samples.unseen_pairs(self.sizes.unseen)
        options = self.options
        settings = Settings(options.steps, options.cfg, options.sampler, options.scheduler)
        self.console.say(f"drawing {len(asked)} captions and {len(unseen)} of unseen pairs …")
        every = [*asked, *unseen]
        pictures = miniature.sample(
            [sample.text for sample in every],
            [sample.noise_seed for sample in every],
            settings,
            self._progress("sampling"),
        )
        judged = [judge(*pair) for pair in zip(every, pictures, strict=True)]
        write_pictures(self.console, options, _shown(every, pictures, judged))
        fresh = judged[len(asked) :]
        return [
            *base_figures(judged[: len(asked)]),
            measured(
                "base.unseen_pairs_present", [j.present for j in fresh], [j.asked for j in fresh]
            ),
        ]

    def rows(self) -> list[Figure]:
        from .miniature_models import Miniature

        miniature = Miniature()
        return [
            *self.oracle_and_autoencoder(miniature),
            self.clip(miniature),
            *self.position(miniature),
            *self.base(miniature),
        ]


def _shown(samples: list[Sample], pictures: np.ndarray, judged: list[Judged]) -> Sheet:
    return [
        (f"{sample.text} [{found.present}/{found.asked}{'' if found.right else ' wrong'}]", picture)
        for sample, picture, found in zip(samples, pictures, judged, strict=True)
    ]


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(COMMAND, __doc__, sheet=True)
    parser.add_argument("--quick", action="store_true", help="a small subset, for CI")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--validation",
        action="store_true",
        help="other samples, for choosing weights and settings; no figures to report",
    )
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--cfg", type=float, default=3.0)
    parser.add_argument("--sampler", default="euler_ancestral")
    parser.add_argument("--scheduler", default="normal")
    return parser


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the files asked for."""
    options = _parser().parse_args(list(argv))
    console = Console()
    load_host()
    rows = _Run(options, console).rows()
    report(console, COMMAND, options, rows)
    return 0
