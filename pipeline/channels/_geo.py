"""Points on Earth."""

from math import isfinite

_LAT, _LON = 90.0, 180.0


def position(lat: object, lon: object) -> tuple[float, float] | None:
    """Degrees of latitude and longitude from numbers or strings of them; None if they are no point on Earth."""
    found = _degrees(lat, _LAT), _degrees(lon, _LON)
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def _degrees(value: object, limit: float) -> float | None:
    if type(value) is str and len(value) <= 64:  # noqa: PLR2004  # no notation of a number is longer
        try:
            value = float(value)
        except ValueError:
            return None
    if type(value) not in (int, float):
        return None
    degrees = float(value)  # type: ignore[arg-type]  # int or float, as just asked
    return degrees if isfinite(degrees) and -limit <= degrees <= limit else None
