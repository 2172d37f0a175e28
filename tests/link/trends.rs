//! What must rise rises, what must fall falls, and the printed budget accounts for it.

use pamlink::link::config::{LaneRate, LinkConfig};
use pamlink::link::{
    Architecture, Cell, HostChannels, NoiseSource, SegmentAnalysis, analyze, cell,
};

use super::common::{analysed, config, last_segment};

fn variance(analysis: &SegmentAnalysis, source: NoiseSource) -> f64 {
    analysis
        .budget
        .iter()
        .find(|b| b.source == source)
        .map_or(0.0, |b| b.variance)
}

#[test]
fn linear_optics_lose_snr_with_every_db_of_host_channel() {
    for rate in LaneRate::ALL {
        let snr: Vec<f64> = [4.0, 8.0, 12.0, 16.0, 20.0, 24.0]
            .into_iter()
            .map(|loss| {
                let c = config(rate, loss, loss);
                analysed(&last_segment(Architecture::Lpo, &c), &c).snr_db
            })
            .collect();
        println!("{rate} LPO slicer SNR from 4 to 24 dB: {snr:.2?}");
        assert!(snr.windows(2).all(|w| w[1] < w[0]), "{rate} {snr:.2?}");
    }
}

#[test]
fn at_4_db_lpo_is_near_the_optical_segment_of_lro_and_the_budgets_explain_the_difference() {
    for rate in LaneRate::ALL {
        let c = config(rate, 4.0, 4.0);
        let lpo = analysed(&last_segment(Architecture::Lpo, &c), &c);
        let lro = analysed(&last_segment(Architecture::Lro, &c), &c);
        println!(
            "{rate} at 4 dB: LPO {:.2} dB, LRO {:.2} dB",
            lpo.snr_db, lro.snr_db
        );
        assert!((lpo.snr_db - lro.snr_db).abs() < 2.0);
        // The budgets are the error variance: their sums give the difference (cursor gain within 1e-3).
        let sum = |a: &SegmentAnalysis| a.budget.iter().map(|b| b.variance).sum::<f64>();
        let explained = 10.0 * (sum(&lro) / sum(&lpo)).log10();
        assert!((explained - (lpo.snr_db - lro.snr_db)).abs() < 0.01);
        // Only the linear module's electrical input adds a source of its own.
        assert!(variance(&lpo, NoiseSource::ModuleInput) > 0.0);
        assert_eq!(variance(&lro, NoiseSource::ModuleInput), 0.0);
    }
}

#[test]
fn near_and_far_channel_are_not_interchangeable() {
    let snr = |near, far| {
        let c = config(LaneRate::G100, near, far);
        analysed(&last_segment(Architecture::Lpo, &c), &c).snr_db
    };
    let (a, b) = (snr(4.0, 18.0), snr(18.0, 4.0));
    println!("LPO 4+18 dB: {a:.3} dB, 18+4 dB: {b:.3} dB");
    assert!((a - b).abs() > 0.05);
}

#[test]
fn doubling_the_tia_noise_costs_what_the_budget_says() {
    let c = config(LaneRate::G100, 10.0, 10.0);
    let segment = last_segment(Architecture::Lpo, &c);
    let before = analysed(&segment, &c);
    let mut louder = segment.clone();
    for term in &mut louder.chain.noise {
        if term.source == NoiseSource::Tia {
            term.density *= 4.0; // twice the amplitude density
        }
    }
    let after = analyze(&louder, &c.analysis, 1).unwrap();
    // Same taps: the TIA's variance goes up fourfold, nothing else moves.
    let total: f64 = before.budget.iter().map(|b| b.variance).sum();
    let expected = 10.0 * ((total + 3.0 * variance(&before, NoiseSource::Tia)) / total).log10();
    assert!((before.snr_db - after.snr_db - expected).abs() < 1e-9);
    assert!(expected > 0.1);
}

fn all(rate: LaneRate) -> Vec<Cell> {
    let config = LinkConfig::for_rate(rate);
    let channels = HostChannels::built_in(&config).unwrap();
    Architecture::ALL
        .into_iter()
        .map(|a| cell(a, rate, &config, &channels, 1).unwrap())
        .collect()
}

#[test]
fn watts_move_from_the_module_to_the_host() {
    for rate in LaneRate::ALL {
        let cells = all(rate);
        let energy: Vec<_> = cells
            .iter()
            .map(|c| &c.result.as_ref().unwrap().energy)
            .collect();
        let [retimed, lro, lpo, cpo] = energy[..] else {
            panic!()
        };
        assert!(retimed.module_w.nominal > lro.module_w.nominal);
        assert!(lro.module_w.nominal > lpo.module_w.nominal);
        assert!(retimed.host_w.nominal < lro.host_w.nominal);
        assert!(lro.host_w.nominal < lpo.host_w.nominal);
        assert!(cpo.module_w.nominal < lpo.module_w.nominal);
        assert!(cpo.host_w.nominal < retimed.host_w.nominal);
        for e in energy {
            let sum: f64 = e.rows.iter().map(|r| r.pj_per_bit).sum();
            assert!((sum / e.pj_per_bit.nominal - 1.0).abs() < 1e-9);
            assert!(e.pj_per_bit.low < e.pj_per_bit.nominal);
            assert!(e.pj_per_bit.nominal < e.pj_per_bit.high);
        }
        let latency: Vec<f64> = cells
            .iter()
            .map(|c| c.result.as_ref().unwrap().latency_ns)
            .collect();
        assert!(latency[0] > latency[1] && latency[1] > latency[2]);
    }
}

