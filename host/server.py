"""A ComfyUI server as a subprocess: started on a free port, watched, and taken down again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from .base_directory import PACK_NAME, prepare_base
from .devices import host_needs_cpu_flag
from .errors import PackImportError, PortInUseError, ServerError

ROOT = Path(__file__).resolve().parents[1]
LAUNCHER = Path(__file__).with_name("launch.py")
LOCALHOST = "127.0.0.1"
START_SECONDS = 600  # a cold disk and a busy machine included; two idle cores take 15-20 s
LOG_LINES_SHOWN = 15
ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PART_OF_TRACEBACK = re.compile(r"\s|$|[\w.]+(Error|Exception|Warning|Interrupt)\b")
# Proxy settings of the environment must not come between us and our own subprocess.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """A TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return probe.getsockname()[1]


def require_free(port: int) -> None:
    """Raise PortInUseError when something listens on ``port``."""
    with socket.socket() as probe:
        if sys.platform != "win32":  # elsewhere a port in TIME_WAIT would look taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError as error:
            raise PortInUseError(
                f"Port {port} is already in use ({error.strerror}). Stop the program that listens "
                "there, or choose another port with --port N."
            ) from error


class Server:
    """One ComfyUI process with its own base directory. Use it as a context manager.

    Args:
        host_dir: folder of the ComfyUI to run (holds main.py).
        base: base directory of this host; created where missing.
        port: the port to listen on; None takes a free one.
        packs: (folder name under custom_nodes, source folder); this pack by default.
        python: interpreter with the host's requirements.
        models: models folder; None means the base directory's own.
        arguments: further arguments for the host's main.py.
    """

    def __init__(
        self,
        host_dir: Path,
        base: Path,
        *,
        port: int | None = None,
        packs: Sequence[tuple[str, Path]] = ((PACK_NAME, ROOT),),
        python: str = sys.executable,
        models: Path | None = None,
        arguments: Sequence[str] = (),
    ):
        self.host_dir = host_dir.resolve()
        self.base = base.resolve()
        self.port = port or free_port()
        self.packs = tuple(packs)
        self.python = python
        self.arguments = list(arguments)
        if models is not None:
            self.arguments += ["--models-directory", str(models)]
        self.log_path = self.base / "host.log"
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Where the host answers, without a trailing slash."""
        return f"http://{LOCALHOST}:{self.port}"

    @property
    def pack_name(self) -> str:
        """Folder name under which the host sees the first pack."""
        return self.packs[0][0]

    def __enter__(self) -> "Server":
        try:
            self.launch()
            self.wait_until_ready()
        except BaseException:  # Ctrl-C while it starts must not leave it behind either
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def launch(self) -> None:
        """Start the process and return at once."""
        require_free(self.port)
        prepare_base(self.base, self.packs)
        group = {} if sys.platform == "win32" else {"start_new_session": True}
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,  # never written to: its closing tells launch.py we ended
                stdout=log,
                stderr=subprocess.STDOUT,
                **group,
            )

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until the host answers and has this pack.

        Raises:
            ServerError: it died, or did not answer in time; the last log lines are shown.
            PackImportError: it answers, but could not import a pack given to it.
        """
        deadline = time.monotonic() + seconds
        while not self._answers():
            self.require_running()
            if time.monotonic() > deadline:
                raise ServerError(self._account(f"did not answer within {seconds:.0f} seconds"))
            time.sleep(0.1)
        for name, _ in self.packs:
            self._require_imported(name)

    def wait_until_ended(self) -> None:
        """Block while the host runs.

        Raises:
            ServerError: it ended although nobody stopped it.
        """
        self.process.wait()
        self.require_running()

    def require_running(self) -> None:
        """Raise ServerError, with its last log lines, if the host has ended by itself."""
        code = self.process.poll()
        if code is not None:
            raise ServerError(self._account(f"ended with code {code}"))

    def stop(self) -> None:
        """End the host and everything it started. Safe to call twice."""
        if self.process is None:
            return
        if sys.platform == "win32":
            tree = ["taskkill", "/F", "/T", "/PID", str(self.process.pid)]
            subprocess.run(tree, capture_output=True, check=False)
        else:
            self._stop_group()
        self.process.stdin.close()
        self.process.wait()
        self.process = None

    def log_text(self) -> str:
        """What the host printed so far, without colours."""
        return ANSI_COLOUR.sub("", self.log_path.read_text(encoding="utf-8", errors="replace"))

    def _command(self) -> list[str]:
        command = [self.python, str(LAUNCHER), str(self.host_dir / "main.py")]
        if host_needs_cpu_flag():
            command.append("--cpu")
        command += ["--use-pytorch-cross-attention", "--disable-api-nodes"]
        command += ["--base-directory", str(self.base), "--port", str(self.port)]
        return [*command, "--database-url", "sqlite:///:memory:", *self.arguments]

    def _stop_group(self) -> None:
        # The host has no work to save, and its children share its process group.
        for sign, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, None)):
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                return
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                continue

    def _answers(self) -> bool:
        try:
            with OPENER.open(f"{self.url}/system_stats", timeout=5) as reply:
                return reply.status == 200 and self.process.poll() is None
        except (OSError, urllib.error.URLError):
            return False

    def _account(self, what: str) -> str:
        lines = self.log_text().rstrip().splitlines()[-LOG_LINES_SHOWN:]
        return (
            f"ComfyUI ({self.host_dir}) {what}. Its last lines are below; if a module is missing "
            "there, delete .venv and run the command again, and if the port was taken meanwhile, "
            f"just run it again. The whole log: {self.log_path}\n  " + "\n  ".join(lines)
        )

    def _require_imported(self, pack: str) -> None:
        log = self.log_text()
        folder = re.escape(str(self.base / "custom_nodes" / pack))
        if not re.search(rf"\(IMPORT FAILED\): {folder}$", log, re.MULTILINE):
            return
        reason = rf"Cannot import {folder} module|comfy_entrypoint in {folder}|Skip {folder} "
        raise PackImportError(
            f"IMPORT FAILED: ComfyUI started, but could not import {pack}, so its nodes are "
            "missing. Repair what the lines below name (a missing module: delete .venv and run "
            f"the command again). The whole log: {self.log_path}\n{_reason_in(log, reason)}"
        )


def _reason_in(log: str, reason: str) -> str:
    """The log line that matches ``reason``, with the traceback right above it if there is one."""
    lines = log.splitlines()
    end = next((i for i, line in enumerate(lines) if re.search(reason, line)), None)
    if end is None:
        return "  (the log gives no reason)"
    start = end
    while start > 0 and PART_OF_TRACEBACK.match(lines[start - 1]):
        start -= 1
    if start > 0 and "Traceback (most recent call last)" in lines[start - 1]:
        shown = [line for line in lines[start - 1 : end + 1] if line.strip()]
    else:
        shown = [lines[end]]
    return "\n".join("  " + line for line in shown)
