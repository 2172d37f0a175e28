//! Where the symbols of codewords travel: interleaving, lanes, multiplexing.
