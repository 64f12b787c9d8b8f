"""Problems that are collected, so that a person hears of all of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager


class Problems(list[str]):
    """Sentences about what would not work."""

    @contextmanager
    def noted(self, *kinds: type[Exception]) -> Iterator[None]:
        """Note an error of these kinds in place of letting it through."""
        try:
            yield
        except kinds as error:
            self.append(str(error))

    def refuse(self, node: str) -> None:
        """Raise ValueError in the name of a node, if there are any.

        Args:
            node: as users know it.

        Raises:
            ValueError: with all of them.
        """
        if len(self) == 1:
            raise ValueError(f"{node}: {self[0]}")
        if self:
            listed = "\n".join(f"- {problem}" for problem in self)
            raise ValueError(f"{node}: nothing was rendered, as this would not work:\n{listed}")
