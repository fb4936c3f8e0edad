//! Progress on a terminal by indicatif, or in lines of a log.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Progress;

/// Between two lines where there is no terminal.
const LINES_EVERY: Duration = Duration::from_secs(5);

/// Shows progress on the standard error stream. What stands on a terminal goes
/// away when this is dropped.
#[derive(Debug)]
pub struct Bar(Shown);

#[derive(Debug)]
enum Shown {
    OnTerminal(ProgressBar),
    /// Since the begin: when the next line is due.
    InLines(Duration),
    Nowhere,
}

impl Bar {
    /// For a run of this length, where one is known; silent where `quiet`.
    #[must_use]
    pub fn new(total: Option<Duration>, quiet: bool) -> Self {
        match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Self(Shown::Nowhere),
            (false, false) => Self(Shown::InLines(LINES_EVERY)),
            (false, true) => Self(Shown::OnTerminal(bar(total, ProgressDrawTarget::stderr()))),
        }
    }

    /// Shows how far the run is.
    pub fn show(&mut self, progress: &Progress) {
        match &mut self.0 {
            Shown::OnTerminal(bar) => draw(bar, progress),
            Shown::InLines(due) => {
                if let Some(line) = line_due(due, progress) {
                    eprintln!("{line}");
                }
            }
            Shown::Nowhere => {}
        }
    }

    /// Prints a line that stays, as of a violation, above the bar. Quiet or not:
    /// it is what the run is for.
    pub fn tell(&self, line: &str) {
        let line = super::super::words::visible(line);
        match &self.0 {
            Shown::OnTerminal(bar) => bar.suspend(|| eprintln!("{line}")),
            Shown::InLines(_) | Shown::Nowhere => eprintln!("{line}"),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Shown::OnTerminal(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<Duration>, target: ProgressDrawTarget) -> ProgressBar {
    let milliseconds = total.map(|total| total.as_millis() as u64);
    let template = match total {
        Some(_) => "{bar:24.cyan/dim} {prefix} {wide_msg}",
        None => "{spinner:.cyan} {prefix} {wide_msg}",
    };
    let style = ProgressStyle::with_template(template).expect("a constant template");
    let bar = ProgressBar::with_draw_target(milliseconds, target);
    bar.set_style(style.progress_chars("━╸─"));
    bar
}

fn draw(bar: &ProgressBar, progress: &Progress) {
    let elapsed = progress.elapsed.as_secs();
    let total = progress.total.map(|total| format!("/{}", total.as_secs()));
    bar.set_prefix(format!("{elapsed}{} s", total.unwrap_or_default()));
    bar.set_message(progress.words());
    // Also draws.
    bar.set_position(progress.elapsed.as_millis() as u64);
    bar.tick();
}

/// The line, where one is due; then the next one is.
fn line_due(due: &mut Duration, progress: &Progress) -> Option<String> {
    if progress.elapsed < *due {
        return None;
    }
    let passed = progress.elapsed.as_secs() / LINES_EVERY.as_secs();
    *due = LINES_EVERY * u32::try_from(passed + 1).unwrap_or(u32::MAX);
    Some(progress.line())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use indicatif::TermLike;
    use parking_lot::Mutex;

    use super::*;

    /// A terminal of one line that remembers all that was drawn.
    #[derive(Clone, Debug, Default)]
    struct Drawn(Arc<Mutex<Vec<String>>>);

    impl TermLike for Drawn {
        fn width(&self) -> u16 {
            100
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().push(text.to_owned());
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().push("cleared".to_owned());
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn at(seconds: u64) -> Progress {
        let total = Some(Duration::from_secs(60));
        Progress { elapsed: Duration::from_secs(seconds), total, matched: 7, ..Progress::default() }
    }

    #[test]
    fn a_line_every_five_seconds() {
        let mut due = LINES_EVERY;
        let lines = [0, 4, 5, 6, 9, 17, 19, 20].map(|s| line_due(&mut due, &at(s)).is_some());
        assert_eq!(lines, [false, false, true, false, false, true, false, true]);
    }

    #[test]
    fn a_bar_shows_the_words_and_goes_away() {
        let term = Drawn::default();
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let mut shown = Bar(Shown::OnTerminal(bar(at(0).total, target)));
        shown.show(&at(30));
        let text = term.0.lock().concat();
        assert!(text.contains("━━━━━━━━━━━━") && text.contains("30/60 s"), "{text}");
        assert!(text.contains("7 matched"), "{text}");
        drop(shown);
        assert_eq!(term.0.lock().last().map(String::as_str), Some("cleared"));
    }
}
