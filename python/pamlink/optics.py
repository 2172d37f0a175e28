"""Optical modulators: drive voltage to optical power.

Static and large-signal: bandwidth belongs to the linear stages around them. Drives are in V around
the bias, powers in W.
"""

from ._pamlink import Eml, Mzm

__all__ = ["Eml", "Mzm"]
