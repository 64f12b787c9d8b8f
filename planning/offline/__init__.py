"""The offline planner: any English prompt to a video plan, without a model and without a download.

The way of a prompt: `splitting` (scenes) -> `camera` (camera words out) -> `phrases` (positions,
times, relations) and `noun_phrases` -> `clauses` (who does what) -> `references` (one id for one
thing) -> `reading` (facts) -> `timeline` (when) -> `placement` (boxes) -> `captions` (prompts).
"""

from .planner import plan_video

__all__ = ["plan_video"]
