"""The director's notes: what in a valid plan will not look as wished.

A plan that breaks an invariant is an error (`invariants.py`); what is told here can be rendered,
and whoever wrote the plan decides whether it is meant.
"""

from .findings import Finding, Severity, notes_text
from .rules import lint_plan

__all__ = ["Finding", "Severity", "lint_plan", "notes_text"]
