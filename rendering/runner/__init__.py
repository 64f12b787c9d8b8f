"""Renders the scenes of a plan at one or several hosts, through their API."""
