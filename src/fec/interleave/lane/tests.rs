use super::super::super::KP4;
use super::*;
use crate::pattern::bits_to_symbols;
use ndarray::Array2;
use proptest::prelude::*;

/// The words of a group bit by bit, as told in prose: lanes filled with symbols, lanes read in turn.
fn reference(words: &Array2<u16>, path: &Path) -> Vec<u8> {
    let n = words.ncols();
    let (lanes, whole) = match path.multiplex {
        Multiplex::Symbol => (1, true),
        Multiplex::Bit { lanes } | Multiplex::BitInStep { lanes } => (lanes, false),
    };
    let rows = path.interleave * n / lanes;
    let mut next = vec![0; path.interleave];
    let mut bits = Vec::new();
    for r in 0..rows {
        let row: Vec<u16> = (0..lanes)
            .map(|l| {
                let word = match path.multiplex {
                    Multiplex::Bit { .. } => r + l,
                    _ => r,
                } % path.interleave;
                next[word] += 1;
                words[(word, next[word] - 1)]
            })
            .collect();
        if whole {
            bits.extend((0..10).map(|b| ((row[0] >> b) & 1) as u8));
        } else {
            for b in 0..10 {
                bits.extend(row.iter().map(|s| ((s >> b) & 1) as u8));
            }
        }
    }
    let mut symbols = vec![0; bits.len() / 2];
    bits_to_symbols(&bits, &mut symbols).unwrap();
    if path.precoding {
        let mut last = 0;
        for s in &mut symbols {
            *s = (*s + 4 - last) % 4;
            last = *s;
        }
    }
    symbols
}

fn any_path() -> impl Strategy<Value = Path> {
    (1usize..7, 0usize..3, 1usize..9, any::<bool>()).prop_map(|(interleave, which, half, p)| {
        let lanes = 2 * half;
        Path {
            interleave,
            multiplex: [
                Multiplex::Symbol,
                Multiplex::Bit { lanes },
                Multiplex::BitInStep { lanes },
            ][which],
            precoding: p,
        }
    })
}

fn code_of(n: usize) -> RsCode {
    RsCode {
        n,
        k: n - 2,
        t: 1,
        ..KP4
    }
}

proptest! {
    #[test]
    fn groups_survive_and_agree_with_the_prose(
        path in any_path(),
        blocks in 1usize..4,
        seed: u64,
    ) {
        let n = blocks * path.multiplex.lanes() * 3;
        let plan = LanePlan::new(&code_of(n), &path).unwrap();
        let random = crate::random::Philox::new(seed, 1);
        let mut draws = vec![0.0; path.interleave * n];
        random.fill_uniform(0, &mut draws);
        let words = Array2::from_shape_vec(
            (path.interleave, n),
            draws.iter().map(|u| (u * 1024.0) as u16).collect(),
        ).unwrap();
        let mut symbols = vec![9; plan.pam4_symbols()];
        plan.send(&mut PrecodeEncoder::default(), words.view(), &mut symbols).unwrap();
        prop_assert_eq!(&symbols, &reference(&words, &path));
        let mut back = Array2::zeros(words.raw_dim());
        let mut line = symbols.clone();
        plan.receive(&mut PrecodeDecoder::default(), &mut line, back.view_mut()).unwrap();
        prop_assert_eq!(&back, &words);
        // The index map names the bits that a flipped bit of the data behind the precoder changes.
        let at = (seed % plan.pam4_symbols() as u64) as usize;
        for (which, place) in plan.source(at).into_iter().enumerate() {
            // In level order 00 01 11 10: the other half for the first bit, the neighbour in the half for the second.
            line[at] ^= [3, 1][which];
            let bare = LanePlan::new(&code_of(n), &Path { precoding: false, ..path }).unwrap();
            bare.receive(&mut PrecodeDecoder::default(), &mut line.clone(), back.view_mut()).unwrap();
            back[(place.word, place.symbol)] ^= 1 << place.bit;
            prop_assert_eq!(&back, &words);
            line[at] ^= [3, 1][which];
        }
    }
}

