//! The page: well-formed, whole in itself, and deaf to what strangers wrote.

use passerby::load::report::html;
use roxmltree::{Document, Node, ParsingOptions};

use crate::fixture;

/// The elements that the page is made of; anything else came from outside.
const ELEMENTS: [&str; 49] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "footer",
    "section",
    "h1",
    "h2",
    "h3",
    "p",
    "b",
    "i",
    "span",
    "div",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "figure",
    "figcaption",
    "svg",
    "desc",
    "path",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "code",
    "script",
    "a",
    "nav",
    "small",
    "em",
    "strong",
    "br",
    "g",
    "line",
    "text",
];

fn parsed<T>(page: &str, look: impl FnOnce(&Document<'_>) -> T) -> T {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    look(&Document::parse_with_options(page, options).unwrap())
}

fn of<'a, 'input>(
    document: &'a Document<'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    document.descendants().filter(move |node| node.tag_name().name() == name)
}

fn texts(page: &str, name: &'static str) -> Vec<String> {
    let text = |node: Node<'_, '_>| {
        node.descendants().filter_map(|n| n.text().filter(|_| n.is_text())).collect()
    };
    parsed(page, |document| of(document, name).map(text).collect())
}

#[test]
fn the_page_is_well_formed_and_has_what_a_reader_looks_for() {
    let page = html(&fixture::mix());
    let headings = [texts(&page, "h2"), texts(&page, "h3")].concat();
    for heading in [
        "Goals",
        "Latency",
        "Latency by percentile",
        "match latency",
        "What people did",
        "Signals",
        "Open connections",
        "The server",
        "CPU",
        "Memory",
        "People, as the server counts them",
        "match latency, seen from both ends",
        "The tester's CPU",
        "Settings",
    ] {
        assert!(headings.iter().any(|found| found == heading), "{heading} is not in {headings:?}");
    }
    assert!(texts(&page, "p").iter().any(|text| text.contains("Passed 2 goals met, 0 violations")));
    look(&page, "mix");
    look(&html(&fixture::hostile()), "hostile");
}

/// Where somebody wants to look at it: into the folder PASSERBY_SHOW.
fn look(page: &str, name: &str) {
    if let Some(folder) = std::env::var_os("PASSERBY_SHOW") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.html")), page).unwrap();
    }
}

#[test]
fn nothing_comes_from_outside() {
    for report in [fixture::mix(), fixture::bare()] {
        let page = html(&report).replace("http://www.w3.org/2000/svg", "");
        for outside in ["http://", "https://", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let page = html(&fixture::hostile());
    parsed(&page, |document| {
        assert_eq!(of(document, "script").count(), 1);
        for node in document.descendants().filter(Node::is_element) {
            assert!(ELEMENTS.contains(&node.tag_name().name()), "{:?}", node.tag_name());
            for attribute in node.attributes() {
                assert!(!attribute.name().starts_with("on"), "{attribute:?}");
            }
        }
    });
    let told = texts(&page, "code").concat();
    assert!(told.contains("</script><script>alert(1)</script> & \"quotes\" 'too'"), "{told}");
    assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{7}']));
}

#[test]
fn every_chart_can_be_read_without_seeing_it() {
    parsed(&html(&fixture::mix()), |document| {
        let charts: Vec<_> = of(document, "figure").collect();
        assert!(charts.len() >= 15, "{}", charts.len());
        for chart in charts {
            let has = |name| chart.descendants().any(|node| node.tag_name().name() == name);
            assert!(has("h3") && has("title") && has("desc") && has("table"));
        }
        for table in of(document, "table") {
            assert!(table.descendants().any(|node| node.tag_name().name() == "caption"));
        }
        let mut ids: Vec<_> =
            document.descendants().filter_map(|node| node.attribute("id")).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    });
}

#[test]
fn what_is_read_out_fits_the_lines() {
    parsed(&html(&fixture::mix()), |document| {
        for plot in document.descendants().filter(|node| node.attribute("class") == Some("plot")) {
            let parts =
                |node: &Node<'_, '_>, name| node.attribute(name).unwrap().split('|').count();
            let places = parts(&plot, "data-x");
            assert_eq!(parts(&plot, "data-words"), places);
            let figure = plot.parent().unwrap();
            for line in figure.descendants().filter(|node| node.has_attribute("data-values")) {
                assert_eq!(parts(&line, "data-values"), places);
            }
        }
    });
}

#[test]
fn a_report_of_nothing_has_a_page_too() {
    let page = html(&fixture::bare());
    assert_eq!(texts(&page, "h1"), ["mix"]);
    assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
    parsed(&page, |document| assert_eq!(of(document, "figure").count(), 0));
}

#[test]
fn hours_make_no_page_of_hours() {
    let mut report = fixture::mix();
    let minutes = report.series.clone();
    for at in 0..(8 * 3600) {
        let mut point = minutes[at % minutes.len()].clone();
        point.at = at as f64 + 1.0;
        report.series.push(point);
    }
    report.seconds = 8.0 * 3600.0;
    let page = html(&report);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}
