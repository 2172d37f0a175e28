//! Reed-Solomon decoders and encoder, and the inner decoder, by SIMD level; the crate `rxing` takes turns with
//! them. Every answer is asserted before it is timed. Rates are information bits per second of one core.
//!
//! Words are decoded in place: before each call the same errors (fixed by seed) are added to the
//! words that the call before has corrected, at most 15 additions a word. Words beyond reach stay as they are.

mod common;

use std::hint::black_box;

use common::{Candidate, Timing, interleaved};
use ndarray::{Array2, s};
use pamlink::Level;
use pamlink::fec::inner::{self, InnerConfig, InnerDecoder};
use pamlink::fec::rs::{self, BitOrder, ReedSolomon, Report};
use pamlink::fec::{KP4, KR4, RsCode};
use pamlink::pam4;
use pamlink::random::{Gauss, Philox};
use rxing::common::reedsolomon::{GenericGF, ReedSolomonDecoder};

const BATCH: usize = 512;
/// Words that single-word decoders and the rival take in turn.
const SINGLES: usize = 32;
const BLOCKS: usize = 2048;

/// The field of the rival: polynomial, size, exponent of the first root.
static FIELD: GenericGF = GenericGF::new(0x409, 1024, 0);

/// Symbol errors of words.
#[derive(Clone, Copy)]
enum Errors {
    /// So many in every word.
    Each(usize),
    /// Independent bit errors of this ratio.
    BitRatio(f64),
}

impl Errors {
    fn name(self) -> String {
        match self {
            Self::Each(0) => "clean".into(),
            Self::Each(1) => "1 error".into(),
            Self::Each(n) => format!("{n} errors"),
            Self::BitRatio(ber) => format!("BER {ber:.1e}"),
        }
    }

    /// Word, symbol and what is added there.
    fn list(self, code: RsCode, words: usize) -> Vec<(usize, usize, u16)> {
        let random = Philox::new(4, code.n as u64);
        let mut draws = (0u64..).map(|i| random.uniform(i));
        let mut draw = move || draws.next().unwrap_or(0.0);
        let mut list = Vec::new();
        for w in 0..words {
            match self {
                Self::Each(count) => {
                    let mut places = Vec::new();
                    while places.len() < count {
                        let place = (draw() * code.n as f64) as usize;
                        if !places.contains(&place) {
                            places.push(place);
                            list.push((w, place, 1 + (draw() * 1023.0) as u16));
                        }
                    }
                }
                Self::BitRatio(ber) => {
                    for place in 0..code.n {
                        let value = (0..10).fold(0, |v, b| v | u16::from(draw() < ber) << b);
                        if value != 0 {
                            list.push((w, place, value));
                        }
                    }
                }
            }
        }
        list
    }
}

/// Random codewords.
fn codewords(code: RsCode, words: usize) -> Array2<u16> {
    let random = Philox::new(3, code.n as u64);
    let messages = Array2::from_shape_fn((words, code.k), |(w, i)| {
        (random.uniform((w * code.k + i) as u64) * 1024.0) as u16
    });
    let mut sent = Array2::zeros((words, code.n));
    ReedSolomon::new(code)
        .and_then(|plan| plan.encode_batch(messages.view(), sent.view_mut()))
        .expect("shapes");
    sent
}

/// One row of the table.
struct Row<'a> {
    work: Candidate<'a>,
    /// Information bits of a call.
    bits: usize,
    /// Calls count so many words one by one, whose time is told.
    latency: Option<usize>,
    /// The row of the rival, and libfec's rate in Gb/s or time of a word in us.
    against: &'static str,
    quoted: Option<f64>,
}

