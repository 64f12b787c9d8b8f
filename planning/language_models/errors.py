"""What goes wrong between a profile and an answer, told to a person."""


class LanguageModelError(Exception):
    """A language model gave no answer.

    The message names the profile and what to change, and holds no key, address or folder.

    Attributes:
        profile: name of the profile that was used.
        problem: the message without the profile's name.
    """

    def __init__(self, profile: str, problem: str) -> None:
        self.profile, self.problem = profile, problem
        super().__init__(f"profile {profile!r}: {problem}")


class ProfileError(LanguageModelError):
    """A profile is unknown or cannot be used as it is written."""
