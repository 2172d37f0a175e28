//! Rows of the Reed-Solomon codes and of the rival.

use std::hint::black_box;

use ndarray::{Array2, s};
use pamlink::fec::RsCode;
use pamlink::fec::rs::{self, BitOrder, ReedSolomon, Report};
use rxing::common::reedsolomon::{GenericGF, ReedSolomonDecoder};

use crate::words::{Errors, Words, codewords};
use crate::{BATCH, Row};

/// Words that single-word decoders and the rival take in turn.
const SINGLES: usize = 32;

/// The field of the rival: polynomial, size, exponent of the first root.
static FIELD: GenericGF = GenericGF::new(0x409, 1024, 0);

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

pub(crate) fn batch<'a>(plan: &ReedSolomon, words: usize, errors: Errors) -> Row<'a> {
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
pub(crate) fn packed<'a>(plan: &ReedSolomon, errors: Errors) -> Row<'a> {
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
pub(crate) fn single<'a>(plan: &ReedSolomon, errors: Errors) -> Row<'a> {
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

pub(crate) fn rival<'a>(code: RsCode, errors: Errors) -> Row<'a> {
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

pub(crate) fn encoder<'a>(plan: &ReedSolomon) -> [Row<'a>; 2] {
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
