"""Numbers in words: the same rounding everywhere on the page."""


def percent(value: float | None) -> str:
    """Return a proportion as whole points, `–` for none; only a rate of 0 or 1 reads 0% or 100%."""
    if value is None:
        return "–"
    if 0 < value <= 0.005:
        return "<1%"
    return ">99%" if 0.995 <= value < 1 else f"{value * 100:.0f}%"


def span(low: float | None, high: float | None) -> str:
    """Return an interval of proportions: `35–62%`; none is a dash."""
    if low is None or high is None:
        return "–"
    a, b = percent(low), percent(high)
    return f"{a.removesuffix('%')}–{b}" if a[0] not in "<>" else f"{a}–{b}"


def points(value: float | None) -> str:
    """Return a difference of proportions in points with its sign: `+12`, `−3`; none is a dash."""
    if value is None:
        return "–"
    rounded = round(value * 100)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded)}"


def point_span(low: float | None, high: float | None) -> str:
    """Return an interval of a difference: `−3 to +12`."""
    return "–" if low is None or high is None else f"{points(low)} to {points(high)}"
