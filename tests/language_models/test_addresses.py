"""Which servers are held to be near."""

import pytest
from video_director.planning.language_models.addresses import is_near, is_on_this_machine, root_of


@pytest.mark.parametrize(
    ("address", "here", "near"),
    [
        ("http://localhost:11434/v1", True, True),
        ("http://127.0.0.1/v1", True, True),
        ("http://[::1]:8080/v1", True, True),
        ("http://192.168.1.5:11434/v1", False, True),
        ("http://ollama:11434/v1", False, True),
        ("http://box.local/v1", False, True),
        ("https://api.example.com/v1", False, False),
        ("http://8.8.8.8/v1", False, False),
        ("http://localhost.example.com/v1", False, False),
    ],
)
def test_where_a_server_is(address, here, near):
    assert is_on_this_machine(address) is here
    assert is_near(address) is near


@pytest.mark.parametrize(
    ("address", "root"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434"),
        ("http://localhost:11434/v1/", "http://localhost:11434"),
        ("http://user:word@host/ollama/v1", "http://host/ollama"),
        ("http://host", "http://host"),
    ],
)
def test_the_root_of_a_server(address, root):
    assert root_of(address) == root
