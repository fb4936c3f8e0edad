//! Markup, and text that can't become any.

use std::fmt::{self, Display, Write};

use super::words;

/// Text in a page, as content or as a quoted attribute's value: shown as it is,
/// whatever it holds.
pub(super) struct Text<'a>(pub(super) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in words::visible(self.0).chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A section with its heading; nothing where there is nothing in it.
pub(super) fn section(id: &str, title: &str, content: &str) -> String {
    match content {
        "" => String::new(),
        _ => format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\
             <h2 id=\"{id}-title\">{title}</h2>{content}</section>"
        ),
    }
}

/// A table whose first column names its rows. Cells are markup already.
pub(super) fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head: String = head.iter().map(|cell| format!("<th scope=\"col\">{cell}</th>")).collect();
    let rows: String = rows.iter().map(|row| table_row(row)).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table>\
         <caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

fn table_row(row: &[String]) -> String {
    let cells = row.iter().enumerate().map(|(at, cell)| match at {
        0 => format!("<th scope=\"row\">{cell}</th>"),
        _ => format!("<td>{cell}</td>"),
    });
    format!("<tr>{}</tr>", cells.collect::<String>())
}

/// Pairs of a name and what it is. The latter is markup already.
pub(super) fn facts(facts: &[(String, String)]) -> String {
    let facts = facts
        .iter()
        .map(|(name, fact)| format!("<div><dt>{}</dt><dd>{fact}</dd></div>", Text(name)));
    format!("<dl class=\"facts\">{}</dl>", facts.collect::<String>())
}

/// Text as markup of its own.
pub(super) fn text(text: &str) -> String {
    Text(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let hostile = "</script><b onload=\"x\" a='y'>&amp;\u{0}\u{202e}";
        assert_eq!(
            text(hostile),
            "&lt;/script&gt;&lt;b onload=&quot;x&quot; a=&#39;y&#39;&gt;&amp;amp;\\u{0}\\u{202e}"
        );
    }
}
