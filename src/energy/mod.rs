//! Joules from declared operations: prices per technology, modules, hosts, intervals.
