"""Stand-ins small enough to be set up and started for real in a second."""

import hashlib
import sys
import textwrap
import zipfile

import pytest

FAKE_HOST = """
    import http.server, json, os, pathlib, subprocess, sys
    options = dict(zip(sys.argv[1:], sys.argv[2:]))
    base = pathlib.Path(options["--base-directory"])
    print("\\x1b[32m[INFO]\\x1b[0m the fake host starts", flush=True)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (base / "pids").write_text(f"{os.getpid()} {child.pid}")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    http.server.HTTPServer(("127.0.0.1", int(options["--port"])), Handler).serve_forever()
"""


@pytest.fixture
def make_host(tmp_path):
    """Write a folder that passes for a ComfyUI with the given main.py."""

    def make(main=FAKE_HOST, version="0.30.0", requirements=""):
        host = tmp_path / "host"
        host.mkdir(exist_ok=True)
        (host / "main.py").write_text(textwrap.dedent(main))
        (host / "comfyui_version.py").write_text(f'__version__ = "{version}"\n')
        (host / "requirements.txt").write_text(requirements)
        return host

    return make


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder of small wheels that is all pip and uv can install from; returns how to add one."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if sys.platform != "win32" else "nul")

    def add(name, version="1.0"):
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": f"version = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
        path = folder / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            for file, content in {**files, f"{info}/RECORD": record}.items():
                wheel.writestr(file, content)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    return add
