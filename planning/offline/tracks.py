"""Where each thing is at which time: what the timeline hands to the placement."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """A place to be at: x and y fixed where given, else the thing's own base.

    relation and grounds place it by other things, level then fixes its height; dx and dy shift it;
    scale is its size there.
    """

    x: float | None = None
    y: float | None = None
    relation: str = ""
    grounds: tuple[str, ...] = ()
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    level: float | None = None


@dataclass
class Track:
    """One thing's way through a scene; times run from 0 (first frame) to 1 (last frame)."""

    id: str
    width: float
    height: float
    home_x: float = 0.5
    home_y: float = 0.55
    ground: bool = True
    waypoints: list[tuple[float, Target]] = field(default_factory=list)
    rules: list[Target] = field(default_factory=list)
    visible: tuple[float, float] = (0.0, 1.0)
    touches: set[str] = field(default_factory=set)

    @property
    def targets(self) -> list[Target]:
        """All places it is asked to be at."""
        return [target for _, target in self.waypoints]

    def seen(self, time: float) -> bool:
        """Whether it is to be seen at a time."""
        return self.visible[0] <= time <= self.visible[1]
