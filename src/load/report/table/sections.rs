//! The sections of the table.

use super::super::model::{Figures, Report, Violation};
use super::super::{summary, units, words};
use super::{Grid, Page};

/// The most violations whose messages are shown; files have more.
const VIOLATIONS_SHOWN: usize = 5;
/// The most messages of a violation, and characters of a message.
const MESSAGES_SHOWN: usize = 8;
const MESSAGE_SHOWN: usize = 240;
/// The most kinds of error; there are few, save where a target speaks nonsense.
const ERRORS_SHOWN: usize = 12;
/// Before words that belong to a sign.
const MET: &str = "  ✓ ";
const MISSED: &str = "  ✗ ";
const WARNING: &str = "  ! ";

pub(super) fn headline(page: &mut Page, report: &Report) {
    let scenario = words::visible(&report.scenario);
    let people = units::count(report.load.connections);
    let length = units::length(report.seconds);
    page.line(&format!("Passerby load test: {scenario}, {people} connections for {length}"));
    let mut about = vec![
        ("against", report.load.targets.join(", ")),
        ("begun", format!("{}, seed {}", units::moment(report.started_ms), report.seed)),
    ];
    if let Some(rate) = report.load.rate {
        about.push(("rate", format!("{} a second", units::number(rate))));
    }
    if report.load.workers > 1 {
        about.push(("workers", report.load.workers.to_string()));
    }
    let settings = report.load.settings.iter().map(|(name, value)| format!("{name} {value}"));
    let settings: Vec<_> = settings.collect();
    if !settings.is_empty() {
        about.push(("with", settings.join(", ")));
    }
    for (name, value) in about {
        page.paragraph(&format!("  {name:<9} "), &value);
    }
    if let Some(reason) = &report.cut_short {
        page.paragraph(WARNING, &format!("Cut short: {reason}"));
    }
}

pub(super) fn counts(page: &mut Page, report: &Report) {
    let mut grid = Grid::default();
    for (name, count, rate) in summary::counts(report) {
        let rate = format!("{}/s", units::digits(rate));
        grid.row([words::spoken(name), units::count(count), rate]);
    }
    if !report.counts.is_empty() {
        page.heading("Counts");
        page.grid(&grid);
    }
}

pub(super) fn latencies(page: &mut Page, report: &Report) {
    if report.latencies.is_empty() {
        return;
    }
    page.heading("Latencies");
    let mut grid = Grid::default();
    grid.row(["", "count", "mean", "p50", "p90", "p99", "p99.9", "max"].map(String::from));
    for (name, latency) in words::in_order(&report.latencies) {
        grid.row(figures(words::spoken(name), &latency.figures, true));
    }
    for (_, metric, spoken) in summary::TWINS {
        if let Some(seen) = summary::server_latency(report, metric) {
            grid.row(figures(format!("{spoken} (the server's)"), &seen, false));
        }
    }
    page.grid(&grid);
}

/// The server's buckets have neither a mean nor a longest.
fn figures(name: String, figures: &Figures, whole: bool) -> [String; 8] {
    let time = |us: u64| units::time(us as f64);
    let known = |text: String| if whole { text } else { "-".to_owned() };
    let Figures { count, mean, p50, p90, p99, p999, max } = *figures;
    let ends = [units::time(mean), time(max)].map(known);
    let [mean, max] = ends;
    [name, units::count(count), mean, time(p50), time(p90), time(p99), time(p999), max]
}

pub(super) fn errors(page: &mut Page, report: &Report) {
    page.heading("Errors");
    if report.errors.is_empty() {
        page.line("  none");
        return;
    }
    let mut errors: Vec<_> = report.errors.iter().collect();
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let mut grid = Grid::default();
    for (kind, count) in errors.iter().take(ERRORS_SHOWN) {
        grid.row([words::visible(kind), units::count(**count)]);
    }
    let rest = summary::total(errors.iter().skip(ERRORS_SHOWN).map(|(_, count)| **count));
    if rest > 0 {
        grid.row([format!("{} other kinds", errors.len() - ERRORS_SHOWN), units::count(rest)]);
    }
    let all = units::count(report.error_count());
    grid.row([
        "in all".into(),
        all,
        format!("{} of what was tried", units::percent(report.error_rate())),
    ]);
    page.grid(&grid);
}

