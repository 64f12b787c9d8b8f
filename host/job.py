"""What a queued workflow is to us: its events, its result, and its failures as plain sentences."""

from dataclasses import dataclass, field
from typing import Any

from .errors import ClientError, JobError, JobInterruptedError, PromptRejectedError

FINAL_EVENTS = ("execution_success", "execution_error", "execution_interrupted")


@dataclass(frozen=True)
class Event:
    """One message of the host: ``type`` (progress, progress_state, executing …) and its data."""

    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class OutputFile:
    """A file the host wrote, as named in a node's ui output."""

    filename: str
    subfolder: str
    type: str


@dataclass
class JobResult:
    """A finished workflow: what each node showed, which nodes ran, which came from the cache."""

    prompt_id: str
    outputs: dict[str, dict[str, Any]]
    cached: set[str]
    executed: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def files(self, node_id: str) -> list[OutputFile]:
        """Files that one node wrote, in its own order."""
        lists = [v for v in self.outputs.get(node_id, {}).values() if isinstance(v, list)]
        entries = [e for entries in lists for e in entries if isinstance(e, dict)]
        return [
            OutputFile(e["filename"], e.get("subfolder", ""), e.get("type", "output"))
            for e in entries
            if "filename" in e
        ]


def final_event(entry: dict[str, Any]) -> Event:
    """The final event kept in a history entry."""
    for kind, data in reversed(entry["status"]["messages"]):
        if kind in FINAL_EVENTS:
            return Event(kind, data)
    raise ClientError(f"The host's history holds no end of the workflow: {entry['status']}")


def rejection(
    workflow: dict[str, Any], error: Any, node_errors: dict[str, Any], status: int
) -> PromptRejectedError:
    """The error for a workflow that the host refused, wholly (HTTP 400) or in part (200)."""
    lines = [
        f"  node {node_id} ({_title(workflow, node_id, found)}): {_reason(reason)}"
        for node_id, found in node_errors.items()
        for reason in found["errors"]
    ]
    if isinstance(error, dict) and not lines:
        lines = [f"  {_reason(error)}"]
    elif error and not lines:
        lines = [f"  {error}"]
    what = "part of the workflow, so the rest was taken back" if status == 200 else "the workflow"
    message = (
        f"The host refused {what}. Correct what is named here"
        " (a node it does not know: install or update the pack it belongs to):\n"
    )
    return PromptRejectedError(message + "\n".join(lines or [f"  HTTP {status}"]), node_errors)


def job_failure(kind: str, details: dict[str, Any]) -> ClientError:
    """The error for a prompt that ended with ``kind`` execution_error or execution_interrupted."""
    where = f"node {details.get('node_id')} ({details.get('node_type')})"
    if kind == "execution_interrupted":
        return JobInterruptedError(f"The workflow was interrupted in {where}.")
    reason = str(details.get("exception_message", "no message")).strip()
    name = details.get("exception_type", "Error").rpartition(".")[2]
    return JobError(f"The workflow failed in {where}: {name}: {reason}", details)


def _title(workflow: dict[str, Any], node_id: str, found: dict[str, Any]) -> str:
    meta = workflow.get(node_id, {}).get("_meta", {})
    return meta.get("title") or found.get("class_type", "unknown")


def _reason(reason: dict[str, Any]) -> str:
    """ "Value not in list: sampler_name: 'x' not in [...]"."""
    return ": ".join(part for part in (reason.get("message"), reason.get("details")) if part)
