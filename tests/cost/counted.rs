//! A number that counts what is done with it.

use std::cell::Cell;
use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use pamlink::equalizer::adapt::reference::Number;
use pamlink::ops::Ops;

thread_local! {
    static COUNT: Cell<[f64; 3]> = const { Cell::new([0.0; 3]) };
}

fn count(kind: usize) {
    COUNT.with(|cell| {
        let mut counts = cell.get();
        counts[kind] += 1.0;
        cell.set(counts);
    });
}

/// A number that counts its products, sums and comparisons.
#[derive(Clone, Copy, Default)]
pub(super) struct Counted(pub(super) f64);

impl Mul for Counted {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        count(0);
        Self(self.0 * other.0)
    }
}

impl Add for Counted {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        count(1);
        Self(self.0 + other.0)
    }
}

impl Sub for Counted {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        count(1);
        Self(self.0 - other.0)
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        count(2);
        self.0.partial_cmp(&other.0)
    }
}

impl Number for Counted {
    fn constant(x: f32) -> Self {
        Self(x.into())
    }
    fn at_least(self, other: Self) -> bool {
        self >= other
    }
}

/// Operations per symbol of `step`, run on `symbols` symbols.
pub(super) fn per_symbol(symbols: usize, mut step: impl FnMut(usize)) -> [f64; 3] {
    COUNT.with(|cell| cell.set([0.0; 3]));
    (0..symbols).for_each(&mut step);
    COUNT.with(|cell| cell.get().map(|n| n / symbols as f64))
}

/// Operations of a whole run.
pub(super) fn total(run: impl FnOnce()) -> [f64; 3] {
    COUNT.with(|cell| cell.set([0.0; 3]));
    run();
    COUNT.with(Cell::get)
}

pub(super) fn declared(ops: &Ops) -> [f64; 3] {
    [ops.multiplications(), ops.additions(), ops.comparisons()]
}
