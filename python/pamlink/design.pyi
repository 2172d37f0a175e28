from typing import SupportsFloat, SupportsIndex, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Design", "mmse"]

@final
class Design:
    @property
    def ffe(self) -> NDArray[np.float64]: ...
    @property
    def dfe(self) -> NDArray[np.float64]: ...
    @property
    def precursors(self) -> int: ...
    @property
    def snr(self) -> float: ...
    @property
    def snr_db(self) -> float: ...
    @property
    def isi_variance(self) -> float: ...
    @property
    def noise_variance(self) -> float: ...
    @property
    def cursor(self) -> float: ...

def mmse(
    pulse: ArrayLike,
    *,
    ffe_taps: SupportsIndex,
    precursors: SupportsIndex = 0,
    dfe_taps: SupportsIndex = 0,
    noise_sigma: SupportsFloat | None = None,
    noise_autocorrelation: ArrayLike | None = None,
    cursor: SupportsIndex | None = None,
    dfe_limits: ArrayLike | None = None,
    ffe_limits: ArrayLike | None = None,
    levels: ArrayLike = (-3, -1, 1, 3),
) -> Design: ...
