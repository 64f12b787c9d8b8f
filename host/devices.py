"""Whether the installed torch can use a GPU here, found out without importing torch.

Importing torch takes seconds, and the host must be launched within three.
"""

import ctypes
import importlib.util
import runpy
import sys
from pathlib import Path


def host_needs_cpu_flag() -> bool:
    """True when the host, started by this Python, would find no device but the CPU."""
    if sys.platform == "darwin":
        return False  # the host probes for MPS itself and falls back without help
    version = _torch_version()
    if version.get("hip") or version.get("xpu"):
        return False
    cuda = version.get("cuda")
    return not (cuda and cuda_driver_major() >= int(cuda.split(".")[0]))


def cuda_driver_major() -> int:
    """The CUDA major version the NVIDIA driver serves; 0 without a driver or without a device."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(name)
    except OSError:
        return 0
    count, version = ctypes.c_int(0), ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return 0
    return 0 if driver.cuDriverGetVersion(ctypes.byref(version)) else version.value // 1000


def _torch_version() -> dict:
    """The names of torch/version.py (cuda, hip, xpu …); empty without torch."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return {}
    return runpy.run_path(str(Path(spec.origin).with_name("version.py")))
