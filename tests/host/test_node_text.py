"""Words shown on a node are words for the host's page, too."""

from video_director.nodes.node_text import as_words


def test_markup_in_a_plan_stays_text():
    said = "scenes[0]: <img src=x onerror=alert(1)> & ![y](y)"
    shown = "scenes&#91;0]: &lt;img src=x onerror=alert(1)&gt; &amp; !&#91;y](y)"
    assert as_words(said) == shown
