"""Renders the scenes of a plan on many machines, by Ray; Ray itself is imported on use only."""
