"""What the words of a plan's camera mean, for whoever moves it and whoever looks at the plan."""

# Of the frame per frame; a zoom's is of its scale.
SPEEDS = {"slow": 0.01, "medium": 0.02, "fast": 0.04}
# Pan right, pan down, zoom: what one unit of speed adds.
MOVES = {
    "static": (0.0, 0.0, 0.0),
    "left": (-1.0, 0.0, 0.0),
    "right": (1.0, 0.0, 0.0),
    "up": (0.0, -1.0, 0.0),
    "down": (0.0, 1.0, 0.0),
    "zoom_in": (0.0, 0.0, 1.0),
    "zoom_out": (0.0, 0.0, -1.0),
}