pub(super) fn webrtc(page: &mut Page, report: &Report) {
    let Some(webrtc) = &report.webrtc else { return };
    page.heading("Real WebRTC peers");
    let way = if webrtc.relayed { "through the relay" } else { "direct or by STUN" };
    let (connected, pairs) = (units::count(webrtc.connected), units::count(webrtc.pairs));
    page.line(&format!("  {connected} of {pairs} pairs connected and echoed, {way}"));
    for (reason, count) in &webrtc.failed {
        page.paragraph(MISSED, &format!("{} × {reason}", units::count(*count)));
    }
}

pub(super) fn server(page: &mut Page, report: &Report) {
    let Some(used) = summary::server_use(report) else { return };
    page.heading("The server");
    let mut grid = Grid::default();
    if let Some(cpu) = used.cpu {
        let [mean, peak] = [cpu.mean_cores, cpu.peak_cores].map(units::digits);
        let seconds = units::digits(cpu.seconds);
        grid.row([
            "CPU".into(),
            format!("{mean} cores"),
            format!("{peak} at most, {seconds} s in all"),
        ]);
    }
    for (work, us) in &used.per_work {
        grid.row([format!("  a {}", words::singular(work)), units::time(*us), String::new()]);
    }
    if let Some(memory) = used.memory {
        let each = used.memory_per_connection.map(units::bytes);
        let each = each.map(|each| format!("{each} a connection")).unwrap_or_default();
        grid.row(["memory".into(), units::bytes(memory as f64), each]);
    }
    for (name, figure) in [("open files", used.open_files), ("threads", used.threads)] {
        if let Some(figure) = figure {
            grid.row([name.into(), units::count(figure), String::new()]);
        }
    }
    page.grid(&grid);
}

pub(super) fn tester(page: &mut Page, report: &Report) {
    let tester = &report.tester;
    page.heading("The tester");
    page.line(&format!(
        "  {} s of CPU, {} of its cores at most, {} of memory, timers at most {} late",
        units::digits(tester.cpu_seconds),
        units::percent(tester.peak_share),
        units::bytes(tester.memory_bytes as f64),
        units::time(tester.late_ms * 1000.0),
    ));
}

pub(super) fn goals(page: &mut Page, report: &Report) {
    if report.goals.is_empty() {
        return;
    }
    page.heading("Goals");
    for goal in &report.goals {
        let sign = if goal.met { MET } else { MISSED };
        let [measured, limit] = [goal.measured, goal.limit].map(|value| goal.words(value));
        page.paragraph(sign, &format!("{} {limit}: {measured}", goal.name));
    }
}

pub(super) fn violations(page: &mut Page, report: &Report) {
    if report.violation_count == 0 {
        return;
    }
    page.heading("Violations");
    for violation in report.violations.iter().take(VIOLATIONS_SHOWN) {
        violation_lines(page, violation);
    }
    let shown = report.violations.len().min(VIOLATIONS_SHOWN) as u64;
    let more = report.violation_count.saturating_sub(shown);
    if more > 0 {
        let kept = report.violations.len() as u64 - shown;
        let files = match kept {
            0 => String::new(),
            kept => format!(", {} of them in the files of --json and --html", units::count(kept)),
        };
        page.line(&format!("  and {} more{files}", units::count(more)));
    }
}

fn violation_lines(page: &mut Page, violation: &Violation) {
    let Violation { rule, words: happened, messages, at } = violation;
    let at = units::second(*at);
    page.paragraph(MISSED, &format!("{rule}, at {at}: {happened}"));
    for message in messages.iter().take(MESSAGES_SHOWN) {
        page.paragraph("      ", &words::shortened(message, MESSAGE_SHOWN));
    }
    if let Some(more) = messages.len().checked_sub(MESSAGES_SHOWN).filter(|more| *more > 0) {
        page.line(&format!("      and {}", words::counted(more as u64, "further message")));
    }
}

pub(super) fn warnings(page: &mut Page, report: &Report) {
    if report.warnings.is_empty() {
        return;
    }
    page.heading("Warnings");
    for warning in &report.warnings {
        page.paragraph(WARNING, warning);
    }
}

pub(super) fn verdict(page: &mut Page, report: &Report) {
    let missed = report.goals.iter().filter(|goal| !goal.met).count() as u64;
    let violations = words::counted(report.violation_count, "violation");
    page.line("");
    page.line(&match (report.failed(), report.goals.len()) {
        (true, _) => format!("✗ {violations}, {} missed", words::counted(missed, "goal")),
        (false, 0) => format!("✓ {violations}"),
        (false, goals) => format!("✓ {violations}, {} met", words::counted(goals as u64, "goal")),
    });
}