/// libfec, `decode_rs_int`, on the machine of `fec.md` 1.1 and 1.2, in Gb/s.
fn libfec(code: RsCode, errors: Errors) -> Option<f64> {
    match (code.name, errors) {
        ("kp4", Errors::Each(0)) => Some(0.302),
        ("kp4", Errors::Each(1)) => Some(0.273),
        ("kp4", Errors::BitRatio(_)) => Some(0.27),
        ("kp4", Errors::Each(15)) => Some(0.146),
        ("kp4", Errors::Each(16)) => Some(0.160),
        ("kr4", Errors::Each(0)) => Some(0.655),
        ("kr4", Errors::Each(7)) => Some(0.351),
        ("kr4", Errors::Each(8)) => Some(0.345),
        _ => None,
    }
}

fn rival_name(code: RsCode, errors: Errors) -> &'static str {
    match (code.name, errors) {
        ("kp4", Errors::Each(0)) => "rxing kp4, clean",
        ("kp4", Errors::Each(1)) => "rxing kp4, 1 error",
        ("kp4", Errors::Each(15)) => "rxing kp4, 15 errors",
        ("kp4", Errors::Each(16)) => "rxing kp4, 16 errors",
        ("kp4", Errors::BitRatio(_)) => "rxing kp4, BER 2.4e-4",
        ("kr4", Errors::Each(0)) => "rxing kr4, clean",
        ("kr4", Errors::Each(7)) => "rxing kr4, 7 errors",
        ("kr4", Errors::Each(8)) => "rxing kr4, 8 errors",
        _ => "",
    }
}

/// Words in place that get their errors anew.
struct Words {
    words: Array2<u16>,
    again: Vec<(usize, usize, u16)>,
}

impl Words {
    /// Words beyond reach have their errors already.
    fn new(code: RsCode, words: usize, errors: Errors) -> Self {
        let mut words = codewords(code, words);
        let mut again = errors.list(code, words.nrows());
        if matches!(errors, Errors::Each(n) if n > code.t) {
            for &(w, i, value) in &again {
                words[[w, i]] ^= value;
            }
            again.clear();
        }
        Self { words, again }
    }

    fn spoil(&mut self) {
        for &(w, i, value) in &self.again {
            self.words[[w, i]] ^= value;
        }
    }
}

fn row<'a>(
    name: String,
    bits: usize,
    code: RsCode,
    errors: Errors,
    work: impl FnMut() + 'a,
) -> Row<'a> {
    Row {
        work: (name, Box::new(work)),
        bits,
        latency: None,
        against: rival_name(code, errors),
        quoted: libfec(code, errors),
    }
}

fn beyond(code: RsCode, errors: Errors) -> bool {
    matches!(errors, Errors::Each(n) if n > code.t)
}

fn batch<'a>(plan: &ReedSolomon, words: usize, errors: Errors) -> Row<'a> {
    let (plan, code) = (plan.clone(), plan.code());
    let mut all = Words::new(code, words, errors);
    let answer = all.words.clone();
    let (mut work, mut report) = (plan.workspace(), Report::new());
    let mut decode = move |all: &mut Words| {
        all.spoil();
        plan.decode_batch(&mut work, black_box(all.words.view_mut()), &mut report)
            .expect("shapes");
        report.uncorrectable()
    };
    let refused = if beyond(code, errors) { words } else { 0 };
    assert_eq!((decode(&mut all), &all.words), (refused, &answer));
    let name = format!("{} batch {words}, {}", code.name, errors.name());
    row(name, words * code.k * 10, code, errors, move || {
        black_box(decode(&mut all));
    })
}

