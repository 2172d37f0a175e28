"""Front ends: the converter of a receiver."""

from ._pamlink import Adc

__all__ = ["Adc"]
