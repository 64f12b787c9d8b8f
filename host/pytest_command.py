"""``director.py test``: every test, in the Python of .venv, against the host in use."""

import os
import subprocess
import sys
from argparse import Namespace

from .setup import ROOT, Places


def run(options: Namespace) -> int:
    """Run pytest with the options after ``--``; returns its exit code."""
    arguments = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
    environment = {**os.environ, "COMFYUI_PATH": str(Places().host)}
    return subprocess.call(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
