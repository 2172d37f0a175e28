"""From a pulse response to decided symbols, and a verdict on whole links."""

import numpy as np

import pamlink

rng = np.random.default_rng(1)
levels = np.array([-3, -1, 1, 3], dtype=np.float32)
pulse = np.array([0.08, 1.0, 0.45, 0.15, 0.05])
sigma = 0.12

# What is sent, and what arrives: four lanes of the same pattern with their own noise.
sent = np.tile(pamlink.pattern.prbs13q(2 * 8191), (4, 1))
clean = np.array([np.convolve(levels[lane], pulse) for lane in sent])
arrived = (clean + rng.normal(0, sigma, clean.shape)).astype(np.float32)

# The equalizer of least mean square error, its feedback tap limited as receivers limit it.
design = pamlink.design.mmse(
    pulse, ffe_taps=9, precursors=3, dfe_taps=1, noise_sigma=sigma, dfe_limits=0.5
)
ffe = pamlink.Ffe(design.ffe, precursors=design.precursors)
dfe = pamlink.Dfe(design.dfe)

# The main cursor is one symbol late: drop what comes before.
x = np.ascontiguousarray(arrived[:, 1 : 1 + sent.shape[1]])
symbols, y = dfe.apply_soft(ffe.apply(x))
error = y - levels[sent]
snr_db = 10 * np.log10(levels.var() / np.mean(error[symbols == sent] ** 2))
print(f"slicer SNR {design.snr_db:.2f} dB designed, {snr_db:.2f} dB found")
print(f"symbol errors {np.count_nonzero(symbols != sent)} of {sent.size}")

# The same stream in blocks: `process` keeps the state, the output lags by the precursors.
blocks = [ffe.process(block) for block in np.array_split(x[0], 5)]
assert np.array_equal(np.concatenate([*blocks, ffe.flush()])[design.precursors :], ffe.apply(x[0]))

# Whole links.
answer = pamlink.compare(lane_rate="100G", architecture=["lpo", "cpo"])
for cell in answer.to_dict()["cells"]:
    print(
        f"{cell['lane_rate']} {cell['architecture']}: "
        f"{'closes' if cell['closes'] else 'fails'}, margin {cell['margin_db']:.2f} dB, "
        f"{cell['pj_per_bit']['nominal']:.1f} pJ/bit"
    )
