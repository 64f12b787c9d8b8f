"""Whole denoisers that the host does not have, built from its layers."""
