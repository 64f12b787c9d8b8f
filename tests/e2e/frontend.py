"""The host's own frontend in a browser page: what a person at the canvas does, as calls.

Only what a person or an extension may use is used: the template dialog, the Run button, dropped
files, ``app.graphToPrompt``. The frontend's warnings are read from the stores behind its panels.
"""

import base64
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

# The frontend asks for these on every fresh user folder and logs each answer as an error.
EXPECTED_404 = ("/user.css", "/api/userdata")
# Logged once by the frontend itself while it starts on an empty canvas.
STARTUP_NOISE = "ComfyApp graph accessed before initialization"

MILLISECONDS = 180_000  # patience of every wait: the machine may be busy rendering

# The frontend keeps its warnings in named Pinia stores.
COMPLAINTS = """() => {
    const app = document.querySelector('#vue-app').__vue_app__
    const stores = app.config.globalProperties.$pinia._s
    const errors = stores.get('executionError')
    return {
        nodes: stores.get('missingNodesError').missingNodesError?.nodeTypes ?? [],
        models: (stores.get('missingModel').missingModelCandidates ?? [])
            .map(({name, url, directory}) => ({name, url, directory})),
        prompt: errors.lastPromptError, validation: errors.lastNodeErrors,
        execution: errors.lastExecutionError}
}"""

NODES = """() => {
    const graph = window.app.rootGraph
    const within = ([x, y, w, h], [left, top, width, height]) =>
        left <= x && x + w <= left + width && top <= y && y + h <= top + height
    return graph.nodes.map((node) => ({
        id: String(node.id), type: node.type, title: node.title, box: [...node.getBounding()],
        known: node.type in window.LiteGraph.registered_node_types,
        errors: Boolean(node.has_errors), models: node.properties.models ?? [],
        grouped: graph.groups.some((group) => within(node.getBounding(), group.boundingRect))}))
}"""


