"""Styles of planning: what a language model is asked, and how its answer becomes a plan."""
