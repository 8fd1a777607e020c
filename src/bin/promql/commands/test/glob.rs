//! The files that a pattern of paths names: `*`, `?` and `[a-z]` within a name.

use std::path::{Component, Path, PathBuf};

/// The files and folders that fit, in order; a pattern without signs names one path, where it exists.
pub(super) fn files(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let Component::Normal(name) = component else {
            found.iter_mut().for_each(|path| path.push(component));
            continue;
        };
        let name: Vec<char> = name.to_string_lossy().chars().collect();
        if !name.iter().any(|c| matches!(c, '*' | '?' | '[')) {
            found.iter_mut().for_each(|path| path.push(component));
            continue;
        }
        let mut next = Vec::new();
        for folder in found {
            let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder.as_path() };
            let entries = std::fs::read_dir(here).into_iter().flatten().flatten();
            let names = entries.map(|entry| entry.file_name());
            let fitting =
                names.filter(|entry| fits(&name, &entry.to_string_lossy().chars().collect::<Vec<_>>()));
            next.extend(fitting.map(|entry| folder.join(entry)));
        }
        next.sort();
        found = next;
    }
    found.retain(|path| path.exists());
    found
}

/// Whether a name fits a pattern. Of several stars only the last has to be tried again, so that no name takes long.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < name.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, place));
            at += 1;
        } else if let Some(length) = one(&pattern[at..], name[place]) {
            at += length;
            place += 1;
        } else if let Some((star_at, star_place)) = star {
            star = Some((star_at, star_place + 1));
            (at, place) = (star_at + 1, star_place + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// How much of a pattern stands for the character, where it does.
fn one(pattern: &[char], character: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => {
            let end = pattern.iter().skip(2).position(|c| *c == ']')? + 2;
            let (negated, set) = match pattern[1] {
                '^' => (true, &pattern[2..end]),
                _ => (false, &pattern[1..end]),
            };
            let mut inside = false;
            let mut at = 0;
            while at < set.len() {
                if set.get(at + 1) == Some(&'-') && at + 2 < set.len() {
                    inside |= (set[at]..=set[at + 2]).contains(&character);
                    at += 3;
                } else {
                    inside |= set[at] == character;
                    at += 1;
                }
            }
            (inside != negated).then_some(end + 1)
        }
        '\\' => (pattern.get(1) == Some(&character)).then_some(2),
        same => (*same == character).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_whole_names() {
        let fits = |pattern: &str, name: &str| {
            fits(&pattern.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>())
        };
        for (pattern, name) in [
            ("*.yml", "a.yml"),
            ("*", ""),
            ("a*b*c", "aXbYbZc"),
            ("r?les", "rules"),
            ("[a-c]x", "bx"),
            ("[^a]x", "bx"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("*.yml", "a.yaml"), ("a", "ab"), ("[a-c]x", "dx"), ("[^a]x", "ax"), ("a?", "a")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