class Frontend:
    """One page of the frontend at a running server."""

    def __init__(self, browser: Browser, server: str, *, nodes_2: bool = False) -> None:
        """Open the page as a newcomer sees it: empty canvas, template dialog open.

        Args:
            browser: from ``open_browser``.
            server: the server's address, as ``http://host:port``.
            nodes_2: draw nodes with the newer Vue renderer.
        """
        self.server = server.rstrip("/")
        self.problems: list[str] = []
        self.context = browser.new_context(viewport={"width": 1600, "height": 900})
        self._setting("Comfy.TutorialCompleted", False)
        self._setting("Comfy.VueNodes.Enabled", nodes_2)
        # Without a graphics card every redraw costs the server's processor time.
        self._setting("LiteGraph.Canvas.MaximumFps", 10)
        self.context.set_default_timeout(MILLISECONDS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.goto(self.server)
        self.page.wait_for_function("window.app?.vueAppReady && window.app.rootGraphInternal")
        self.page.get_by_test_id("template-workflows-content").wait_for()

    def close(self) -> None:
        """Close the page and everything it holds."""
        self.context.close()

    def open_template(self, pack: str, name: str) -> None:
        """Pick a template of a pack in the open template dialog and wait for its graph."""
        dialog = self.page.get_by_test_id("template-workflows-content").locator("xpath=..")
        self.page.get_by_text(pack, exact=True).first.click()
        card = self.page.get_by_test_id(f"template-workflow-{name}")
        card.wait_for()
        card.click()
        dialog.wait_for(state="hidden")
        self._wait_for_graph()

    def load_graph(self, graph: dict[str, Any]) -> None:
        """Put a UI-format workflow on the canvas (the template dialog is closed)."""
        self.page.keyboard.press("Escape")
        self.page.evaluate("(graph) => window.app.loadGraphData(graph)", graph)
        self._wait_for_graph()

    def name_results(self, suffix: str) -> None:
        """Add to the file prefixes of the graph, so that it shows no files of an earlier job."""
        self.page.evaluate(
            """(suffix) => window.app.rootGraph.nodes.flatMap((node) => node.widgets ?? [])
                .filter((widget) => widget.name === 'filename_prefix')
                .forEach((widget) => { widget.value += suffix })""",
            suffix,
        )

    def clear(self) -> None:
        """Empty the canvas, so that what stands on it later has come from somewhere else."""
        self.page.evaluate("() => window.app.rootGraph.clear()")

    def drop(self, file: Path, mime: str) -> None:
        """Drop a file on the middle of the canvas, as a hand would, and wait for its graph."""
        content = base64.b64encode(file.read_bytes()).decode()
        self.page.evaluate(
            """async ([content, name, type]) => {
                const bytes = await (await fetch(`data:${type};base64,${content}`)).blob()
                const transfer = new DataTransfer()
                transfer.items.add(new File([bytes], name, {type}))
                const canvas = document.querySelector('#graph-canvas')
                const box = canvas.getBoundingClientRect()
                const at = {clientX: box.x + box.width / 2, clientY: box.y + box.height / 2}
                for (const kind of ['dragover', 'drop']) canvas.dispatchEvent(new DragEvent(kind,
                    {dataTransfer: transfer, bubbles: true, cancelable: true, ...at}))
            }""",
            [content, file.name, mime],
        )
        self._wait_for_graph()

    def queue(self) -> str:
        """Press Run and return the id the server gave to the job."""
        with self.page.expect_response(lambda r: r.url.endswith("/prompt")) as answer:
            self.page.get_by_test_id("queue-button").click()
        reply = answer.value.json()
        if "prompt_id" not in reply or reply.get("node_errors"):
            raise RuntimeError(f"the server refused the page's job: {json.dumps(reply)[:2000]}")
        return str(reply["prompt_id"])

    def finish(self, job: str, *, seconds: int = 600) -> list[dict[str, Any]]:
        """Wait for a queued job and return the files it wrote.

        Args:
            job: the id from ``queue``.
            seconds: how long to wait.

        Returns:
            One {filename, subfolder, type} each, as ``fetch`` takes.

        Raises:
            RuntimeError: the job failed or was interrupted.
            TimeoutError: it did not end in time.
        """
        for _ in range(seconds * 2):
            entry = self.page.request.get(f"{self.server}/api/history/{job}").json().get(job)
            if entry and entry["status"]["status_str"] != "success":
                raise RuntimeError(f"job {job} failed: {json.dumps(entry['status'])[:2000]}")
            if entry:
                # The page hears of the end by its socket, and then loads the previews.
                self.page.wait_for_timeout(2000)
                return [
                    item
                    for output in entry["outputs"].values()
                    for value in output.values()
                    for item in value
                    if isinstance(item, dict) and "filename" in item
                ]
            self.page.wait_for_timeout(500)
        raise TimeoutError(f"job {job} did not end within {seconds} s")

    def fetch(self, file: dict[str, Any], folder: Path) -> Path:
        """Download a file that a job wrote."""
        answer = self.page.request.get(f"{self.server}/api/view", params=file)
        if not answer.ok:
            raise RuntimeError(f"the server answered {answer.status} for {file}")
        target = folder / file["filename"]
        target.write_bytes(answer.body())
        return target

    def playing(self) -> list[dict[str, Any]]:
        """The video previews that a person sees on the canvas, loaded and ready to play.

        A Chromium built without the codec, as Playwright's own is, only has to show them.
        """
        return list(
            self.page.locator("video").evaluate_all(
                """(all) => all.filter((video) => video.checkVisibility() && (video.videoWidth > 0
                        || !video.canPlayType('video/mp4; codecs="avc1.42E01E"')))
                    .map((video) => ({url: video.currentSrc, seconds: video.duration,
                        size: [video.videoWidth, video.videoHeight]}))"""
            )
        )

    def pictures(self) -> dict[str, list[int]]:
        """Title of each node that shows a picture, with the picture's width and height."""
        return dict(
            self.page.evaluate(
                """() => Object.fromEntries(window.app.rootGraph.nodes
                    .filter((node) => node.imgs?.length)
                    .map((node) => [node.title,
                        [node.imgs[0].naturalWidth, node.imgs[0].naturalHeight]]))"""
            )
        )

    def api_form(self) -> dict[str, Any]:
        """The graph on the canvas in API format, as the page would queue it."""
        return dict(self.page.evaluate("async () => (await window.app.graphToPrompt()).output"))

    def nodes(self) -> list[dict[str, Any]]:
        """Type, box (x, y, width, height), models and flags of every node on the canvas."""
        return list(self.page.evaluate(NODES))

    def wait_for_missing_models(self, number: int) -> None:
        """Wait for the frontend, which looks for model files in the background, to miss some."""
        self.page.wait_for_function(
            f"(number) => ({COMPLAINTS})().models.length >= number", arg=number
        )

    def complaints(self) -> dict[str, Any]:
        """What the frontend itself reports about the graph: missing nodes, models, errors."""
        return dict(self.page.evaluate(COMPLAINTS))

    def screenshot(self, path: Path) -> None:
        """Write what a person would see now."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)

    def _setting(self, name: str, value: object) -> None:
        url = f"{self.server}/api/settings/{name}"
        answer = self.context.request.post(url, data=json.dumps(value))
        if not answer.ok:
            raise RuntimeError(f"the server answered {answer.status} to {url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        own_404 = message.text.startswith("Failed to load resource") and any(
            part in place for part in EXPECTED_404
        )
        if message.type == "error" and not own_404 and message.text != STARTUP_NOISE:
            self.problems.append(f"{message.text} ({place})")

    def _wait_for_graph(self) -> None:
        self.page.wait_for_function("() => window.app.rootGraph.nodes.length > 0")
        # Widgets and warnings settle in the frames after the graph was configured.
        self.page.wait_for_timeout(1000)
