//! The price of a system: rows at nominal prices, intervals from draws.

use std::borrow::Cow;

use super::interval::{Interval, percentiles, uniform};
use super::technology::{Prices, Silicon, Supply};
use super::terms::{Draw, Terms, optics_in_transceiver};
use super::{DRAWS, Part, Place, System, Transceiver};
use crate::error::{Error, Result, in_range, positive};

/// How the joules of a row are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// Operations a block declares, times energy per gate.
    Counted,
    /// A converter, `FoM 2^ENOB rate` with the figure of merit of a survey.
    Converter,
    /// A value fitted to silicon or to published totals; no count explains it.
    Fitted,
}

impl Kind {
    /// All kinds, the best known first.
    pub const ALL: [Self; 3] = [Self::Counted, Self::Converter, Self::Fitted];

    /// The kind in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Converter => "converter",
            Self::Fitted => "fitted",
        }
    }
}

/// One row of a breakdown, at nominal prices. Module rows are at the rails; what the supply loses is
/// a row of its own.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Row {
    /// The block.
    pub block: Cow<'static, str>,
    /// The hardware form that was priced.
    pub form: Cow<'static, str>,
    /// Where it stands.
    pub place: Place,
    /// How its joules are known.
    pub kind: Kind,
    /// Power in W.
    pub w: f64,
    /// Energy per nominal bit in pJ.
    pub pj_per_bit: f64,
}

/// What a system costs and where the joules go.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[must_use]
#[non_exhaustive]
pub struct Breakdown {
    /// Rows; their sum is the nominal total.
    pub rows: Vec<Row>,
    /// The module (or co-packaged engine) at its pins, both directions, W.
    pub module_w: Interval,
    /// The host's transceivers and error correction, one end, both directions, W.
    pub host_w: Interval,
    /// Module and host over the nominal one-way rate, pJ: the energy of a bit from host to host.
    pub pj_per_bit: Interval,
    /// Nominal bits per second one way.
    pub nominal_rate_bps: f64,
    /// Seed of the draws behind the intervals.
    pub seed: u64,
}

impl Breakdown {
    /// W of all rows of one kind.
    #[must_use]
    pub fn kind_w(&self, kind: Kind) -> f64 {
        let rows = self.rows.iter().filter(|row| row.kind == kind);
        rows.map(|row| row.w).sum()
    }

    /// pJ per nominal bit of all rows of one kind.
    #[must_use]
    pub fn kind_pj_per_bit(&self, kind: Kind) -> f64 {
        let rows = self.rows.iter().filter(|row| row.kind == kind);
        rows.map(|row| row.pj_per_bit).sum()
    }

    /// pJ per nominal bit of all rows at one place.
    #[must_use]
    pub fn place_pj_per_bit(&self, place: Place) -> f64 {
        let rows = self.rows.iter().filter(|row| row.place == place);
        rows.map(|row| row.pj_per_bit).sum()
    }

    /// W of a port: the module and its host end, drawn together.
    #[must_use]
    pub fn port_w(&self) -> Interval {
        self.pj_per_bit.times(1e-12 * self.nominal_rate_bps)
    }

    /// W of all rows at one place.
    #[must_use]
    pub fn place_w(&self, place: Place) -> f64 {
        let rows = self.rows.iter().filter(|row| row.place == place);
        rows.map(|row| row.w).sum()
    }
}

/// A transceiver as sums in front of prices.
struct PricedTransceiver<'a> {
    entry: &'a Transceiver,
    reference: Terms,
    blocks: Vec<Terms>,
    own: Terms,
}