/// Words as packed bytes, errors added there.
fn packed<'a>(plan: &ReedSolomon, errors: Errors) -> Row<'a> {
    let (plan, code) = (plan.clone(), plan.code());
    let sent = codewords(code, BATCH);
    let pack = |symbols: &[u16]| {
        let mut bytes = vec![0; rs::packed_bytes(code.n)];
        rs::pack_symbols(symbols, BitOrder::LsbFirst, &mut bytes).expect("lengths");
        bytes
    };
    let rows: Vec<u8> = sent
        .rows()
        .into_iter()
        .flat_map(|r| pack(&r.to_vec()))
        .collect();
    let shape = (BATCH, rs::packed_bytes(code.n));
    let answer = Array2::from_shape_vec(shape, rows).expect("a shape");
    let mut again = Vec::new();
    for (w, i, value) in errors.list(code, BATCH) {
        let mut symbols = vec![0; code.n];
        symbols[i] = value;
        let bytes = pack(&symbols).into_iter().enumerate();
        again.extend(bytes.filter(|b| b.1 != 0).map(|(i, b)| (w, i, b)));
    }
    let (mut work, mut report) = (plan.workspace(), Report::new());
    let mut decode = move |words: &mut Array2<u8>| {
        for &(w, i, value) in &again {
            words[[w, i]] ^= value;
        }
        plan.decode_packed(
            &mut work,
            BitOrder::LsbFirst,
            black_box(words.view_mut()),
            &mut report,
        )
        .expect("shapes");
    };
    let mut words = answer.clone();
    decode(&mut words);
    assert_eq!(words, answer);
    let name = format!("{} packed batch {BATCH}, {}", code.name, errors.name());
    row(name, BATCH * code.k * 10, code, errors, move || {
        decode(&mut words);
    })
}

/// One word after the other.
fn single<'a>(plan: &ReedSolomon, errors: Errors) -> Row<'a> {
    let (plan, code) = (plan.clone(), plan.code());
    let mut all = Words::new(code, SINGLES, errors);
    let answer = all.words.clone();
    let decode = move |all: &mut Words| {
        all.spoil();
        let words = all.words.as_slice_mut().expect("an array of its own");
        let mut refused = 0;
        for word in words.chunks_exact_mut(code.n) {
            let decoded = plan.decode(black_box(word)).expect("a word");
            refused += usize::from(!decoded.outcome.is_decoded());
        }
        refused
    };
    let refused = if beyond(code, errors) { SINGLES } else { 0 };
    assert_eq!((decode(&mut all), &all.words), (refused, &answer));
    let name = format!("{} single, {}", code.name, errors.name());
    let work = move || {
        black_box(decode(&mut all));
    };
    Row {
        latency: Some(SINGLES),
        ..row(name, SINGLES * code.k * 10, code, errors, work)
    }
}

fn rival<'a>(code: RsCode, errors: Errors) -> Row<'a> {
    let mut all = Words::new(code, SINGLES, errors);
    let answer = all.words.clone();
    let decoder = ReedSolomonDecoder::new(&FIELD);
    let roots = 2 * code.t as i32;
    let decode = move |all: &mut Words| {
        all.spoil();
        let words = all.words.as_slice_mut().expect("an array of its own");
        let all = words.chunks_exact_mut(code.n);
        all.filter_map(|word| decoder.decode(black_box(word), roots).err())
            .count()
    };
    let refused = if beyond(code, errors) { SINGLES } else { 0 };
    assert_eq!((decode(&mut all), &all.words), (refused, &answer));
    let name = format!("rxing {}, {}", code.name, errors.name());
    let work = move || {
        black_box(decode(&mut all));
    };
    Row {
        latency: Some(SINGLES),
        against: "",
        ..row(name, SINGLES * code.k * 10, code, errors, work)
    }
}

fn encoder<'a>(plan: &ReedSolomon) -> [Row<'a>; 2] {
    let code = plan.code();
    let sent = codewords(code, BATCH);
    let messages = sent.slice(s![.., ..code.k]).to_owned();
    let mut words = Array2::zeros(sent.dim());
    let mut word = vec![0; code.n];
    plan.encode_batch(messages.view(), words.view_mut())
        .expect("shapes");
    assert_eq!(words, sent);
    let first = messages.row(0).to_vec();
    plan.encode(&first, &mut word).expect("lengths");
    assert_eq!(word, sent.row(0).to_vec());
    let (one, many) = (plan.clone(), plan.clone());
    let no_peer = Errors::Each(usize::MAX);
    let name = |what: &str| format!("{} encoder, {what}", code.name);
    let batch = row(
        name(&format!("batch {BATCH}")),
        BATCH * code.k * 10,
        code,
        no_peer,
        move || {
            many.encode_batch(black_box(messages.view()), words.view_mut())
                .expect("shapes");
            black_box(&words);
        },
    );
    let single = row(name("single"), code.k * 10, code, no_peer, move || {
        one.encode(black_box(&first), &mut word).expect("lengths");
        black_box(&word);
    });
    let latency = Some(1);
    [batch, Row { latency, ..single }]
}

