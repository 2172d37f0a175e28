//! The algorithm layer of adaptation, against the reference run on a scalar that counts.

use pamlink::equalizer::adapt::cost::{Adapting, Update, adaptation, joint};
use pamlink::equalizer::adapt::reference::Reference;

use super::counted::{Counted, total};

#[test]
fn joint_adaptation_declares_what_the_reference_adds_to_the_equalizer() {
    let some = |on: bool| on.then_some(Counted(1e-3));
    for (ffe, dfe, pinned, gain, offset, levels, leakage) in [
        (21, 0, false, false, false, false, false),
        (21, 1, false, false, false, false, true),
        (9, 5, true, true, true, true, false),
        (1, 16, false, true, false, true, true),
    ] {
        let mut level_steps = [some(levels); 4];
        (level_steps[0], level_steps[3]) = (None, None);
        let symbol_levels = [-3.0, -1.0, 1.0, 3.0].map(Counted);
        let mut r = Reference {
            ffe: vec![Counted(0.1); ffe],
            dfe: vec![Counted(0.1); dfe],
            gain: Counted(1.0),
            offset: Counted(0.0),
            levels: symbol_levels,
            thresholds: Reference::midway(&symbol_levels),
            ffe_step: Counted(1e-3),
            pinned: pinned.then_some(0),
            ffe_keep: some(leakage),
            minus_dfe_step: Counted(-1e-3),
            dfe_keep: some(leakage),
            gain_step: some(gain),
            offset_step: some(offset),
            level_steps,
            sign_error: false,
            sign_data: false,
        };
        let (x, past) = (vec![Counted(0.5); ffe], vec![Counted(1.0); dfe]);
        // Each symbol as often as the others.
        let n = 400u16;
        let each = |n: u16| Some((n % 4) as u8);
        let all = total(|| {
            for i in 0..n {
                r.step(&x, &past, each(i));
            }
        });
        let equalizer = total(|| {
            for i in 0..n {
                r.output(&x, &past, each(i));
            }
        });
        let updates = [0, 1].map(|k| (all[k] - equalizer[k]) / f64::from(n));
        let cost = joint(&Adapting {
            ffe_taps: ffe - usize::from(pinned),
            dfe_taps: dfe,
            gain,
            offset,
            levels: if levels { 2 } else { 0 },
            leakage,
            update: Update::Lms,
            duty: 1.0,
        });
        // The error itself is the one addition that the output above already holds.
        let declared = [
            cost.algorithm.multiplications(),
            cost.algorithm.additions() - 1.0,
        ];
        assert_eq!(updates, declared, "{ffe} {dfe}");
    }
}

#[test]
fn the_hardware_form_is_the_published_gate_count() {
    // 124 gates per sign-sign accumulator, 340 per LMS accumulator, times the duty.
    let all = Adapting {
        ffe_taps: 20,
        dfe_taps: 1,
        gain: true,
        offset: true,
        levels: 2,
        ..Adapting::default()
    };
    assert_eq!(joint(&all).hardware.gates, 25.0 * 124.0);
    let slow = Adapting {
        update: Update::Lms,
        duty: 1.0 / 64.0,
        ..all
    };
    assert_eq!(joint(&slow).hardware.gates, 25.0 * 340.0 / 64.0);
    assert_eq!(joint(&all).algorithm.multiplications(), 0.0);
    let taps = Adapting {
        ffe_taps: 21,
        update: Update::Lms,
        ..Adapting::default()
    };
    assert_eq!(
        joint(&taps).hardware.gates,
        adaptation(21, Update::Lms, 1.0).hardware.gates
    );
}