impl<'a> PricedTransceiver<'a> {
    fn new(entry: &'a Transceiver, prices: &Prices) -> Result<Self> {
        let (lanes, baud_hz) = (
            positive("lanes", entry.lanes)?,
            positive("baud_hz", entry.baud_hz)?,
        );
        for &(_, share) in &entry.shares {
            in_range("shares", share, 0.0, 16.0)?;
        }
        let silicon = silicon(entry.place, prices);
        let reference = Terms::sum(&entry.reference, lanes, baud_hz, silicon)?;
        if reference.has_optics() {
            return Err(optics_in_transceiver("in the reference".to_owned()));
        }
        let mut own = Terms::default();
        let mut blocks = Vec::with_capacity(entry.blocks.len());
        for (place, cost) in &entry.blocks {
            if place.is_host() != entry.place.is_host()
                || place.is_behind_supply() != entry.place.is_behind_supply()
            {
                return Err(Error::UnknownWord {
                    name: "place of a transceiver block".into(),
                    value: place.name().to_owned(),
                    allowed: "places on the same side as the transceiver's own",
                });
            }
            let terms = Terms::of(cost, lanes, baud_hz, silicon)?;
            if terms.has_optics() {
                return Err(optics_in_transceiver(cost.block.to_string()));
            }
            own.add(&terms);
            blocks.push(terms);
        }
        Ok(Self {
            entry,
            reference,
            blocks,
            own,
        })
    }

    /// `K LR(reference) G - counted(reference)`: the row "fitted remainder".
    fn remainder_w(&self, draw: &Draw) -> f64 {
        let gate_fj = gate_fj(self.entry.place, draw);
        draw.share(&self.entry.shares) * self.reference.total_w(gate_fj, draw)
            - self.reference.bracket_w(gate_fj, draw)
    }

    fn total_w(&self, draw: &Draw) -> f64 {
        self.remainder_w(draw) + self.own.bracket_w(gate_fj(self.entry.place, draw), draw)
    }
}

/// Module and host power.
#[derive(Clone, Copy, Default)]
struct Watts {
    behind_supply: f64,
    beside_supply: f64,
    host: f64,
}

impl Watts {
    fn add(&mut self, place: Place, w: f64) {
        if place.is_host() {
            self.host += w;
        } else if place.is_behind_supply() {
            self.behind_supply += w;
        } else {
            self.beside_supply += w;
        }
    }

    fn module(&self, draw: &Draw) -> f64 {
        self.behind_supply / draw.efficiency() + self.beside_supply
    }
}

/// Prices a system.
///
/// Nominal values are at nominal prices; low and high are the 5th and 95th percentile of
/// [`DRAWS`] draws under `seed`. Draws are counter-based, so two systems priced with one seed are
/// comparable draw by draw, and the answer does not depend on what was priced before.
///
/// Fails with the name of a block whose cost is negative or not finite, or of a rate, lane count or
/// share that makes no sense.
pub fn price(system: &System, prices: &Prices, seed: u64) -> Result<Breakdown> {
    let rate = positive("nominal_rate_bps", system.nominal_rate_bps)?;
    let transceivers = (system.transceivers.iter())
        .map(|entry| PricedTransceiver::new(entry, prices))
        .collect::<Result<Vec<_>>>()?;
    let parts = (system.parts.iter())
        .map(|part| Ok((part, part_terms(part, prices)?)))
        .collect::<Result<Vec<_>>>()?;

    let watts = |draw: &Draw| {
        let mut watts = Watts::default();
        for transceiver in &transceivers {
            watts.add(transceiver.entry.place, transceiver.total_w(draw));
        }
        for (part, terms) in &parts {
            watts.add(part.place, terms.total_w(gate_fj(part.place, draw), draw));
        }
        (watts.module(draw), watts.host)
    };

    let nominal = Draw::nominal(prices, system.supply);
    let mut rows = Vec::new();
    for transceiver in &transceivers {
        transceiver_rows(transceiver, &nominal, rate, &mut rows);
    }
    for (part, terms) in &parts {
        let gate_fj = gate_fj(part.place, &nominal);
        push_block(
            &mut rows, part.place, &part.cost, rate, terms, gate_fj, &nominal,
        );
        let fitted = terms.fitted_w(gate_fj, &nominal);
        let (block, form) = (part.cost.block.clone(), part.cost.form.clone());
        push(
            &mut rows,
            block,
            form,
            part.place,
            Kind::Fitted,
            fitted,
            rate,
        );
    }
    push_supply_row(&mut rows, system.supply, &nominal, rate);

    let count = DRAWS as usize;
    let (mut modules, mut hosts, mut bits) = (
        Vec::with_capacity(count),
        Vec::with_capacity(count),
        Vec::with_capacity(count),
    );
    let per_bit = |(module, host): (f64, f64)| (module + host) / rate * 1e12;
    for index in 0..DRAWS {
        let draw = Draw::new(prices, system.supply, |knob, bounds| {
            bounds.triangular(uniform(seed, knob, index))
        });
        let (module, host) = watts(&draw);
        modules.push(module);
        hosts.push(host);
        bits.push(per_bit((module, host)));
    }
    let point = watts(&nominal);
    Ok(Breakdown {
        rows,
        module_w: percentiles(point.0, &mut modules),
        host_w: percentiles(point.1, &mut hosts),
        pj_per_bit: percentiles(per_bit(point), &mut bits),
        nominal_rate_bps: rate,
        seed,
    })
}

