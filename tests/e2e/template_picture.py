"""Make the picture of a workflow's card in the template browser from a video it rendered.

.venv/bin/python tests/e2e/template_picture.py prompt_to_video output/demo/video.mp4
"""

import sys
from pathlib import Path

import av
from PIL import Image

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
SIZE = 512  # the card is a square


def main(name: str, video: str) -> None:
    """Write workflows/NAME.jpg: frames spread evenly over the video, first and last among them."""
    if not (WORKFLOWS / f"{name}.json").is_file():
        raise SystemExit(f"there is no workflow {name!r} in {WORKFLOWS}")
    with av.open(video) as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    ratio = frames[0].width / frames[0].height
    columns = (
        2 if ratio < 1.5 else 1
    )  # wide frames, as of several side by side, stand below another
    width = SIZE // columns
    height = round(width / ratio)
    rows = SIZE // height
    shown = columns * rows
    picture = Image.new("RGB", (SIZE, SIZE), "white")
    for place in range(shown):
        frame = frames[place * (len(frames) - 1) // (shown - 1)]
        corner = (place % columns * width, place // columns * (SIZE // rows))
        picture.paste(frame.resize((width, height), Image.Resampling.LANCZOS), corner)
    picture.save(WORKFLOWS / f"{name}.jpg", quality=88)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
