//! Random numbers at every level: a 16 Ki-sample block that stays in the cache.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pamlink::Level;
use pamlink::random::{Gauss, Philox};

const N: usize = 1 << 14;

fn words(c: &mut Criterion) {
    let mut group = c.benchmark_group("philox words");
    group.throughput(Throughput::Elements(N as u64));
    for level in Level::all() {
        let random = Philox::new(0, 0).with_level(level);
        let mut out = vec![0; N];
        random.fill_u32(0, &mut out);
        // The known answer for counter 0 and key 0 (Random123).
        assert_eq!([out[0], out[16]], [0x6627_e8d5, 0xe169_c58d]);
        group.bench_function(level.name(), |b| {
            b.iter(|| random.fill_u32(black_box(0), black_box(&mut out)));
        });
    }
    group.finish();
}

fn symbols(c: &mut Criterion) {
    let mut group = c.benchmark_group("pam4 symbols");
    group.throughput(Throughput::Elements(N as u64));
    for level in Level::all() {
        let random = Philox::new(0, 0).with_level(level);
        let mut out = vec![0; N];
        random.fill_symbols(0, &mut out);
        // The low bits of the four bytes of 0x6627e8d5.
        assert_eq!(out[..4], [1, 0, 3, 2]);
        group.bench_function(level.name(), |b| {
            b.iter(|| random.fill_symbols(black_box(0), black_box(&mut out)));
        });
    }
    group.finish();
}

fn gauss(c: &mut Criterion) {
    for (name, add) in [("gauss fill", false), ("gauss add_scaled", true)] {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(N as u64));
        for level in Level::all() {
            let noise = Gauss::new(1, 0).with_level(level);
            let mut out = vec![0.0; N];
            noise.fill(0, &mut out);
            let power = out.iter().map(|z| z * z).sum::<f32>() / N as f32;
            // Five standard errors: 5 sqrt(2 / N).
            assert!((power - 1.0).abs() < 0.056, "{power}");
            group.bench_function(level.name(), |b| {
                b.iter(|| {
                    if add {
                        noise.add_scaled(black_box(0), black_box(1e-3), black_box(&mut out));
                    } else {
                        noise.fill(black_box(0), black_box(&mut out));
                    }
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, words, symbols, gauss);
criterion_main!(benches);
