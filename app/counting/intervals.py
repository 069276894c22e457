"""How far a share that was found in a sample may be from the true one."""

import math

Z = 1.959963984540054
"""Quantile of the normal distribution that 97.5 % lie below: an interval of 95 %."""


def wilson_interval(right: int, count: int, z: float = Z) -> tuple[float, float]:
    """Return the interval that holds the true accuracy in 95 % of such tests, if its images are drawn at random.

    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), with p = right/n and n = count. Unlike p ± z √(p(1 − p)/n) it
    stays within 0…1, and does not shrink to nothing where all images are right.
    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference.

    >>> [round(end, 4) for end in wilson_interval(9, 10)]
    [0.5958, 0.9821]
    """
    share = right / count
    middle = share + z * z / (2 * count)
    reach = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)
