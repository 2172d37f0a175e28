//! Inputs and configurations that cannot be used.

use super::*;
use crate::signal::Llr;

fn text(config: &InnerConfig) -> String {
    InnerDecoder::new(config).unwrap_err().to_string()
}

#[test]
fn configurations_are_checked() {
    let base = InnerConfig::default();
    let with = |change: &dyn Fn(&mut InnerConfig)| {
        let mut config = base.clone();
        change(&mut config);
        text(&config)
    };
    assert_eq!(
        with(&|c| c.positions = 7),
        "positions is 7, must lie between 0 and 6"
    );
    assert_eq!(
        with(&|c| c.patterns = 43),
        "patterns is 43, must be one of 1, 7, 22, 42, 57, 63, 64 for 6 positions"
    );
    assert_eq!(
        with(&|c| c.bits = Some(4)),
        "bits is 4, must lie between 5 and 8"
    );
    assert_eq!(
        with(&|c| c.bits = Some(9)),
        "bits is 9, must lie between 5 and 8"
    );
    assert_eq!(
        with(&|c| c.full_scale_llr = 0.0),
        "full_scale_llr is 0, must be above zero"
    );
    assert!(with(&|c| c.full_scale_llr = f32::NAN).contains("full_scale_llr is NaN"));
    assert!(with(&|c| c.full_scale_llr = 1e-39).contains("full_scale_llr"));
    assert!(with(&|c| c.full_scale_distance = -1.0).contains("full_scale_distance is -1"));
    assert!(with(&|c| c.levels[2] = -1.0).contains("levels does not rise at index 2"));
    assert!(with(&|c| c.levels[3] = f32::INFINITY).contains("levels[3] is inf"));
    assert!(with(&|c| c.levels = [0.0, 1e-39, 2e-39, 3e-39]).contains("integers per distance"));
}

#[test]
fn arrays_are_checked_and_outputs_left_alone() {
    for level in Level::all() {
        for bits in [None, Some(8)] {
            let config = InnerConfig {
                bits,
                ..InnerConfig::default()
            };
            let decoder = InnerDecoder::with_level(&config, level).unwrap();
            let (mut m, mut f) = ([7; 240], [7; 2]);
            let mut errors = Vec::new();
            let mut llr = [1.0f32; 256];
            llr[200] = f32::NAN;
            errors.push(
                decoder
                    .decode_llr(&llr, &mut m, Some(&mut f))
                    .unwrap_err()
                    .to_string(),
            );
            assert_eq!(errors[0], "llr[200] is NaN, must be a finite number");
            let pairs: Vec<[Llr; 2]> = llr.chunks(2).map(|p| [Llr(p[0]), Llr(p[1])]).collect();
            errors.push(
                decoder
                    .decode_soft(&pairs, &mut m, Some(&mut f))
                    .unwrap_err()
                    .to_string(),
            );
            assert_eq!(errors[1], errors[0]);
            let mut samples = [0.5; 128];
            samples[127] = f32::NEG_INFINITY;
            let e = decoder
                .decode_samples(&samples, &mut m, Some(&mut f))
                .unwrap_err();
            assert_eq!(
                e.to_string(),
                "samples[127] is -inf, must be a finite number"
            );
            let e = decoder
                .decode_symbols(&[4; 128], &mut m, Some(&mut f))
                .unwrap_err();
            assert_eq!(e.to_string(), "symbols[0] is 4, must lie between 0 and 3");
            let e = decoder
                .decode_integers(&[1; 255], &mut m, None)
                .unwrap_err();
            assert_eq!(e.to_string(), "llr has length 255, must be 128");
            let e = decoder
                .decode_integers(&[1; 256], &mut m[1..], None)
                .unwrap_err();
            assert_eq!(e.to_string(), "messages has length 239, must be 240");
            let e = decoder
                .decode_integers(&[1; 256], &mut m, Some(&mut f[1..]))
                .unwrap_err();
            assert_eq!(e.to_string(), "flips has length 1, must be 2");
            assert!(decoder.decode_llr(&[1.0; 256], &mut m[1..], None).is_err());
            assert!(decoder.decode_soft(&pairs[1..], &mut m, None).is_err());
            assert!(
                decoder
                    .decode_samples(&samples[..64], &mut m, None)
                    .is_err()
            );
            assert!(decoder.decode_symbols(&[0; 64], &mut m, None).is_err());
            assert_eq!((m, f), ([7; 240], [7; 2]));
        }
    }
}

#[test]
fn the_largest_finite_numbers_are_decoded() {
    let config = InnerConfig::default();
    for level in Level::all() {
        let decoder = InnerDecoder::with_level(&config, level).unwrap();
        let (mut m, mut f) = ([9; 120], [9]);
        let mut llr = [f32::MAX; 128];
        llr[5] = -f32::MAX;
        decoder.decode_llr(&llr, &mut m, Some(&mut f)).unwrap();
        assert_eq!(f, [1]);
        decoder
            .decode_samples(&[f32::MAX; 64], &mut m, Some(&mut f))
            .unwrap();
    }
}
