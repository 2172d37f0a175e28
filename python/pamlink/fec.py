"""Forward error correction: codecs of the Ethernet codes, and what they leave of an error rate.

Symbols of KP4 and KR4 are ``uint16`` 0..1023, bits of the inner code ``uint8`` 0 or 1, in the order
they are sent. Arrays are strict and contiguous; any number of leading dimensions counts words.
"""

from ._pamlink import (
    Inner,
    ReedSolomon,
    ber_limit,
    cer_burst,
    cer_from_flr,
    cer_iid,
    flr,
    iep_limit,
)

__all__ = [
    "Inner",
    "ReedSolomon",
    "ber_limit",
    "cer_burst",
    "cer_from_flr",
    "cer_iid",
    "flr",
    "iep_limit",
    "inner",
    "kp4",
    "kr4",
]


def kp4(*, level=None):
    """Make the codec of KP4, RS(544, 514).

    Parameters
    ----------
    level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
        Instructions to run with, if the machine has them; its best by default.

    Returns
    -------
    ReedSolomon
        Encoder and decoder; corrects 15 symbols of 544.

    Examples
    --------
    >>> pamlink.fec.kp4()
    ReedSolomon("kp4": n=544, k=514, t=15)
    """
    return ReedSolomon("kp4", level=level)


def kr4(*, level=None):
    """Make the codec of KR4, RS(528, 514).

    Parameters
    ----------
    level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
        Instructions to run with, if the machine has them; its best by default.

    Returns
    -------
    ReedSolomon
        Encoder and decoder; corrects 7 symbols of 528.

    Examples
    --------
    >>> pamlink.fec.kr4()
    ReedSolomon("kr4": n=528, k=514, t=7)
    """
    return ReedSolomon("kr4", level=level)


def inner(*, positions=6, patterns=42, bits=8, full_scale=12.0, level=None):
    """Make the codec of the inner code of 200G lanes.

    Parameters
    ----------
    positions : int
        Least reliable positions that are tried, at most 6.
    patterns : int
        Test patterns of these positions; usual are 2/4, 3/8, 4/16, 5/32, 6/42, 6/64.
    bits : int or None
        Bits to which ratios are rounded, 5 to 8; None takes them as they are.
    full_scale : float
        The magnitude of a ratio that the greatest integer stands for.
    level : {"baseline", "avx2", "avx512", "avx512icl"}, optional
        Instructions to run with, if the machine has them; its best by default.

    Returns
    -------
    Inner
        Encoder and soft decoder.

    Examples
    --------
    >>> pamlink.fec.inner(positions=3, patterns=8)
    Inner(positions=3, patterns=8, bits=8)
    """
    return Inner(
        positions=positions, patterns=patterns, bits=bits, full_scale=full_scale, level=level
    )
