"""Clock and data recovery: sampling phases from samples and decisions."""

from ._pamlink import Cdr

__all__ = ["Cdr"]
