//! What came out, as a table.

use std::collections::BTreeMap;

use crate::server::Kind;
use crate::works::Figure;

/// The figures of a work in their order, each as all servers had it.
pub type Measured = BTreeMap<usize, (Figure, BTreeMap<Kind, Vec<f64>>)>;

/// Prints the medians, with Passerby's ratio to each other.
pub fn print(measured: &Measured, servers: &[Kind]) {
    for (figure, by_server) in measured.values() {
        let median = |kind: &Kind| by_server.get(kind).map(|values| median(values));
        let own = median(&Kind::Passerby);
        let columns = servers.iter().filter_map(|kind| {
            let value = median(kind)?;
            let ratio = own.filter(|_| *kind != Kind::Passerby).map(|own| own / value);
            let ratio = ratio.map(|ratio| format!(" ({ratio:.2}x)")).unwrap_or_default();
            Some(format!("{} {value:.2}{ratio}", kind.name()))
        });
        let columns: Vec<_> = columns.map(|column| format!("{column:<26}")).collect();
        println!("  {:<24} {:<3} {}", figure.name, figure.unit, columns.concat().trim_end());
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
