//! The sections of a waveform's path are the chain of the linear view, cut where something is nonlinear.

use num_complex::Complex64;
use pamlink::link::config::{LaneRate, LinkConfig, ModulatorKind};
use pamlink::link::{Architecture, Chain, SectionEnd, Segment};

use super::common::{config, last_segment};

/// Product of symbol shape and sections, small-signal gains between them.
fn product(chain: &Chain) -> Vec<Complex64> {
    let path = chain.path.as_ref().unwrap();
    let hold = pamlink::channel::nrz_hold(chain.signal.grid(), chain.baud_hz).unwrap();
    let mut all = path.transmitter.then(&hold).unwrap().values().to_vec();
    for section in &path.sections {
        for (a, h) in all.iter_mut().zip(section.response.values()) {
            *a *= h;
        }
        if let SectionEnd::Photocurrent(light) = &section.end {
            let slope = light.slope_w_per_v;
            for a in &mut all {
                *a *= slope * light.gain_a_w;
            }
        }
    }
    all
}

/// Largest distance between two spectra over the largest value.
fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    let top = b.iter().map(|v| v.norm()).fold(0.0, f64::max);
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).norm())
        .fold(0.0, f64::max)
        / top
}

fn segment(change: impl Fn(&mut LinkConfig)) -> Segment {
    let mut c = config(LaneRate::G100, 8.0, 8.0);
    change(&mut c);
    last_segment(Architecture::Lpo, &c)
}

#[test]
fn sections_multiply_to_the_chain() {
    let linear = segment(|_| {});
    let path = linear.chain.path.as_ref().unwrap();
    // Symbols to current, current to sampler.
    assert_eq!(path.sections.len(), 2);
    assert!(distance(&product(&linear.chain), linear.chain.signal.values()) < 1e-12);
    assert_eq!(
        path.sections[1].control.as_ref().unwrap().name,
        "TIA output"
    );
    // Two noises of the receive side, of which the gain control acts on the first.
    let noise: Vec<_> = path.sections[1]
        .noise
        .iter()
        .map(|n| (n.source.name(), n.controlled))
        .collect();
    assert_eq!(noise, [("TIA", true), ("receiver input", false)]);

    let all = segment(|c| {
        c.optics.dispersion_ps_nm = 0.0;
        c.optics.modulator.kind = ModulatorKind::Mzm;
        c.host.driver_limit_v = 0.6;
        c.module.driver_limit_vppd = 4.0;
        c.optics.tia_limit_vppd = 1.0;
    });
    let path = all.chain.path.as_ref().unwrap();
    let ends: Vec<_> = path
        .sections
        .iter()
        .map(|s| match s.end {
            SectionEnd::Limiter { name, .. } => name,
            SectionEnd::Photocurrent(_) => "photocurrent",
            SectionEnd::Sampler => "sampler",
        })
        .collect();
    assert_eq!(
        ends,
        ["host driver", "driver", "photocurrent", "TIA", "sampler"]
    );
    assert!(distance(&product(&all.chain), all.chain.signal.values()) < 1e-12);
    // What is nonlinear leaves the linear view as it is.
    assert!(
        distance(
            all.chain.signal.values(),
            segment(|c| c.optics.dispersion_ps_nm = 0.0)
                .chain
                .signal
                .values()
        ) < 1e-12
    );
}
