"""The binomial distribution, as far as its probabilities can be told from zero.

Each weight follows from its neighbour, starting at the mode, and the sum of all is divided by. So
no factorial, no logarithm of one and no difference of large numbers is formed, and the
error stays near 1e-13 for any number of trials (`scipy.special.bdtr` is off by 14 % at 1e8).
"""

from __future__ import annotations

_NEGLIGIBLE = 1e-22
"""Against the mode. What is left out sums to some 1e-21 of the whole."""
_CERTAIN = 80
"""exp(-80) is 2e-35."""


def binomial(trials: int, rate: float) -> tuple[int, list[float]]:
    """Return the probabilities of all counts that are not negligible, relative to the mode's.

    Args:
        trials: At least 0.
        rate: Probability of success, a fraction in (0, 1].

    Returns:
        The first count, and the weights of it and of the counts that follow, some 20 standard
        deviations of them. Divided by their sum they are probabilities.

    Examples:
        >>> binomial(2, 0.5)
        (0, [0.5, 1.0, 0.5])
    """
    if rate >= 1:
        return trials, [1.0]
    odds = rate / (1 - rate)
    mode = min(int((trials + 1) * rate), trials)
    weight = 1.0
    above = []
    for count in range(mode + 1, trials + 1):
        weight *= (trials + 1 - count) * odds / count
        if weight < _NEGLIGIBLE:
            break
        above.append(weight)
    weight = 1.0
    below = []
    for count in range(mode, 0, -1):
        weight *= count / ((trials + 1 - count) * odds)
        if weight < _NEGLIGIBLE:
            break
        below.append(weight)
    return mode - len(below), [*reversed(below), 1.0, *above]


def at_least(successes: int, *, trials: int, rate: float) -> float:
    """Return the probability of at least so many successes, I_rate(m, trials - m + 1).

    Args:
        successes: m, at least 0.
        trials: At least 0.
        rate: Probability of success, a fraction in (0, 1].

    Examples:
        >>> at_least(2, trials=2, rate=0.5)
        0.25
    """
    mean = trials * rate
    if _is_plain(successes, mean):
        return 1.0 if successes < mean else 0.0
    first, weights = binomial(trials, rate)
    return sum(weights[max(successes - first, 0) :]) / sum(weights)


def fewer(successes: int, *, trials: int, rate: float) -> tuple[float, float]:
    """Return the probability of fewer successes than so many, and that of exactly so many.

    Each to some ten digits, down to 1e-12.

    Args:
        successes: m, at least 0.
        trials: At least 0.
        rate: Probability of success, a fraction in (0, 1].

    Examples:
        >>> fewer(1, trials=2, rate=0.5)
        (0.25, 0.5)
    """
    mean = trials * rate
    if _is_plain(successes, mean):
        return (0.0 if successes < mean else 1.0), 0.0
    first, weights = binomial(trials, rate)
    whole, place = sum(weights), successes - first
    just = weights[place] if 0 <= place < len(weights) else 0.0
    return sum(weights[: max(place, 0)]) / whole, just / whole


def _is_plain(successes: int, mean: float) -> bool:
    """Return whether so many successes are certain or impossible, by Chernoff's bounds."""
    return (successes - mean) ** 2 > _CERTAIN * (successes + mean)
