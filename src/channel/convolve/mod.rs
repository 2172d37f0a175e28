//! Waveforms through linear systems: polyphase planes, direct and by Fourier transform, sampled at a phase.