/// Blocks of the inner code as they arrive.
struct Blocks {
    sent: Vec<u8>,
    samples: Vec<f32>,
    llr: Vec<f32>,
    integers: Vec<i8>,
}

/// PAM4 with Gaussian noise at a bit error ratio of 4.8e-3; of `dirty` blocks those with a syndrome.
fn blocks(dirty: bool) -> Blocks {
    // Distance from the threshold over sigma: `fec.md` 4.4.
    let sigma = 1.0 / 2.489;
    let mut all = Blocks {
        sent: Vec::new(),
        samples: Vec::new(),
        llr: Vec::new(),
        integers: Vec::new(),
    };
    let (random, noise) = (Philox::new(5, 0), Gauss::new(6, 0));
    for block in 0u64.. {
        let message: Vec<u8> = (0..120)
            .map(|i| u8::from(random.uniform(120 * block + i) < 0.5))
            .collect();
        let mut symbols = [0; inner::BLOCK_SYMBOLS];
        inner::encode_symbols(&message, &mut symbols).expect("lengths");
        let mut y = symbols.map(|s| pam4::LEVELS[usize::from(s)]);
        noise.add_scaled(64 * block, sigma, &mut y);
        // Distances of the two bits from the nearest threshold that flips them.
        let llr = y.map(|y| {
            let outer = y.abs() - 2.0;
            [-y - y.signum() * outer.max(0.0), outer]
        });
        let llr = llr.as_flattened();
        let hard = llr
            .iter()
            .rev()
            .fold(0u128, |b, &l| b << 1 | u128::from(l < 0.0));
        if dirty && inner::syndrome(hard) == 0 {
            continue;
        }
        all.sent.extend(message);
        all.samples.extend(y);
        all.llr.extend(llr);
        all.integers
            .extend(llr.iter().map(|l| (l * 127.0).round() as i8));
        if all.sent.len() == 120 * BLOCKS {
            break;
        }
    }
    all
}

fn inner<'a>(level: Level, dirty: bool) -> [Row<'a>; 3] {
    let Blocks {
        sent,
        samples,
        llr,
        integers,
    } = blocks(dirty);
    let config = InnerConfig {
        full_scale_llr: 1.0,
        ..InnerConfig::default()
    };
    let decoder = InnerDecoder::with_level(&config, level).expect("a configuration");
    let lowest = InnerDecoder::with_level(&config, Level::all()[0]).expect("a configuration");
    let mut out = vec![0; sent.len()];
    let mut expected = out.clone();
    // 2.44e-4 of all blocks, of the dirty ones 1 / 0.46 as much: 60 or 130 errors, six deviations.
    let most = if dirty { 200 } else { 106 };
    let mut hold = |decode: &dyn Fn(&InnerDecoder, &mut [u8])| {
        decode(&lowest, &mut expected);
        decode(&decoder, &mut out);
        assert_eq!(out, expected);
        let wrong = out.iter().zip(&sent).filter(|(a, b)| a != b).count();
        assert!((1..most).contains(&wrong), "{wrong} bit errors");
    };
    let by_integers = move |d: &InnerDecoder, out: &mut [u8]| {
        d.decode_integers(black_box(&integers), out, None)
            .expect("lengths");
    };
    let by_llr = move |d: &InnerDecoder, out: &mut [u8]| {
        d.decode_llr(black_box(&llr), out, None).expect("lengths");
    };
    let by_samples = move |d: &InnerDecoder, out: &mut [u8]| {
        d.decode_samples(black_box(&samples), out, None)
            .expect("lengths");
    };
    hold(&by_integers);
    hold(&by_llr);
    hold(&by_samples);
    let kind = if dirty { "all dirty" } else { "BER 4.8e-3" };
    let made = |from: &str, decode: Box<dyn Fn(&InnerDecoder, &mut [u8])>| {
        let (decoder, mut out) = (decoder.clone(), vec![0; 120 * BLOCKS]);
        let work = move || {
            decode(&decoder, &mut out);
            black_box(&out);
        };
        Row {
            work: (format!("inner 6/42 {from}, {kind}"), Box::new(work)),
            bits: 120 * BLOCKS,
            latency: None,
            against: "",
            quoted: None,
        }
    };
    [
        made("i8", Box::new(by_integers)),
        made("f32 ratios", Box::new(by_llr)),
        made("f32 samples", Box::new(by_samples)),
    ]
}

