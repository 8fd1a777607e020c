//! Which column is what: said by `--csv`, or else told by names and by the first row.

use std::{path::Path, str::FromStr};

use csv::StringRecord;

/// What `--csv` says: `time=COLUMN,value=COLUMN+…,name=COLUMN,labels=COLUMN+…`, each where wanted; `*` are all others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mapping {
    time: Option<String>,
    value: Option<Vec<String>>,
    name: Option<String>,
    labels: Option<Vec<String>>,
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut mapping = Self::default();
        for item in text.split(',').filter(|item| !item.trim().is_empty()) {
            let (key, columns) = item
                .split_once('=')
                .ok_or_else(|| format!("`{item}` is no KEY=COLUMN; an example: time=ts,value=v,labels=*"))?;
            let one = || Some(columns.trim().to_owned());
            let list = || {
                let names = columns.split('+').map(|name| name.trim().to_owned());
                Some(names.filter(|name| !name.is_empty()).collect())
            };
            match key.trim() {
                "time" => mapping.time = one(),
                "value" => mapping.value = list(),
                "name" => mapping.name = one(),
                "labels" => mapping.labels = list(),
                other => return Err(format!("`{other}` is none of time, value, name, labels")),
            }
        }
        Ok(mapping)
    }
}

/// The columns of one file by their numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) time: usize,
    /// Columns of values, each with the metric's name where no column says it.
    pub(super) values: Vec<(usize, String)>,
    /// The column of metric names.
    pub(super) name: Option<usize>,
    pub(super) labels: Vec<(usize, String)>,
}

const TIMES: [&str; 6] = ["time", "timestamp", "ts", "date", "datetime", "_time"];
const VALUES: [&str; 4] = ["value", "val", "v", "_value"];
const NAMES: [&str; 4] = ["__name__", "metric", "name", "_measurement"];

/// The number of the column of times.
pub(super) fn time_column(header: &StringRecord, mapping: Option<&Mapping>) -> Option<usize> {
    match mapping.and_then(|mapping| mapping.time.as_ref()) {
        Some(time) => header.iter().position(|name| name == time),
        None => known(header, &TIMES),
    }
}

fn known(header: &StringRecord, names: &[&str]) -> Option<usize> {
    names.iter().find_map(|known| header.iter().position(|name| name.eq_ignore_ascii_case(known)))
}

impl Columns {
    /// Finds the columns; the first row tells numbers from labels where nothing else does.
    pub(super) fn find(
        header: &StringRecord,
        first: &StringRecord,
        mapping: Option<&Mapping>,
        file: &str,
    ) -> Result<Self, String> {
        let names = || header.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let number = |column: &str| {
            let found = header.iter().position(|name| name == column);
            found.ok_or_else(|| format!("there is no column `{column}`; there are {}", names()))
        };
        let default = Mapping::default();
        let mapping = mapping.unwrap_or(&default);
        let time = match &mapping.time {
            Some(column) => number(column)?,
            None => time_column(header, None).ok_or_else(|| {
                format!("which column is the time? say --csv time=COLUMN; there are {}", names())
            })?,
        };
        let name = match &mapping.name {
            Some(column) => Some(number(column)?),
            None => known(header, &NAMES).filter(|column| *column != time),
        };
        let is_left = |column: &usize| *column != time && Some(*column) != name;
        let all = || (0..header.len()).filter(is_left);
        let is_number = |column: &usize| first.get(*column).is_some_and(|cell| cell.parse::<f64>().is_ok());
        let listed =
            |list: &[String]| list.iter().map(|column| number(column)).collect::<Result<Vec<_>, _>>();
        let is_all = |list: &[String]| matches!(list, [all] if all == "*");
        let labels_said = match &mapping.labels {
            Some(list) if !is_all(list) => Some(listed(list)?),
            _ => None,
        };
        let is_label = |column: &usize| labels_said.as_ref().is_some_and(|labels| labels.contains(column));
        let values: Vec<usize> = match &mapping.value {
            Some(list) if !is_all(list) => listed(list)?,
            Some(_) => all().filter(|column| !is_label(column)).collect(),
            None => match known(header, &VALUES).filter(is_left) {
                Some(value) => vec![value],
                None => all().filter(|column| is_number(column) && !is_label(column)).collect(),
            },
        };
        if values.is_empty() {
            return Err(format!("which column is the value? say --csv value=COLUMN; there are {}", names()));
        }
        let labels: Vec<usize> =
            labels_said.unwrap_or_else(|| all().filter(|column| !values.contains(column)).collect());
        let with_name = |column: usize| (column, header.get(column).unwrap_or_default().to_owned());
        // A column that is called `value` says nothing of what it is; the file's name may.
        let metric = |column: usize| {
            let (column, called) = with_name(column);
            let is_bare = VALUES.iter().any(|value| called.eq_ignore_ascii_case(value));
            (column, if is_bare { file_metric(file) } else { called })
        };
        Ok(Self {
            time,
            values: values.into_iter().map(metric).collect(),
            name,
            labels: labels.into_iter().map(with_name).collect(),
        })
    }
}

