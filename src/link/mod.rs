//! Links: configuration, architectures, the statistical and the time-domain engine, comparison.
