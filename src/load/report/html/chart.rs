//! A chart: lines in SVG that stretch with the page, and around them the words
//! in HTML, which don't.

use super::axis::{Scale, Unit};
use super::markup::{Text, table};

/// The SVG's own width and height; it is stretched to what the page has.
const SIZE: f64 = 1000.0;
/// The rows of a chart's table.
const ROWS: usize = 24;

/// The style sheet's colours of lines that are told apart by name alone.
pub(super) const COLOURS: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

/// Lines over a common axis.
pub(super) struct Chart {
    pub(super) title: String,
    /// What the reader should know of it; may be empty.
    pub(super) note: String,
    pub(super) unit: Unit,
    pub(super) scale: Scale,
    /// Where the lines have their points, from 0 at the left to 1 at the right.
    pub(super) places: Vec<f64>,
    /// The words of each place.
    pub(super) place_words: Vec<String>,
    /// Places that are named at the axis.
    pub(super) ticks: Vec<(f64, String)>,
    /// The first is drawn above the others.
    pub(super) lines: Vec<Line>,
    pub(super) tall: bool,
}

/// One line of a chart.
pub(super) struct Line {
    pub(super) name: String,
    /// One of the style sheet's colours, and how it is drawn.
    pub(super) class: &'static str,
    /// One a place; none where nothing was measured.
    pub(super) values: Vec<Option<f64>>,
}

impl Chart {
    /// The chart as a figure; nothing where no line has a value.
    pub(super) fn markup(&self) -> String {
        if !self.lines.iter().any(|line| line.values.iter().any(Option::is_some)) {
            return String::new();
        }
        let title = Text(&self.title);
        let note = match self.note.as_str() {
            "" => String::new(),
            note => format!("<p class=\"note\">{}</p>", Text(note)),
        };
        let size = if self.tall { " tall" } else { "" };
        format!(
            "<figure class=\"chart{size}\"><figcaption><h3>{title}</h3>{note}{}</figcaption>\
             <div class=\"plot\" data-x=\"{}\" data-words=\"{}\">{}{}</div>{}</figure>",
            self.legend(),
            joined(self.places.iter().map(|place| format!("{place:.4}"))),
            joined(self.place_words.iter().cloned()),
            self.labels(),
            self.svg(),
            self.figures()
        )
    }

    fn legend(&self) -> String {
        let items = self.lines.iter().map(|line| {
            let values =
                line.values.iter().map(|value| value.map_or("–".into(), |v| self.unit.words(v)));
            format!(
                "<li class=\"{}\" data-values=\"{}\"><i></i>{}</li>",
                line.class,
                joined(values),
                Text(&line.name)
            )
        });
        let hidden = if self.lines.len() == 1 { " hidden=\"hidden\"" } else { "" };
        format!("<ul class=\"legend\"{hidden}>{}</ul>", items.collect::<String>())
    }

    fn labels(&self) -> String {
        let ups = self.scale.ticks(self.unit).into_iter().map(|value| {
            let top = 100.0 * (1.0 - self.scale.place(value));
            format!(
                "<span class=\"y\" style=\"top:{top:.2}%\">{}</span>",
                Text(&self.unit.short(value))
            )
        });
        let acrosses = self.ticks.iter().enumerate().map(|(at, (place, words))| {
            let class = if at == 0 { "x first" } else { "x" };
            let left = place * 100.0;
            format!("<span class=\"{class}\" style=\"left:{left:.2}%\">{}</span>", Text(words))
        });
        format!("<div aria-hidden=\"true\">{}</div>", ups.chain(acrosses).collect::<String>())
    }

    fn svg(&self) -> String {
        let title = Text(&self.title);
        let names: Vec<_> = self.lines.iter().map(|line| line.name.as_str()).collect();
        let described =
            format!("Lines of {}. The same figures stand in the table below.", names.join(", "));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIZE} {SIZE}\" \
             preserveAspectRatio=\"none\" role=\"img\"><title>{title}</title>\
             <desc>{}</desc>{}{}</svg>",
            Text(&described),
            self.grid(),
            self.lines.iter().rev().map(|line| self.path(line)).collect::<String>()
        )
    }

    fn grid(&self) -> String {
        let ups = self.scale.ticks(self.unit).into_iter().map(|value| {
            let y = self.y(value);
            format!("M0 {y:.1}H{SIZE}")
        });
        let acrosses = self.ticks.iter().map(|(place, _)| format!("M{:.1} 0V{SIZE}", place * SIZE));
        format!("<path class=\"grid\" d=\"{}\"/>", ups.chain(acrosses).collect::<String>())
    }

    fn path(&self, line: &Line) -> String {
        let runs = runs(&self.places, &line.values);
        let class = line.class;
        // A run of one point is drawn as a dot by the line's round ends.
        let stroke = runs.iter().map(|run| format!("M{}h0", self.points(run)));
        let stroke = format!("<path class=\"line {class}\" d=\"{}\"/>", stroke.collect::<String>());
        if !class.contains("area") {
            return stroke;
        }
        let area: String = runs.iter().map(|run| self.area(run)).collect();
        format!("<path class=\"fill {class}\" d=\"{area}\"/>{stroke}")
    }

    fn points(&self, run: &[(f64, f64)]) -> String {
        let point = |(x, value): &(f64, f64)| format!("{:.1} {:.1}", x * SIZE, self.y(*value));
        run.iter().map(point).collect::<Vec<_>>().join("L")
    }

    /// From the line down to the foot.
    fn area(&self, run: &[(f64, f64)]) -> String {
        let [left, right] = [run[0].0, run[run.len() - 1].0].map(|place| place * SIZE);
        format!("M{left:.1} {SIZE}L{}L{right:.1} {SIZE}Z", self.points(run))
    }

    fn y(&self, value: f64) -> f64 {
        SIZE * (1.0 - self.scale.place(value))
    }

    /// The same in figures, for those who can't see it and those who want to copy it.
    fn figures(&self) -> String {
        let every = self.places.len().div_ceil(ROWS).max(1);
        let names: Vec<_> = self.lines.iter().map(|line| Text(&line.name).to_string()).collect();
        let head: Vec<&str> = [""].into_iter().chain(names.iter().map(String::as_str)).collect();
        let cell = |value: Option<f64>| {
            Text(&value.map_or("–".into(), |v| self.unit.words(v))).to_string()
        };
        let rows = (0..self.places.len()).step_by(every).map(|at| {
            let cells = self.lines.iter().map(|line| cell(line.values[at]));
            [Text(&self.place_words[at]).to_string()].into_iter().chain(cells).collect()
        });
        let table = table(&Text(&self.title).to_string(), &head, &rows.collect::<Vec<_>>());
        format!("<details class=\"figures\"><summary>As a table</summary>{table}</details>")
    }
}

/// The points of a line, in runs without a gap.
fn runs(places: &[f64], values: &[Option<f64>]) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (place, value) in places.iter().zip(values) {
        match (value, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((*place, *value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Values of one attribute. None of ours holds the bar between them.
fn joined(values: impl Iterator<Item = String>) -> String {
    Text(&values.collect::<Vec<_>>().join("|")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_parts_a_line() {
        let values = [Some(1.0), Some(2.0), None, None, Some(3.0)];
        let places = [0.0, 0.25, 0.5, 0.75, 1.0];
        assert_eq!(runs(&places, &values), [vec![(0.0, 1.0), (0.25, 2.0)], vec![(1.0, 3.0)]]);
        assert_eq!(runs(&places, &[None; 5]), Vec::<Vec<_>>::new());
    }
}
