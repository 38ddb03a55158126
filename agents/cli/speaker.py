"""Who gives an order on the command line, where they do not say."""

from getpass import getuser

NOBODY_KNOWN = "somebody"


def speaker() -> str:
    """The user's name; in a container a user may have none."""
    try:
        return getuser()
    except (KeyError, OSError):
        return NOBODY_KNOWN
