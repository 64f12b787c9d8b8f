"""What can go wrong around the host, each error one paragraph that ends with what to do."""


class DirectorError(RuntimeError):
    """A failure with a message meant for the person at the terminal; no traceback is shown."""


class SetupError(DirectorError):
    """The venv or the host's source could not be put in place."""


class DiskFullError(SetupError):
    """The disk filled up while something was being installed."""


class ServerError(DirectorError):
    """The host could not be started, or died."""


class PortInUseError(ServerError):
    """Another program listens on the asked port."""


class PackImportError(ServerError):
    """The host runs, but could not import this pack."""


class ClientError(DirectorError):
    """The running host could not be reached or did not answer as expected."""


class PromptRejectedError(ClientError):
    """The host refused a workflow; ``node_errors`` is its own account, by node id."""

    def __init__(self, message: str, node_errors: dict):
        super().__init__(message)
        self.node_errors = node_errors


class JobError(ClientError):
    """A node raised while the workflow ran; ``details`` is the host's execution_error event."""

    def __init__(self, message: str, details: dict):
        super().__init__(message)
        self.details = details


class JobInterruptedError(ClientError):
    """The workflow was interrupted before it ended."""
