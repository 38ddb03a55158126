"""What a user can mend, said in a line instead of a traceback."""

import contextlib
from collections.abc import Iterator


class Complaint(Exception):  # noqa: N818  # named as what it is
    """The text is for the user: what is wrong, and with what."""


@contextlib.contextmanager
def complaining(about: str, *kinds: type[Exception]) -> Iterator[None]:
    """Turn exceptions of ``kinds`` into a complaint about ``about``.

    Raises:
        Complaint: one of ``kinds`` was raised.
    """
    try:
        yield
    except kinds as error:
        detail = " ".join(str(error).split()) or type(error).__name__
        raise Complaint(f"{about}: {detail}") from error
