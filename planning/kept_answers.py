"""Answers of language models on disk, so that the same question has the same answer for ever.

Only answers that could be used are kept: after a failure the model is asked anew.
"""

import contextlib
import hashlib
import json
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .asking import Message

_LOG = logging.getLogger(__name__)


class KeptAnswers:
    """Answers of one model with its options, of one take.

    Args:
        folder: created when the first answer is kept.
        model: what the answers depend on besides the question, such as the model's name and its
            options; never a key or an address.
        take: a number; another one has answers of its own.
    """

    def __init__(self, folder: Path, model: Mapping[str, Any], take: int = 0) -> None:
        self.folder, self.model, self.take = folder, dict(model), take

    def recall(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> list[str]:
        """What was answered to a question, failed answers first; [] where nothing is kept.

        A file that is damaged is passed over, with a warning.
        """
        path = self._path(messages, schema)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))["answers"]
            if isinstance(kept, list) and all(isinstance(answer, str) for answer in kept):
                return kept
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, ValueError, KeyError, TypeError):
            pass
        _LOG.warning("kept answer %s is damaged; the language model is asked again", path.name)
        return []

    def keep(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        answers: Sequence[str],
    ) -> None:
        """Keep the answers that led to a usable one. Where that is impossible, warn and go on."""
        path = self._path(messages, schema)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        text = json.dumps({"answers": list(answers)}, ensure_ascii=False, indent=1)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8", errors="replace")
            os.replace(part, path)
        except OSError as error:
            _LOG.warning("an answer could not be kept (%s)", error.strerror)
            with contextlib.suppress(OSError):
                part.unlink()

    def _path(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> Path:
        asked = {
            "model": self.model,
            "messages": list(messages),
            "schema": schema,
            "take": self.take,
        }
        text = json.dumps(asked, sort_keys=True)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()}.json"
