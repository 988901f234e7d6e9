"""Now."""

from __future__ import annotations

from datetime import UTC, date, datetime


def today() -> date:
    """Return the day it is, in UTC, so that a time zone changes nothing."""
    return datetime.now(UTC).date()
