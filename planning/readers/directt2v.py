"""DirecT2V's frame-level direction: one description per frame.

arXiv:2305.14330, figure 3: `Frame 1 (00:00) A bright, sunny park …`, several frames in one
paragraph or each on its line; a numbered list (`1. A bright park …`) is read the same way.
"""

import re

from ..schema import PlanError, VideoPlan
from .drafts import DraftScene, Settings, build_plan

FORMAT = "DirecT2V: Frame 1 (00:00) description, Frame 2 (00:01) description, … or 1. 2. 3. lines"
_TIME = r"[(\[]\d{1,2}:\d{2}(?:[.:]\d+)?[)\]]"
_FRAME = re.compile(
    rf"(?:^[ \t>*#-]*Frame[ _]?(\d{{1,4}})\b[ \t*]*(?:{_TIME})?[ \t*]*[:.\-–—]?"
    rf"|\bFrame[ _]?(\d{{1,4}})[ \t*]*{_TIME}[ \t*]*[:.\-–—]?)",
    re.IGNORECASE | re.MULTILINE,
)
_LISTED = re.compile(r"^[ \t]*(\d{1,4})[.)][ \t]+", re.MULTILINE)
_USER_PROMPT = re.compile(
    r"^[ \t]*(?:Setting[ \t]+)?(?:User[ \t]+)?Prompt[ \t]*:?[ \t]*[\"“](.+?)[\"”]",
    re.IGNORECASE | re.MULTILINE,
)


def is_directt2v(text: str) -> bool:
    """Tell whether a text is a list of frame descriptions (at least two, the first is 1)."""
    return bool(_entries(text))


def read_directt2v(text: str, settings: Settings) -> VideoPlan:
    """Read one scene with a prompt for every frame.

    Raises:
        PlanError: frames are missing, stand twice or have no description.
    """
    entries = _entries(text)
    for expected, (number, description) in enumerate(entries, start=1):
        if number != expected:
            raise PlanError(
                f"frame {number}: stands where frame {expected} should be; describe every frame "
                "once, in order"
            )
        if not description:
            raise PlanError(f"frame {number}: has no description; say what the frame shows")
    prompts = [description for _, description in entries]
    user = _USER_PROMPT.search(text)
    prompt = settings.prompt.strip() or (user.group(1) if user else prompts[0])
    return build_plan([DraftScene(prompt=prompt, frame_prompts=prompts)], settings)


def _entries(text: str) -> list[tuple[int, str]]:
    for pattern in (_FRAME, _LISTED):
        matches = list(pattern.finditer(text))
        numbers = [int(next(filter(None, match.groups()))) for match in matches]
        if len(numbers) >= 2 and numbers[0] == 1:
            ends = [match.start() for match in matches[1:]] + [len(text)]
            return [
                (number, " ".join(text[match.end() : end].split()).strip(" *"))
                for number, match, end in zip(numbers, matches, ends, strict=True)
            ]
    return []
