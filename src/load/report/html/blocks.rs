//! The header with the verdict, warnings, violations, and the foot.

use super::super::{Report, Violation};
use super::markup::{Text, text};
use super::{units, words};

/// So many violations show their messages at once.
const OPEN: usize = 3;

/// The headline and the verdict.
pub(super) fn header(report: &Report) -> String {
    let scenario = words::spoken(&report.scenario);
    let people = units::count(report.load.connections);
    let length = units::length(report.seconds);
    let targets = report.load.targets.join(", ");
    format!(
        "<header><p class=\"kicker\">Passerby load test</p><h1>{}</h1>\
         <p class=\"lede\">{people} connections for {length} against <b>{}</b></p>\
         <p class=\"lede small\">{}, seed {}</p>{}</header>",
        Text(&scenario),
        Text(&targets),
        units::moment(report.started_ms),
        report.seed,
        verdict(report)
    )
}

fn verdict(report: &Report) -> String {
    let missed = report.goals.iter().filter(|goal| !goal.met).count() as u64;
    let (class, sign, word) = match (report.failed(), &report.cut_short) {
        (true, _) => ("verdict bad", "✗", "Failed"),
        (false, Some(_)) => ("verdict warn", "!", "Cut short"),
        (false, None) => ("verdict good", "✓", "Passed"),
    };
    let goals = match report.goals.len() as u64 {
        0 => "no goals given".to_owned(),
        all if missed == 0 => format!("{} met", words::counted(all, "goal")),
        all => format!("{missed} of {} missed", words::counted(all, "goal")),
    };
    let violations = words::counted(report.violation_count, "violation");
    let errors = words::counted(report.error_count(), "error");
    format!(
        "<p class=\"{class}\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span>\
         <span><b>{word}</b> {goals}, {violations}, {errors}</span></p>"
    )
}

/// Why the run was cut short, and what else a reader should not miss.
pub(super) fn warnings(report: &Report) -> String {
    let cut = report.cut_short.iter().map(|why| format!("Cut short: {why}"));
    let items: String = cut
        .chain(report.warnings.iter().cloned())
        .map(|w| format!("<li>{}</li>", Text(&w)))
        .collect();
    match items.as_str() {
        "" => String::new(),
        items => format!(
            "<section id=\"warnings\" aria-label=\"Warnings\">\
             <ul class=\"warnings\">{items}</ul></section>"
        ),
    }
}

/// What went wrong, each with the messages that show it; the first ones open.
pub(super) fn violations(report: &Report) -> String {
    if report.violation_count == 0 {
        return String::new();
    }
    let shown = report.violations.iter().enumerate();
    let shown: String = shown.map(|(at, one)| violation(one, at < OPEN)).collect();
    match report.violation_count.saturating_sub(report.violations.len() as u64) {
        0 => shown,
        more => format!(
            "{shown}<p class=\"note\">And {} more, of which only the number was kept.</p>",
            units::count(more)
        ),
    }
}

fn violation(violation: &Violation, open: bool) -> String {
    let open = if open { " open=\"open\"" } else { "" };
    let messages = violation.messages.iter();
    let messages: String =
        messages.map(|message| format!("<li><code>{}</code></li>", Text(message))).collect();
    let messages = match messages.as_str() {
        "" => messages,
        items => format!("<ol>{items}</ol>"),
    };
    format!(
        "<details class=\"violation\"{open}><summary><b>{}</b> <span>at {}</span></summary>\
         <p>{}</p>{messages}</details>",
        Text(&violation.rule),
        units::second(violation.at),
        Text(&violation.words),
    )
}

/// What made the page.
pub(super) fn footer(report: &Report) -> String {
    format!(
        "<footer>Made by <code>passerby load</code> {}. \
         What was due at a time counts from then, not from when it was sent.</footer>",
        text(&report.version)
    )
}