/// A file's name as that of a metric.
fn file_metric(file: &str) -> String {
    let stem =
        Path::new(file).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let stem = stem.split('.').next().unwrap_or_default();
    let name: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name,
        _ => "value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(mapping: &str, header: &[&str], first: &[&str]) -> Result<String, String> {
        let mapping: Mapping = mapping.parse()?;
        let columns = Columns::find(&header.into(), &first.into(), Some(&mapping), "in/room temp.csv.gz")?;
        let list = |columns: &[(usize, String)]| {
            columns.iter().map(|(at, name)| format!("{at}:{name}")).collect::<Vec<_>>().join(" ")
        };
        Ok(format!(
            "time {} values {} name {:?} labels {}",
            columns.time,
            list(&columns.values),
            columns.name,
            list(&columns.labels)
        ))
    }

    #[test]
    fn columns_are_told_by_their_names_and_the_first_row() {
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(
            found("", &["Time", "room", "value"], &["1", "a", "20"]),
            ok("time 0 values 2:room_temp name None labels 1:room")
        );
        assert_eq!(
            found("", &["ts", "cpu", "mem", "host"], &["1", "0.5", "", "a"]),
            ok("time 0 values 1:cpu name None labels 2:mem 3:host")
        );
        assert_eq!(
            found("", &["metric", "timestamp", "v", "x"], &["up", "1", "0", "7"]),
            ok("time 1 values 2:room_temp name Some(0) labels 3:x")
        );
        assert_eq!(
            found("time=when,value=a+b,labels=c", &["a", "b", "c", "d", "when"], &["1"; 5]),
            ok("time 4 values 0:a 1:b name None labels 2:c")
        );
        assert_eq!(
            found("value=*,labels=host", &["time", "cpu", "mem", "host"], &["1", "", "", "7"]),
            ok("time 0 values 1:cpu 2:mem name None labels 3:host")
        );
        assert_eq!(
            found("labels=", &["time", "value", "host"], &["1", "2", "a"]),
            ok("time 0 values 1:room_temp name None labels ")
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let error = |mapping: &str, header: &[&str]| {
            found(mapping, header, &vec!["x"; header.len()]).expect_err("no columns")
        };
        assert_eq!(
            error("", &["a", "b"]),
            "which column is the time? say --csv time=COLUMN; there are `a`, `b`"
        );
        assert_eq!(
            error("", &["time", "b"]),
            "which column is the value? say --csv value=COLUMN; there are `time`, `b`"
        );
        assert_eq!(error("time=x", &["a"]), "there is no column `x`; there are `a`");
        assert_eq!(error("when=x", &["a"]), "`when` is none of time, value, name, labels");
        assert_eq!(error("time", &["a"]), "`time` is no KEY=COLUMN; an example: time=ts,value=v,labels=*");
    }
}
