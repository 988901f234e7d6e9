"""Now."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """Return the time, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """Return the day it is, in UTC, so that a time zone changes nothing."""
    return now().date()
