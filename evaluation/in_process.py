"""The host's code in this process, for measuring without a server."""

import sys

from ..host.errors import SetupError
from ..host.setup import Places


def load_host() -> None:
    """Make ``comfy`` importable; set it to the CPU where there is no GPU, and to the attention
    that our server starts it with (the host's own on a CPU holds large maps and is slower).

    To be called before anything imports ``comfy``, and only by commands: inside a running ComfyUI
    the host is there already.

    Raises:
        SetupError: there is no host yet.
    """
    import torch

    folder = Places().host
    if not (folder / "comfy").is_dir():
        raise SetupError(
            f"There is no ComfyUI in {folder}. Start the command with `python director.py …`, "
            "which fetches one, or set COMFYUI_PATH to one of yours."
        )
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    import comfy.cli_args

    if not torch.cuda.is_available():
        comfy.cli_args.args.cpu = True
    comfy.cli_args.args.use_pytorch_cross_attention = True