#[test]
fn the_margin_is_the_noise_that_the_weakest_segment_can_still_take() {
    let config = LinkConfig::for_rate(LaneRate::G100);
    let channels = HostChannels::built_in(&config).unwrap();
    let result = cell(Architecture::Cpo, LaneRate::G100, &config, &channels, 1)
        .unwrap()
        .result
        .unwrap();
    // All noise of the only segment up by the margin: the target is met to within the bisection's 10 mdB.
    let scale = 10f64.powf(result.margin_db / 10.0);
    let mut segment = result.segments[0].segment.clone();
    for term in &mut segment.chain.noise {
        term.density *= scale;
    }
    segment.chain.tx_noise *= scale.sqrt();
    let optical = segment.chain.optical.as_mut().unwrap();
    optical.rin_per_hz *= scale;
    // Shot noise is 1 % of the budget and has no knob of its own; the converter loses bits.
    segment.chain.receiver.enob -= 0.5 * scale.log2();
    let worse = analyze(&segment, &config.analysis, 1).unwrap();
    let symbol = pamlink::fec::rs_symbol_error_from_pam4(worse.ser).unwrap();
    let limit = pamlink::fec::KP4
        .symbol_error_limit(config.fec.target_cer)
        .unwrap();
    // 1 % of noise left out and 10 mdB are 3 % of a ratio that goes with exp(-SNR / 10).
    assert!((symbol / limit - 1.0).abs() < 0.05, "{symbol} {limit}");
}

fn lpo(rate: LaneRate, config: &LinkConfig) -> pamlink::link::CellResult {
    let channels = HostChannels::built_in(config).unwrap();
    let done = cell(Architecture::Lpo, rate, config, &channels, 1).unwrap();
    done.result.unwrap()
}

#[test]
fn the_margin_falls_with_every_db_of_host_channel() {
    // The search is local: it must not be so rough that a longer channel looks better.
    for rate in LaneRate::ALL {
        let margins: Vec<f64> = (6..=14)
            .map(|loss| lpo(rate, &config(rate, f64::from(loss), f64::from(loss))).margin_db)
            .collect();
        println!("{rate} LPO margin from 6 to 14 dB: {margins:.2?}");
        assert!(
            margins.windows(2).all(|w| w[1] < w[0]),
            "{rate} {margins:.2?}"
        );
    }
}

#[test]
fn fewer_settings_to_choose_from_never_give_a_better_design() {
    for rate in LaneRate::ALL {
        let design_snr = |edit: &dyn Fn(&mut LinkConfig)| {
            let mut c = config(rate, 10.0, 10.0);
            edit(&mut c);
            last_segment(Architecture::Lpo, &c).design_snr_db
        };
        let all = design_snr(&|_| {});
        for (name, fewer) in [
            (
                "gentle module CTLE",
                design_snr(&|c| c.module.ctle.gain_min_db = -2.0),
            ),
            (
                "medium module CTLE",
                design_snr(&|c| c.module.ctle.gain_min_db = -6.0),
            ),
            (
                "gentle host CTLE",
                design_snr(&|c| c.host.ctle.gain_min_db = -6.0),
            ),
            ("no postcursor", design_snr(&|c| c.host.tx_fir.post.clear())),
        ] {
            println!("{rate} {name}: {fewer:.3} dB of {all:.3}");
            // What is left of a local search: hundredths of a dB.
            assert!(fewer < all + 0.02, "{rate} {name}: {fewer} above {all}");
        }
    }
}

#[test]
fn the_optical_margin_is_the_light_that_can_be_lost() {
    let c = config(LaneRate::G100, 12.0, 12.0);
    let channels = HostChannels::built_in(&c).unwrap();
    let result = lpo(LaneRate::G100, &c);
    let optical = result.margin_optical_db.unwrap();
    println!(
        "LPO 12 dB: margin {:.2} dB, optical {optical:.2} dB",
        result.margin_db
    );
    // Most noise does not depend on the light, so the light may fall by more than half the electrical margin.
    assert!(optical > 0.5 * result.margin_db && optical < 20.0);
    // With that much less light and the same settings the cell is at its limit.
    let spec = &pamlink::link::segments(Architecture::Lpo, &c, &channels).unwrap()[0];
    let mut dim = c.clone();
    dim.optics.oma_dbm -= optical;
    let dim_spec = &pamlink::link::segments(Architecture::Lpo, &dim, &channels).unwrap()[0];
    let chain = &result.segments[0].segment.chain;
    let mut segment = result.segments[0].segment.clone();
    segment.chain = dim_spec.resolve(&chain.choice).unwrap();
    assert_eq!(spec.grid, dim_spec.grid);
    let ser = analyze(&segment, &c.analysis, 1).unwrap().ser;
    let symbol = pamlink::fec::rs_symbol_error_from_pam4(ser).unwrap();
    let limit = pamlink::fec::KP4
        .symbol_error_limit(c.fec.target_cer)
        .unwrap();
    // 10 mdB of bisection and 2000 instead of 20 000 bursts.
    assert!((symbol / limit - 1.0).abs() < 0.1, "{symbol} {limit}");
}
