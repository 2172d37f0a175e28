//! A price table as one list, for reports.

use super::technology::{Constant, Mark, Node, PriceTable};

/// One price with its source.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ListedPrice {
    /// What it prices: group, node or lane rate, field.
    pub name: String,
    /// Unit.
    pub unit: &'static str,
    /// Smallest credible value; `None` where a group's factor holds the uncertainty.
    pub low: Option<f64>,
    /// Value used.
    pub nominal: f64,
    /// Largest credible value.
    pub high: Option<f64>,
    /// Confidence.
    pub mark: Mark,
    /// Where it comes from.
    pub source: String,
}

impl ListedPrice {
    fn of(name: impl Into<String>, unit: &'static str, c: &Constant) -> Self {
        Self {
            name: name.into(),
            unit,
            low: Some(c.low),
            nominal: c.nominal,
            high: Some(c.high),
            mark: c.mark,
            source: c.source.to_string(),
        }
    }
}

fn nm(node: Node) -> u32 {
    match node {
        Node::N45 => 45,
        Node::N28 => 28,
        Node::N16 => 16,
        Node::N7 => 7,
        Node::N5 => 5,
        Node::N3 => 3,
    }
}

impl PriceTable {
    /// Every constant of the table: groups, logic per node, analog parts per lane, optics.
    #[must_use]
    pub fn list(&self) -> Vec<ListedPrice> {
        let (s, k, d) = (&self.scales, &self.shares, &self.supplies);
        let mut list: Vec<ListedPrice> = [
            ("fixed digital part", &s.fixed_digital),
            ("converter figure of merit", &s.converter),
            ("receive analog", &s.receive),
            ("transmit analog", &s.transmit),
            ("sequence detector", &s.mlse),
            ("share: chip to module", &k.chip_to_module),
            ("share: line side", &k.line_side),
            ("share: host of LRO", &k.half_linear_host),
            ("share: host of LPO", &k.linear_host),
            ("supply efficiency: retimed", &d.retimed),
            ("supply efficiency: half linear", &d.half_linear),
            ("supply efficiency: linear", &d.linear),
        ]
        .map(|(name, c)| ListedPrice::of(name, "1", c))
        .into();
        for node in self.nodes.iter() {
            let name = |what| format!("{} nm {what}", nm(node.node));
            list.push(ListedPrice::of(name("gate"), "fJ", &node.gate_fj));
            list.push(ListedPrice::of(
                name("table bit"),
                "fJ",
                &node.table_read_fj,
            ));
        }
        for lane in self.lanes.iter() {
            for (what, unit, nominal) in [
                ("converter step", "fJ", lane.converter_fj),
                ("receive analog", "pJ/bit", lane.receive_pj),
                ("transmit analog", "pJ/bit", lane.transmit_pj),
            ] {
                list.push(ListedPrice {
                    name: format!("{} nm {} {what}", nm(lane.node), lane.rate),
                    unit,
                    low: None,
                    nominal,
                    high: None,
                    mark: lane.mark,
                    source: lane.source.to_string(),
                });
            }
        }
        for o in self.optics.iter() {
            for (what, c) in [
                ("driver, retimed", &o.driver_retimed_w),
                ("driver, linear", &o.driver_linear_w),
                ("TIA, retimed", &o.tia_retimed_w),
                ("TIA, linear", &o.tia_linear_w),
                ("lasers, retimed", &o.laser_retimed_w),
                ("lasers, linear", &o.laser_linear_w),
                ("controller", &o.controller_w),
                ("co-packaged lane", &o.engine_w),
            ] {
                list.push(ListedPrice::of(format!("{} {what}", o.rate), "W", c));
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use crate::energy::PRICES;

    #[test]
    fn the_list_holds_every_constant_with_a_source() {
        let list = PRICES.list();
        let want = 12 + 2 * PRICES.nodes.len() + 3 * PRICES.lanes.len() + 8 * PRICES.optics.len();
        assert_eq!(list.len(), want);
        assert!(list.iter().all(|p| !p.source.is_empty() && p.nominal > 0.0));
        let mut names: Vec<_> = list.iter().map(|p| p.name.clone()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), list.len());
    }
}
