"""ComfyUI-VideoDirector: the entry point the host calls.

Importing this module must not need ComfyUI, so everything happens inside the entry point.
"""

WEB_DIRECTORY = "./web"


async def comfy_entrypoint():
    """Return the extension that lists this pack's nodes (called by the host)."""
    from .nodes import VideoDirectorExtension

    return VideoDirectorExtension()
