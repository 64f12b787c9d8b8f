"""Whatever the prompt, the offline planner gives a valid plan, and the same one again."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from video_director.planning import plan_io
from video_director.planning.offline import plan_video
from video_director.planning.offline.nouns import KNOWN
from video_director.planning.offline.place_words import PLACES
from video_director.planning.offline.verbs import verb_forms
from video_director.planning.offline.words import DETERMINERS, PREPOSITIONS, PRONOUNS

slow = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
PHRASES = (
    "to the left of|on the right|in the second half of the video|then|finally|from the left|of|and"
    "|to its right|at the top|,|.|;|who|that|while|the camera pans left|Scene 1:|\n|two|12|one of"
    " them|each other|back and forth|in circles|first|until halfway|than|with|another|the other|'s"
    "|moves|meets|follows|enters|leaves|appears|vanishes|circles|rises|falls|passes|grows|is|red"
).split("|")
word = st.one_of(
    st.sampled_from(PHRASES),
    *(
        st.sampled_from(sorted(words))
        for words in (KNOWN, PLACES, verb_forms(), DETERMINERS, PREPOSITIONS, PRONOUNS)
    ),
)


@slow
@given(st.text(min_size=1, max_size=300).filter(str.strip), st.integers(1, 12))
def test_any_text_gives_a_valid_plan(text: str, frames: int) -> None:
    plan = plan_video(text, frames=frames)
    assert plan_io.loads(plan_io.dumps(plan)) == plan


@slow
@given(st.lists(word, min_size=1, max_size=20).map(" ".join).filter(str.strip), st.integers(1, 9))
def test_any_heap_of_words_gives_a_valid_plan(text: str, frames: int) -> None:
    plan = plan_video(text, frames=frames)
    assert plan_io.loads(plan_io.dumps(plan)) == plan
    assert plan_io.dumps(plan_video(text, frames=frames)) == plan_io.dumps(plan)
