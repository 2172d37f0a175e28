"""Signal-processing kernels, link analysis and energy model for PAM4 links.

NumPy in, NumPy out. Streams are strict: ``float32`` samples, contiguous, ``[n]`` or
``[lane, n]``. Settings are lenient: any array-like. Every ``apply`` takes ``out=`` and releases
the GIL.

Symbols are ``uint8`` 0..3 in level order; taps of a feed-forward equalizer start with the one on
the latest sample, feedback taps with the one on the decision before.

Examples
--------
>>> symbols = pamlink.pattern.prbs13q(1000)
>>> levels = np.array([-3, -1, 1, 3], dtype=np.float32)
>>> x = np.convolve(levels[symbols], [1.0, 0.4])[:1000].astype(np.float32)
>>> bool(np.all(pamlink.Dfe([0.4]).apply(x) == symbols))
True
"""

from . import cdr, design, fec, frontend, optics, pattern
from ._pamlink import (
    ChannelError,
    Comparison,
    ConfigError,
    Dfe,
    Ffe,
    Mlse,
    ParseError,
    ShapeError,
    Simulation,
    SingularError,
    __version__,
    compare,
    simd_level,
    simulate,
)

__all__ = [
    "ChannelError",
    "Comparison",
    "ConfigError",
    "Dfe",
    "Ffe",
    "Mlse",
    "ParseError",
    "ShapeError",
    "Simulation",
    "SingularError",
    "__version__",
    "cdr",
    "compare",
    "design",
    "fec",
    "frontend",
    "optics",
    "pattern",
    "simd_level",
    "simulate",
]
