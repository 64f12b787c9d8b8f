"""What the frames show, read by the oracle: the shipped workflow as it is, all its steps."""

import io

from video_director.host.console import Console
from video_director.rendering.oracle_check import check_video
from video_director.rendering.video_job import make_video, workflow_for


def test_the_oracle_finds_the_asked_objects_in_the_frames(server, tmp_path):
    prompt = "A red ball rolls across a meadow. Then a green box waits in a desert."
    workflow = workflow_for(prompt, None)
    made = make_video(workflow, tmp_path / "video", Console(io.StringIO()), server.url)
    check = check_video(made.video, made.plan)
    assert check.objects_asked == check.frames == 16
    assert check.objects_found >= 0.8 * check.objects_asked, check.sentence()