#[test]
fn groups_follow_one_another_through_the_precoder() {
    let path = Path {
        interleave: 2,
        precoding: true,
        ..Path::default()
    };
    let plan = LanePlan::new(&KP4, &path).unwrap();
    let words = Array2::from_shape_fn((2, KP4.n), |(w, i)| ((w * 371 + i * 97) % 1024) as u16);
    let (mut sender, mut receiver) = (PrecodeEncoder::default(), PrecodeDecoder::default());
    for _ in 0..3 {
        let mut symbols = vec![0; plan.pam4_symbols()];
        plan.send(&mut sender, words.view(), &mut symbols).unwrap();
        let mut back = Array2::zeros((2, KP4.n));
        plan.receive(&mut receiver, &mut symbols, back.view_mut())
            .unwrap();
        assert_eq!(back, words);
    }
}

#[test]
fn mistakes_are_named_and_leave_everything_alone() {
    let text = |multiplex, interleave| {
        let path = Path {
            interleave,
            multiplex,
            ..Path::default()
        };
        LanePlan::new(&KP4, &path).unwrap_err().to_string()
    };
    assert!(text(Multiplex::Bit { lanes: 3 }, 2).contains("even number"));
    assert!(text(Multiplex::Bit { lanes: 6 }, 2).contains("a multiple of the lanes"));
    assert!(text(Multiplex::Symbol, 0).contains("interleave"));
    let path = Path {
        interleave: 2,
        ..Path::default()
    };
    assert!(
        LanePlan::new(
            &RsCode {
                symbol_bits: 8,
                ..KP4
            },
            &path
        )
        .is_err()
    );
    let plan = LanePlan::new(&KP4, &path).unwrap();
    let mut words = Array2::<u16>::zeros((2, KP4.n));
    words[(1, 7)] = 1024;
    let mut symbols = vec![7; plan.pam4_symbols()];
    let mut sender = PrecodeEncoder::default();
    let e = plan
        .send(&mut sender, words.view(), &mut symbols)
        .unwrap_err();
    assert_eq!(
        e.to_string(),
        "words[1][7] is 1024, must lie between 0 and 1023"
    );
    assert!(plan.send(&mut sender, words.t(), &mut symbols).is_err());
    assert!(
        plan.send(&mut sender, words.view(), &mut symbols[1..])
            .is_err()
    );
    let mut receiver = PrecodeDecoder::default();
    let before = words.clone();
    let e = plan
        .receive(&mut receiver, &mut symbols, words.view_mut())
        .unwrap_err();
    assert_eq!(e.to_string(), "symbols[0] is 7, must lie between 0 and 3");
    assert!(symbols.iter().all(|&s| s == 7));
    assert_eq!(words, before);
}

/// `cargo test --release -- --ignored --nocapture speed_of_lanes` on a quiet machine.
#[test]
#[ignore = "measures time"]
fn speed_of_lanes() {
    for (multiplex, precoding) in [
        (Multiplex::Symbol, false),
        (Multiplex::Symbol, true),
        (Multiplex::Bit { lanes: 2 }, false),
        (Multiplex::Bit { lanes: 4 }, false),
    ] {
        let path = Path {
            interleave: 4,
            multiplex,
            precoding,
        };
        let plan = LanePlan::new(&KP4, &path).unwrap();
        let mut words = Array2::from_shape_fn((4, KP4.n), |(w, i)| (w * 200 + i) as u16 % 1024);
        let mut symbols = vec![0; plan.pam4_symbols()];
        let mut sender = PrecodeEncoder::default();
        let mut receiver = PrecodeDecoder::default();
        let mut seconds = [0.0; 2];
        for _ in 0..2000 {
            let start = std::time::Instant::now();
            plan.send(
                &mut sender,
                std::hint::black_box(words.view()),
                &mut symbols,
            )
            .unwrap();
            seconds[0] += start.elapsed().as_secs_f64();
            let start = std::time::Instant::now();
            plan.receive(
                &mut receiver,
                std::hint::black_box(&mut symbols),
                words.view_mut(),
            )
            .unwrap();
            seconds[1] += start.elapsed().as_secs_f64();
        }
        let gbps = seconds.map(|s| 2000.0 * 10.0 * (4 * KP4.n) as f64 / s * 1e-9);
        println!(
            "{multiplex:?}, precoding {precoding}: send {:.2}, receive {:.2} Gb/s",
            gbps[0], gbps[1]
        );
        assert!(gbps[0] > 0.3 && gbps[1] > 0.3);
    }
}