fn part_terms(part: &Part, prices: &Prices) -> Result<Terms> {
    Terms::of(
        &part.cost,
        positive("lanes", part.lanes)?,
        positive("baud_hz", part.baud_hz)?,
        silicon(part.place, prices),
    )
}

fn silicon(place: Place, prices: &Prices) -> &Silicon {
    if place.is_host() {
        &prices.host
    } else {
        &prices.module
    }
}

fn gate_fj(place: Place, draw: &Draw) -> f64 {
    if place.is_host() {
        draw.host_gate_fj
    } else {
        draw.module_gate_fj
    }
}

/// Rows of the own blocks of a transceiver, then its remainder.
fn transceiver_rows(
    transceiver: &PricedTransceiver<'_>,
    nominal: &Draw,
    rate: f64,
    rows: &mut Vec<Row>,
) {
    let gate_fj = gate_fj(transceiver.entry.place, nominal);
    for ((place, cost), terms) in transceiver.entry.blocks.iter().zip(&transceiver.blocks) {
        push_block(rows, *place, cost, rate, terms, gate_fj, nominal);
    }
    push(
        rows,
        "fitted remainder".into(),
        "fixed digital, clocks, analog beyond the converter, reach class".into(),
        transceiver.entry.place,
        Kind::Fitted,
        transceiver.remainder_w(nominal),
        rate,
    );
}

/// Rows of what a block has counted and converted.
fn push_block(
    rows: &mut Vec<Row>,
    place: Place,
    cost: &crate::ops::Cost,
    rate: f64,
    terms: &Terms,
    gate_fj: f64,
    nominal: &Draw,
) {
    for (kind, w) in [
        (Kind::Counted, terms.counted_w(gate_fj)),
        (Kind::Converter, terms.converter_w(nominal)),
    ] {
        push(
            rows,
            cost.block.clone(),
            cost.form.clone(),
            place,
            kind,
            w,
            rate,
        );
    }
}

/// The row of what the supply loses on all rows behind it.
fn push_supply_row(rows: &mut Vec<Row>, supply: Supply, nominal: &Draw, rate: f64) {
    let behind = rows.iter().filter(|row| row.place.is_behind_supply());
    let rails: f64 = behind.map(|row| row.w).sum();
    let efficiency = nominal.efficiency();
    let form = match supply {
        Supply::Included => "included in the parts".into(),
        _ => format!("efficiency {efficiency}").into(),
    };
    push(
        rows,
        "DC-DC".into(),
        form,
        Place::ModuleSupply,
        Kind::Fitted,
        rails * (1.0 / efficiency - 1.0),
        rate,
    );
}

/// Adds a row unless it is zero.
fn push(
    rows: &mut Vec<Row>,
    block: Cow<'static, str>,
    form: Cow<'static, str>,
    place: Place,
    kind: Kind,
    w: f64,
    rate: f64,
) {
    if w != 0.0 {
        rows.push(Row {
            block,
            form,
            place,
            kind,
            w,
            pj_per_bit: w / rate * 1e12,
        });
    }
}
