"""Lists of weights as a user types them."""


def parse_weights(text: str, what: str) -> dict[str, float]:
    """Read "name: weight" pairs, parted by commas or lines.

    Args:
        text: such as "red-ball: 0.5, fox: 1.2"; nothing gives no pairs.
        what: the input, for the error.

    Raises:
        ValueError: a pair without a colon, a name twice, or a weight that is no number from 0 to 5.
    """
    weights: dict[str, float] = {}
    for pair in text.replace("\n", ",").split(","):
        if not pair.strip():
            continue
        name, colon, number = (part.strip() for part in pair.rpartition(":"))
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if not colon or not name or name in weights or not 0 <= weight <= 5:
            raise ValueError(
                f"{what} has {pair.strip()!r}; write each name once as name: weight, with weights "
                "from 0 to 5, such as red-ball: 0.5, fox: 1.2"
            )
        weights[name] = weight
    return weights
