"""Run a ComfyUI main.py that ends when the process that started it ends.

    python launch.py /path/to/ComfyUI/main.py [host arguments]

Standard input is a pipe held open by the parent. When the parent ends, however it ends (a kill -9
included), the pipe closes and this process takes its whole process group down with it. Standard
library only, and nothing of this pack is imported: the host must see a clean interpreter.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_parent() -> None:
    """Block until standard input closes, then kill the process group."""
    # os.read, not sys.stdin: a thread that holds the buffer's lock aborts the interpreter's exit.
    while os.read(0, 4096):
        pass
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def main() -> None:
    """Start the watch on the parent, then become the host."""
    script = os.path.abspath(sys.argv[1])
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = [script, *sys.argv[2:]]
    sys.path[0] = os.path.dirname(script)
    os.chdir(os.path.dirname(script))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
