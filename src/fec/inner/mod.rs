//! The inner code of 200G lanes: pair sums and an extended Hamming code (68, 60).
