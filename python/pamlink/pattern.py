"""Test patterns: what is sent.

Symbols are ``uint8`` 0..3 in level order, bits ``uint8`` 0 or 1.
"""

from ._pamlink import prbs, prbs13q, prbs31q, ssprq

__all__ = ["prbs", "prbs13q", "prbs31q", "ssprq"]
