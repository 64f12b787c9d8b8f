"""Words shown on a node in the browser."""

from html import escape

from server import PromptServer


def show_on_node(hidden, text: str) -> None:
    """Show text on the node that runs, or, for an expanded node, on the node it came from.

    Args:
        hidden: the node's ``cls.hidden``, with unique_id and dynprompt.
        text: what to show; also keep it in the ui output, which history keeps.
    """
    server = getattr(PromptServer, "instance", None)  # absent outside a running server
    if server is not None and hidden.unique_id:
        node = hidden.unique_id
        shown = hidden.dynprompt.get_display_node_id(node) if hidden.dynprompt else node
        send_words(server, text, shown)


def send_words(server, text: str, node: str, client: str | None = None) -> None:
    """Send words for a node to the page of a client; None sends them to every page."""
    server.send_progress_text(as_words(text), node, client)


def as_words(text: str) -> str:
    """Text that stays text in the page, which reads it as HTML or as Markdown.

    Otherwise a picture named in somebody's plan would be fetched from wherever it says.
    """
    return escape(text, quote=False).replace("[", "&#91;")
