//! The tables of `docs/conformance.md`: read as what may not fall, written on request.
//!
//! `PROMQL_CONFORMANCE=write` writes the figures that a run finds; whatever it does not ask (the corpora, where they are not
//! there) stays as it is.

pub(crate) mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use words::Word;

/// How many of some questions agree.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// What they are: a file, or a word of the language.
    pub(crate) name: String,
    /// Those that agree.
    pub(crate) passed: usize,
    /// All of them.
    pub(crate) total: usize,
}

/// How many questions use each word, and agree.
pub(crate) struct Usage(BTreeMap<Word, (usize, usize)>);

impl Default for Usage {
    fn default() -> Self {
        Self(words::all().into_iter().map(|word| (word, (0, 0))).collect())
    }
}

impl Usage {
    /// Counts a question.
    pub(crate) fn count(&mut self, query: &str, agrees: bool) {
        for word in words::of(query) {
            let (passed, total) = self.0.entry(word).or_default();
            *passed += usize::from(agrees);
            *total += 1;
        }
    }

    /// The words that no question uses.
    pub(crate) fn missing(&self) -> Vec<Word> {
        self.0.iter().filter(|(_, (_, total))| *total == 0).map(|(word, _)| *word).collect()
    }

    /// As [`settle`], in that column of the table by word.
    pub(crate) fn settle(&self, column: &str) {
        let used = self.0.values().filter(|(_, total)| *total > 0).count();
        let agree = self.0.values().filter(|(passed, total)| *total > 0 && passed == total).count();
        println!("{column}: {used} words of the language, {agree} of them right in every question");
        let figure = |(word, (passed, total)): (&Word, &(usize, usize))| Figure {
            name: word.to_string(),
            passed: *passed,
            total: *total,
        };
        settle_column("word", column, &self.0.iter().map(figure).collect::<Vec<_>>());
    }
}

/// Fails where a figure is below the committed one, or, with `PROMQL_CONFORMANCE=write`, writes it into the table by file.
pub(crate) fn settle(figures: &[Figure]) {
    let figures = figures.iter().map(|figure| Figure { name: format!("`{}`", figure.name), ..*figure });
    settle_column("file", "agree", &figures.collect::<Vec<_>>());
}

/// Tests of one program run side by side, and each rewrites its lines of the file.
static WRITING: Mutex<()> = Mutex::new(());

/// As [`settle`], in that column of the table whose first column has that head.
pub(crate) fn settle_column(table: &str, column: &str, figures: &[Figure]) {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/conformance.md");
    let text = std::fs::read_to_string(&path).expect("docs/conformance.md is there");
    let mut page = Page::find(&text, table);
    if std::env::var("PROMQL_CONFORMANCE").is_ok_and(|wish| wish == "write") {
        page.set(column, figures);
        std::fs::write(path, page.to_string()).expect("docs can be written");
        return;
    }
    let below = page.below(column, figures);
    assert!(below.is_empty(), "below the figures of docs/conformance.md: {below:?}");
}

/// A page around one of its tables, which is found by the head of its first column.
struct Page<'a> {
    before: &'a str,
    columns: Vec<&'a str>,
    /// By the first cell; of each further one how many agree of how many, where it says so.
    rows: BTreeMap<String, Vec<Option<(usize, usize)>>>,
    after: &'a str,
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").map(str::trim).collect())
}

fn parse_cell(cell: &str) -> Option<(usize, usize)> {
    let (passed, total) = cell.split_once(" of ")?;
    Some((passed.parse().ok()?, total.parse().ok()?))
}

impl<'a> Page<'a> {
    fn find(text: &'a str, table: &str) -> Self {
        let start = text.find(&format!("\n| {table} |")).expect("the table has a head") + 1;
        let (before, rest) = text.split_at(start);
        let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
        let (lines, after) = rest.split_at(end);
        let mut lines = lines.lines().filter_map(cells);
        let columns = lines.next().unwrap_or_default();
        let row = |cells: Vec<&str>| {
            let first = cells.first().copied().unwrap_or_default().to_owned();
            (first, cells.iter().skip(1).map(|cell| parse_cell(cell)).collect())
        };
        // The line under the head has no spaces.
        Self { before, columns, rows: lines.map(row).collect(), after }
    }

    fn column(&self, name: &str) -> usize {
        let at = self.columns.iter().skip(1).position(|column| *column == name);
        at.unwrap_or_else(|| panic!("no column {name:?}"))
    }

    fn below(&self, column: &str, figures: &[Figure]) -> Vec<String> {
        let at = self.column(column);
        let committed = |name: &str| self.rows.get(name)?.get(at).copied().flatten();
        let falls =
            |figure: &&Figure| committed(&figure.name).is_some_and(|(passed, _)| figure.passed < passed);
        let text = |figure: &Figure| format!("{}: {} of {}", figure.name, figure.passed, figure.total);
        figures.iter().filter(falls).map(text).collect()
    }

    fn set(&mut self, column: &str, figures: &[Figure]) {
        let (at, width) = (self.column(column), self.columns.len() - 1);
        for figure in figures {
            let row = self.rows.entry(figure.name.clone()).or_default();
            row.resize(width, None);
            row[at] = Some((figure.passed, figure.total));
        }
    }
}

impl std::fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}| {} |\n|{}\n",
            self.before,
            self.columns.join(" | "),
            "---|".repeat(self.columns.len())
        )?;
        for (first, cells) in &self.rows {
            write!(f, "| {first} |")?;
            for cell in cells {
                match cell {
                    Some((passed, total)) => write!(f, " {passed} of {total} |")?,
                    None => f.write_str(" – |")?,
                }
            }
            writeln!(f)?;
        }
        f.write_str(self.after)
    }
}

#[test]
fn a_figure_that_falls_is_found_and_what_is_written_is_read_back() {
    let text = "before\n\n| word | here | there |\n|---|---|---|\n| `a` | 2 of 3 | – |\n\nafter\n";
    let figure = |passed| [Figure { name: "`a`".to_owned(), passed, total: 3 }];
    let mut page = Page::find(text, "word");
    assert_eq!(page.to_string(), text);
    assert_eq!(page.below("here", &figure(1)), ["`a`: 1 of 3"]);
    assert!(page.below("here", &figure(2)).is_empty() && page.below("there", &figure(0)).is_empty());
    page.set("there", &figure(3));
    assert_eq!(page.to_string(), text.replace('–', "3 of 3"));
}
