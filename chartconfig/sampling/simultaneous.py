"""The shares of all buckets, each to within a margin of error, with one confidence for all.

Where an installation holds exactly one bucket of three or more, Thompson's worst case over all
partitions replaces z²/4. Two exclusive buckets are one share told twice. Where buckets may
coincide, each gets its part of the error (Bonferroni).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.sampling import proportion

if TYPE_CHECKING:
    from fractions import Fraction

WIDEST = 0.3
"""Wider margins are taken as this one."""
_FEW = 8
_MOST_CELLS = 10
"""The worst partition has six equal cells as alpha tends to 1, three at .05, two at .01."""


def thompson(alpha: float) -> float:
    """Return d²n, the sample size for a margin of 1 over all shares of an infinite population.

    Args:
        alpha: 1 - confidence, a fraction in (0, 1).

    Source:
        Thompson, "Sample size for estimating multinomial proportions", *The American
        Statistician* 41 (1987), pp. 42-46. The table there has misprints for .0005 and .0001.

    Examples:
        >>> round(thompson(0.05), 5)
        1.27359
    """
    return max(
        proportion.normal_quantile(alpha / cells) ** 2 / cells * (1 - 1 / cells)
        for cells in range(2, _MOST_CELLS)
    )


def sample_size(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return n0 = T/e² + 2 for three or more exclusive buckets.

    Where a tenth of the population or more would report, counts are few and whole, and 8 reports
    are added for each time that n0 exceeds a ninth of the population by the population. Margins
    above .3 are taken as .3. With both, no partition of up to 24 installations into three is
    below its confidence, as many are without.

    Args:
        margin: Half-width of each interval, a fraction in (0, 1).
        confidence: Of all intervals at once, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Examples:
        >>> from fractions import Fraction
        >>> round(sample_size(Fraction(1, 100), confidence=Fraction(95, 100), population=10**6))
        12738
    """
    size = thompson(float(1 - confidence)) / min(float(margin), WIDEST) ** 2 + 2
    return size + _FEW * max(0.0, size / population - 1 / 9)


def one_bucket_confidence(
    confidence: Fraction, *, buckets: int, exclusive: bool
) -> Fraction | None:
    """Return the confidence for one bucket that gives it for all, or None if Thompson's is used.

    Args:
        confidence: Of all intervals at once, a fraction in (0, 1).
        buckets: How many; at least 1.
        exclusive: Whether an installation holds exactly one.

    Examples:
        >>> from fractions import Fraction
        >>> one_bucket_confidence(Fraction(95, 100), buckets=5, exclusive=False)
        Fraction(99, 100)
    """
    if not exclusive:
        return 1 - (1 - confidence) / buckets
    return confidence if buckets <= 2 else None  # noqa: PLR2004 - the share and its complement


def sample_rate(
    margin: Fraction, *, confidence: Fraction, population: int, buckets: int, exclusive: bool
) -> float:
    """Return a sample rate that estimates all shares at once to within a margin.

    Args:
        margin: Half-width of each interval, a fraction in (0, 1).
        confidence: Of all intervals at once, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
        buckets: How many; at least 1.
        exclusive: Whether an installation holds exactly one.

    Returns:
        A rate in (0, 1]. Above 1/2 it is also at least what each bucket needs for its own part
        of the error, which is safe without an approximation.

    Examples:
        >>> from fractions import Fraction
        >>> round(
        ...     sample_rate(
        ...         Fraction(1, 20),
        ...         confidence=Fraction(95, 100),
        ...         population=20_000,
        ...         buckets=10,
        ...         exclusive=True,
        ...     ),
        ...     6,
        ... )
        0.024934
    """
    single = one_bucket_confidence(confidence, buckets=buckets, exclusive=exclusive)
    if single is not None:
        return proportion.sample_rate(margin, confidence=single, population=population)
    rate, each = _parts(margin, confidence=confidence, population=population, buckets=buckets)
    if each is None:
        return rate
    return max(rate, proportion.sample_rate(margin, confidence=each, population=population))


def suffices(
    rate: float,
    *,
    margin: Fraction,
    confidence: Fraction,
    population: int,
    buckets: int,
    exclusive: bool,
    exactly: bool = True,
) -> bool:
    """Return whether a rate is at least `sample_rate`, without computing what is plain.

    Args:
        rate: A fraction in (0, 1].
        margin: Half-width of each interval, a fraction in (0, 1).
        confidence: Of all intervals at once, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
        buckets: How many; at least 1.
        exclusive: Whether an installation holds exactly one.
        exactly: Whether to compute what the closed form for a share leaves open, rather than to
            deny it.
    """
    each = one_bucket_confidence(confidence, buckets=buckets, exclusive=exclusive)
    if each is None:
        least, each = _parts(margin, confidence=confidence, population=population, buckets=buckets)
        if rate < least or each is None:
            return rate >= least
    return proportion.suffices(
        rate, margin=margin, confidence=each, population=population, exactly=exactly
    )


def _parts(
    margin: Fraction, *, confidence: Fraction, population: int, buckets: int
) -> tuple[float, Fraction | None]:
    """Return the rate of Thompson's size, and if it is above 1/2 a bucket's own confidence."""
    size = sample_size(margin, confidence=confidence, population=population)
    floor = proportion.one_report_rate(confidence=confidence, population=population)
    rate = max(size / (population + size), floor)
    return rate, None if size <= population else 1 - (1 - confidence) / buckets
