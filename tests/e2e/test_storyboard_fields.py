"""The fields of Edit Plan's editor in the host's own frontend: what a hand writes is what runs."""

import pytest
from playwright.sync_api import expect

from .test_storyboard import Storyboard, plan_text

SCENE = ["scenes", "meet"]

pytestmark = pytest.mark.browser


class Fields(Storyboard):
    """The fields of the one editor on a page."""

    def changed(self):
        """What the graph holds for the server: places of edits with their values."""
        return {tuple(edit["at"]): edit.get("to") for edit in self.edits()}

    def scene(self):
        """The scene as it comes out of a run."""
        said, _ = self.run()
        return said["edited"]["scenes"][0]

    def field(self, name):
        return self.editor.get_by_label(name, exact=True)

    def write(self, name, text):
        self.field(name).fill(text)
        self.page.keyboard.press("Tab")

    def unfold(self, name):
        self.editor.locator("summary", has_text=name).click()

    def go_to(self, frame):
        self.field("Frame").fill(str(frame))


@pytest.mark.parametrize("nodes_2", [False, True])
def test_the_camera_goes_where_the_pad_and_the_path_say(open_frontend, nodes_2):
    board = Fields(open_frontend(nodes_2=nodes_2), plan_text(f"camera {nodes_2}"))
    board.run()
    pad = board.editor.get_by_role("radiogroup", name="Camera")
    expect(pad.get_by_role("radio", checked=True)).to_have_attribute("title", "stands still")
    pad.get_by_role("radio", name="left").click()
    at = (*SCENE, "camera", "direction")
    assert board.changed() == {at: "left"}
    for key, direction in [("ArrowUp", "up"), ("ArrowRight", "zoom_in"), ("ArrowDown", "zoom_out")]:
        board.page.keyboard.press(key)
        assert board.changed() == {at: direction}
    board.page.keyboard.press("Control+z")  # one step back for all keys
    assert board.changed() == {at: "left"}
    board.editor.get_by_role("combobox", name="Speed").select_option("fast")
    board.write("Strength", "12")
    assert board.scene()["camera"] == {"direction": "left", "speed": "fast", "strength": 10}
    board.write("Strength", "")
    assert board.scene()["camera"] == {"direction": "left", "speed": "fast"}

    board.unfold("Camera path")
    board.go_to(4)
    board.button("Add a pose at frame 4").click()
    path = board.scene()["camera"]["path"]
    assert [(pose["frame"], pose["pan_x"]) for pose in path] == [(0, 0), (4, -0.16), (8, -0.32)]
    expect(pad.get_by_role("radio").first).to_be_disabled()
    board.write("Zoom: 2 shows things twice as large, at frame 4", "99")
    board.write("Roll clockwise, in degrees, at frame 8", "-30")
    expect(board.field("Frame")).to_have_value("8")  # where one writes is shown
    board.field("Frame of the pose").nth(1).fill("5")
    board.page.keyboard.press("Enter")
    board.button("Delete the pose at frame 0").click()
    (bent, end) = board.scene()["camera"]["path"]
    assert bent == {"frame": 5, "pan_x": -0.16, "pan_y": 0, "zoom": 16, "roll": 0}
    assert end == {"frame": 8, "pan_x": -0.32, "pan_y": 0, "zoom": 1, "roll": -30}

    board.write("Frames", "7")
    assert [pose["frame"] for pose in board.scene()["camera"]["path"]] == [5, 6]
    board.button("Delete the path").click()
    assert board.scene()["camera"] == {"direction": "static", "speed": "fast"}
    assert board.frontend.problems == []


@pytest.mark.parametrize("nodes_2", [False, True])
def test_actions_and_texts_of_frames_run_and_go_back(open_frontend, nodes_2):
    word = f"texts {nodes_2}"
    board = Fields(open_frontend(nodes_2=nodes_2), plan_text(word))
    board.run()
    search = board.editor.get_by_role("combobox", name="Search for an action")
    search.fill("ball catch")
    expect(board.editor.get_by_role("option", name="catching or throwing")).to_have_count(2)
    board.page.keyboard.press("ArrowDown")
    chosen = search.get_attribute("aria-activedescendant")
    expect(board.editor.locator(f"#{chosen}")).to_have_text("catching or throwing softball")
    board.page.keyboard.press("Enter")
    search.fill("no such thing")
    expect(board.editor.get_by_text("No action has these words.")).to_be_visible()
    search.fill("juggling b")
    board.editor.get_by_role("option", name="juggling balls").click()
    weight = board.editor.get_by_role("spinbutton", name="Weight of juggling balls")
    weight.fill("0")
    weight.press("Enter")
    expect(weight).to_have_value("0.01")
    board.editor.get_by_role("slider", name="Weight of juggling balls").press("End")
    board.editor.get_by_role("slider", name="Weight of catching").press("ArrowLeft")
    actions = {"catching or throwing softball": 0.95, "juggling balls": 1}
    assert board.scene()["action"] == actions
    board.button("Take juggling balls away").click()
    action = (*SCENE, "action", "catching or throwing softball")
    assert board.changed() == {action: 0.95}

    board.unfold("A prompt for every frame")
    board.button("Start them").click()
    board.write("What frame 3 shows", "the ball <b>jumps</b>")
    expect(board.field("Frame")).to_have_value("4")  # Tab went on to the next
    board.write("What frame 5 shows", " ")
    board.write("Frames", "5")
    prompts = [f"a {word} ball"] * 5
    prompts[3] = "the ball <b>jumps</b>"
    assert board.scene()["frame_prompts"] == prompts
    board.button("Delete them").click()

    expect(board.field("Caption: no keyframe at this frame")).to_be_disabled()
    board.go_to(0)
    board.write("Caption of the keyframe at frame 0", "it <i>starts</i>")
    scene = board.scene()
    assert scene["layout"][0]["caption"] == "it <i>starts</i>"
    assert "frame_prompts" not in scene

    expect(board.editor.locator(".difference")).to_contain_text("actions, frames, boxes")
    expect(board.editor.locator(".differs")).to_have_count(3)
    board.button("As it was").click()
    assert board.edits() == []
    expect(board.editor.locator(".differs")).to_have_count(0)

    board.unfold("Video")
    board.write("What the whole video shows", "balls")
    for name, written in [("Frames per second", "0"), ("Width", "500"), ("Height", "9999")]:
        board.write(name, written)
    assert board.changed() == {
        ("prompt",): "balls",
        ("fps",): 1,
        ("width",): 504,
        ("height",): 8192,
    }
    board.write("Height", "64")
    said, _ = board.run()
    told = {"prompt": "balls", "fps": 1, "width": 504, "height": 64}
    assert said["edited"] == {**said["incoming"], **told}
    assert board.frontend.problems == []