fn rows<'a>(level: Level) -> Vec<Row<'a>> {
    let plan = |code| ReedSolomon::with_level(code, level).expect("a code");
    let (kp4, kr4) = (plan(KP4), plan(KR4));
    let threshold = Errors::BitRatio(2.4e-4);
    let mut rows = Vec::new();
    for errors in [0, 1, 15, 16]
        .map(Errors::Each)
        .into_iter()
        .chain([threshold])
    {
        rows.push(batch(&kp4, BATCH, errors));
    }
    for errors in [Errors::Each(0), threshold] {
        rows.push(batch(&kp4, 2 * BATCH, errors));
        rows.push(packed(&kp4, errors));
    }
    for errors in [0, 7, 8] {
        rows.push(batch(&kr4, BATCH, Errors::Each(errors)));
    }
    for errors in [0, 1, 2, 3, 15, 16] {
        rows.push(single(&kp4, Errors::Each(errors)));
    }
    rows.extend(encoder(&kp4));
    rows.extend(inner(level, false));
    rows.extend(inner(level, true));
    rows
}

fn rivals<'a>() -> Vec<Row<'a>> {
    let kp4 = [0, 1, 15, 16].map(|n| (KP4, Errors::Each(n)));
    let kr4 = [0, 7, 8].map(|n| (KR4, Errors::Each(n)));
    let threshold = (KP4, Errors::BitRatio(2.4e-4));
    let all = kp4.into_iter().chain(kr4).chain([threshold]);
    all.map(|(code, errors)| rival(code, errors)).collect()
}

fn main() {
    let timed = !std::env::args().any(|a| a == "--test");
    for level in Level::all() {
        let mut all = rivals();
        let count = all.len();
        all.extend(rows(level));
        if !timed {
            continue;
        }
        let (mut work, told): (Vec<Candidate<'_>>, Vec<_>) = all
            .into_iter()
            .map(|r| (r.work, (r.bits, r.latency, r.against, r.quoted)))
            .unzip();
        let times = interleaved(&mut work, 7, 0.008);
        let rate = |i: usize, of: fn(&Timing) -> f64| told[i].0 as f64 / of(&times[i]) / 1e9;
        println!("\nForward error correction at {level}, information Gb/s (range)");
        for (i, (name, _)) in work.iter().enumerate() {
            let (_, latency, against, quoted) = told[i];
            let median = rate(i, |t| t.median_s);
            let mut line = format!(
                "  {name:<36} {median:8.3}  ({:.3}-{:.3})",
                rate(i, |t| t.high_s),
                rate(i, |t| t.low_s)
            );
            if let Some(words) = latency {
                line += &format!("  {:7.3} us", times[i].median_s / words as f64 * 1e6);
            }
            if let Some(rival) = work[..count].iter().position(|(n, _)| n == against) {
                line += &format!("  {:6.1} x rxing", median / rate(rival, |t| t.median_s));
            }
            if let Some(quoted) = quoted {
                line += &format!("  {:6.1} x libfec (quoted: {quoted})", median / quoted);
            }
            println!("{line}");
        }
    }
}
