"""Profiles that point to a scripted server."""

import pytest
from video_director.planning.language_models.profile import Profile


@pytest.fixture
def profile_of():
    """Make a profile for a server; options are short, so that tests are."""

    def make(server, *, key=None, base_url=None, **options):
        patience = {"connect_timeout": 2, "silence_timeout": 5, "timeout": 20, "tries": 2}
        return Profile(
            name="test",
            base_url=base_url or server.url,
            model="scripted",
            key=key,
            options={**patience, **options},
        )

    return make
