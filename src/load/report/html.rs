//! A report as one page that stands alone: its style, its charts and its little
//! script are in it, nothing is fetched, and it works from a file.
//!
//! It is written so that it is XML as well, which is how its tests read it. All
//! text goes through [`markup::Text`], as messages may hold anything.

mod axis;
mod blocks;
mod chart;
mod charts;
mod markup;
mod percentiles;
mod server;
mod sparkline;
mod tables;
mod thin;
mod tiles;

use self::markup::{Text, section};
use super::{Report, summary, units, words};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/hover.js");

/// The report as a page of HTML.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = format!("Passerby load test: {}", words::spoken(&report.scenario));
    let body = [
        blocks::header(report),
        "<main>".into(),
        blocks::warnings(report),
        tiles::tiles(report),
        section("goals", "Goals", &tables::goals(report)),
        section("violations", "Violations", &blocks::violations(report)),
        section("latency", "Latency", &latency(report)),
        section("traffic", "Traffic", &traffic(report)),
        section("server", "The server", &server::block(report)),
        section("webrtc", "Real WebRTC peers", &tables::webrtc(report)),
        section("tester", "The tester", &tester(report)),
        section("settings", "Settings", &tables::settings(report)),
        "</main>".into(),
        blocks::footer(report),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
         <meta name=\"color-scheme\" content=\"light dark\"/>\
         <title>{}</title><style>\n{STYLE}</style></head><body>{}\
         <script>/*<![CDATA[*/\n{SCRIPT}/*]]>*/</script></body></html>\n",
        Text(&title),
        body.concat()
    )
}

fn latency(report: &Report) -> String {
    let over_time = charts::grid(charts::latencies(report));
    [percentiles::chart(report), tables::latencies(report), over_time].concat()
}

fn traffic(report: &Report) -> String {
    [charts::grid(charts::traffic(report)), tables::counts_and_errors(report)].concat()
}

fn tester(report: &Report) -> String {
    [tables::tester(report), charts::grid(charts::tester(report))].concat()
}
