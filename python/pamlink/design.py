"""Equalizer taps from a pulse response."""

from ._pamlink import Design, mmse

__all__ = ["Design", "mmse"]
