//! What a person asked for, in the form in which it is compared (rule 5).

use std::borrow::Cow;

use caseless::Caseless;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Mode;

/// The most interests of a `join`.
const MAX_INTERESTS: usize = 10;
/// The most characters of an interest, in compared form.
const MAX_INTEREST_CHARS: usize = 32;
/// The most languages of a `join`.
const MAX_LANGUAGES: usize = 5;

/// The preferences of a `join`, checked and in compared form. Both lists are
/// without repeats: interests in the order named, languages sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Modes never mix.
    pub mode: Mode,
    /// After NFKC, full case folding, trimming and single inner spaces.
    pub interests: Vec<Box<str>>,
    /// Primary subtags of BCP 47 tags, in lower case.
    pub languages: Vec<Box<str>>,
    /// Whether the person asks to have their address hidden (rule 9).
    #[serde(default)]
    pub private: bool,
}

impl Preferences {
    /// Checks what a `join` named and brings it into compared form.
    ///
    /// # Errors
    /// What is wrong, in words for the client.
    pub(super) fn new(
        mode: Mode,
        interests: &[Cow<'_, str>],
        languages: &[Cow<'_, str>],
        private: bool,
    ) -> Result<Self, &'static str> {
        if interests.len() > MAX_INTERESTS {
            return Err("`interests` may name at most 10");
        }
        if languages.len() > MAX_LANGUAGES {
            return Err("`languages` may name at most 5");
        }
        let mut preferences = Self { mode, private, ..Self::default() };
        for interest in interests {
            let folded = compared(interest);
            if !(1..=MAX_INTEREST_CHARS).contains(&folded.chars().count()) {
                return Err("an interest must have 1 to 32 characters");
            }
            if !preferences.interests.contains(&folded) {
                preferences.interests.push(folded);
            }
        }
        for tag in languages {
            preferences.languages.push(primary_subtag(tag)?);
        }
        preferences.languages.sort_unstable();
        preferences.languages.dedup();
        Ok(preferences)
    }
}

/// An interest in compared form: NFKC, then full case folding, then spaces.
fn compared(interest: &str) -> Box<str> {
    let folded: String = interest.nfkc().default_case_fold().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ").into()
}

/// The first subtag of a well-formed tag (RFC 5646 section 2.1), in lower case.
fn primary_subtag(tag: &str) -> Result<Box<str>, &'static str> {
    let malformed = "a language must be a well-formed BCP 47 tag";
    let parsed = language_tags::LanguageTag::parse(tag).map_err(|_| malformed)?;
    Ok(parsed.primary_language().to_ascii_lowercase().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interests(names: &[&str]) -> Result<Vec<Box<str>>, &'static str> {
        let names: Vec<_> = names.iter().map(|name| Cow::Borrowed(*name)).collect();
        Preferences::new(Mode::Video, &names, &[], false).map(|preferences| preferences.interests)
    }

    fn languages(tags: &[&str]) -> Result<Vec<Box<str>>, &'static str> {
        let tags: Vec<_> = tags.iter().map(|tag| Cow::Borrowed(*tag)).collect();
        Preferences::new(Mode::Video, &[], &tags, false).map(|preferences| preferences.languages)
    }

    #[test]
    fn rule_5_interests_are_folded_trimmed_and_named_once() {
        let named =
            interests(&["  Rock\u{a0} \t Music ", "ROCK music", "Straße", "STRASSE", "ﬁlm"]);
        assert_eq!(named.unwrap(), ["rock music".into(), "strasse".into(), Box::from("film")]);
        assert_eq!(interests(&["e\u{301}"]), interests(&["É"]));
    }

    #[test]
    fn an_interest_is_measured_in_compared_form() {
        assert!(interests(&[&"x".repeat(32)]).is_ok());
        assert!(interests(&[&format!("  {}  ", "\u{1F600}".repeat(32))]).is_ok());
        assert!(interests(&[&"x".repeat(33)]).is_err());
        assert!(interests(&["ß".repeat(17).as_str()]).is_err(), "each folds to two");
        assert!(interests(&[" \u{3000} "]).is_err());
        assert!(interests(&["a"; 11]).is_err(), "the list is measured as sent");
    }

    #[test]
    fn rule_5_languages_meet_by_primary_subtag() {
        assert_eq!(languages(&["en-GB", "EN", "de"]).unwrap(), ["de".into(), Box::from("en")]);
        for malformed in ["", "e", "en_GB", "en-", "-en", "12", "abcdefghi", "en-a", "é"] {
            assert!(languages(&[malformed]).is_err(), "{malformed:?}");
        }
        assert!(languages(&["en"; 6]).is_err());
    }
}
