"""Make the picture of a workflow's card in the template browser from a video it rendered.

.venv/bin/python tests/e2e/template_picture.py prompt_to_video output/demo/video.mp4
"""

import sys
from pathlib import Path

import av
from PIL import Image

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
SIZE, SHOWN = 512, 4  # the card is a square; two rows of two frames


def main(name: str, video: str) -> None:
    """Write workflows/NAME.jpg: frames spread evenly over the video, first and last among them."""
    if not (WORKFLOWS / f"{name}.json").is_file():
        raise SystemExit(f"there is no workflow {name!r} in {WORKFLOWS}")
    with av.open(video) as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    cell = SIZE // 2
    picture = Image.new("RGB", (SIZE, SIZE))
    for place in range(SHOWN):
        frame = frames[place * (len(frames) - 1) // (SHOWN - 1)]
        corner = (place % 2 * cell, place // 2 * cell)
        picture.paste(frame.resize((cell, cell), Image.Resampling.LANCZOS), corner)
    picture.save(WORKFLOWS / f"{name}.jpg", quality=88)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
