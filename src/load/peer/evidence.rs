//! The last messages of a person, to be shown where something is wrong.

use std::collections::VecDeque;

/// As many are kept; the oldest goes first.
const KEPT: usize = 6;
/// Of each, the begin: with the room, the number and the mark.
const MAX_BYTES: usize = 280;

/// Fields that are not to stand in a report.
const SECRETS: [&str; 2] = ["\"resume\":\"", "\"credential\":\""];

/// A bounded memory of what was said and heard.
#[derive(Debug, Default)]
pub(super) struct Evidence(VecDeque<String>);

impl Evidence {
    /// The person sent a text.
    pub(super) fn sent(&mut self, text: &str) {
        self.add("sent ", text);
    }

    /// The person got a text.
    pub(super) fn got(&mut self, text: &str) {
        self.add("got ", text);
    }

    /// The messages, oldest first, each with who sent or got it.
    pub(super) fn show(&self, who: &str) -> Vec<String> {
        self.0.iter().map(|line| format!("{who} {line}")).collect()
    }

    fn add(&mut self, verb: &str, text: &str) {
        // The room of the oldest line is used again.
        let mut line =
            if self.0.len() < KEPT { None } else { self.0.pop_front() }.unwrap_or_default();
        line.clear();
        line.push_str(verb);
        if text.len() <= MAX_BYTES {
            line.push_str(text);
        } else {
            let mut end = MAX_BYTES;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            // The number stands at the end.
            let tail = text.rfind(",\"seq\":").filter(|at| *at >= end && text.len() - at < 40);
            line.push_str(&text[..end]);
            line.push_str(" ... ");
            line.push_str(tail.map_or("", |at| &text[at..]));
        }
        SECRETS.iter().for_each(|name| conceal(&mut line, name));
        self.0.push_back(line);
    }
}

/// Puts dots where the value of this field stands, as often as it does.
fn conceal(line: &mut String, name: &str) {
    let mut from = 0;
    while let Some(at) = line[from..].find(name) {
        let begin = from + at + name.len();
        let end = line[begin..].find('"').map_or(line.len(), |length| begin + length);
        line.replace_range(begin..end, "...");
        from = begin;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let mut evidence = Evidence::default();
        evidence.got("{\"resume\":\"abc\",\"x\":[{\"credential\":\"d\"},{\"credential\":\"e\"}]}");
        evidence.got("{\"type\":\"welcome\",\"resume\":\"half of it");
        let concealed =
            "p got {\"resume\":\"...\",\"x\":[{\"credential\":\"...\"},{\"credential\":\"...\"}]}";
        assert_eq!(evidence.show("p")[0], concealed);
        assert_eq!(evidence.show("p")[1], "p got {\"type\":\"welcome\",\"resume\":\"...");
    }

    #[test]
    fn the_last_messages_are_kept_cut_short() {
        let mut evidence = Evidence::default();
        for number in 0..10 {
            evidence.got(&number.to_string());
        }
        evidence.sent(&format!("{}é{},\"seq\":7}}", "x".repeat(MAX_BYTES - 1), "y".repeat(900)));
        let shown = evidence.show("person 3");
        assert_eq!(shown.len(), KEPT);
        assert_eq!(shown[0], "person 3 got 5");
        assert!(shown[5].ends_with("x ... ,\"seq\":7}"), "{}", shown[5]);
    }
}
