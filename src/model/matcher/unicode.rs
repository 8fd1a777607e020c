//! The Unicode classes that Go's patterns know, by name.
//!
//! Go takes exactly these spellings; the `regex` crate takes more names and looser spellings, so they are
//! looked up here first.

/// General categories.
const CATEGORIES: &[&str] = &[
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N",
    "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl",
    "Zp", "Zs",
];

/// Scripts.
const SCRIPTS: &[&str] = &[
    "Adlam",
    "Ahom",
    "Anatolian_Hieroglyphs",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Bassa_Vah",
    "Batak",
    "Bengali",
    "Bhaiksuki",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Canadian_Aboriginal",
    "Carian",
    "Caucasian_Albanian",
    "Chakma",
    "Cham",
    "Cherokee",
    "Chorasmian",
    "Common",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cypro_Minoan",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Dives_Akuru",
    "Dogra",
    "Duployan",
    "Egyptian_Hieroglyphs",
    "Elbasan",
    "Elymaic",
    "Ethiopic",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Grantha",
    "Greek",
    "Gujarati",
    "Gunjala_Gondi",
    "Gurmukhi",
    "Han",
    "Hangul",
    "Hanifi_Rohingya",
    "Hanunoo",
    "Hatran",
    "Hebrew",
    "Hiragana",
    "Imperial_Aramaic",
    "Inherited",
    "Inscriptional_Pahlavi",
    "Inscriptional_Parthian",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kawi",
    "Kayah_Li",
    "Kharoshthi",
    "Khitan_Small_Script",
    "Khmer",
    "Khojki",
    "Khudawadi",
    "Lao",
    "Latin",
    "Lepcha",
    "Limbu",
    "Linear_A",
    "Linear_B",
    "Lisu",
    "Lycian",
    "Lydian",
    "Mahajani",
    "Makasar",
    "Malayalam",
    "Mandaic",
    "Manichaean",
    "Marchen",
    "Masaram_Gondi",
    "Medefaidrin",
    "Meetei_Mayek",
    "Mende_Kikakui",
    "Meroitic_Cursive",
    "Meroitic_Hieroglyphs",
    "Miao",
    "Modi",
    "Mongolian",
    "Mro",
    "Multani",
    "Myanmar",
    "Nabataean",
    "Nag_Mundari",
    "Nandinagari",
    "New_Tai_Lue",
    "Newa",
    "Nko",
    "Nushu",
    "Nyiakeng_Puachue_Hmong",
    "Ogham",
    "Ol_Chiki",
    "Old_Hungarian",
    "Old_Italic",
    "Old_North_Arabian",
    "Old_Permic",
    "Old_Persian",
    "Old_Sogdian",
    "Old_South_Arabian",
    "Old_Turkic",
    "Old_Uyghur",
    "Oriya",
    "Osage",
    "Osmanya",
    "Pahawh_Hmong",
    "Palmyrene",
    "Pau_Cin_Hau",
    "Phags_Pa",
    "Phoenician",
    "Psalter_Pahlavi",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Sharada",
    "Shavian",
    "Siddham",
    "SignWriting",
    "Sinhala",
    "Sogdian",
    "Sora_Sompeng",
    "Soyombo",
    "Sundanese",
    "Syloti_Nagri",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Tai_Le",
    "Tai_Tham",
    "Tai_Viet",
    "Takri",
    "Tamil",
    "Tangsa",
    "Tangut",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Tirhuta",
    "Toto",
    "Ugaritic",
    "Vai",
    "Vithkuqi",
    "Wancho",
    "Warang_Citi",
    "Yezidi",
    "Yi",
    "Zanabazar_Square",
];

/// Categories' long names, canonical, which only [`Names::Loose`] takes.
const ALIASES: &[(&str, &str)] = &[
    ("Casedletter", "LC"),
    ("Closepunctuation", "Pe"),
    ("Cntrl", "Cc"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Digit", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Lc", "LC"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punct", "P"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Surrogate", "Cs"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Unassigned", "Cn"),
    ("Uppercaseletter", "Lu"),
];

/// Which spellings of a class name are taken.
///
/// Prometheus parses the patterns of matchers with a copy of an older Go's parser, and those of `label_replace` with the one of
/// the Go it is built with, which since 1.25 also looks names up loosely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Exactly as in Unicode's tables, and `Any`.
    Exact,
    /// In any case, without regard to `_`, `-` and spaces, the long names of categories too, `ASCII` and `Assigned`. Scripts
    /// of more than one word are not found, by a fault of Go's that users see as an error.
    Loose,
}

/// A first letter in upper case, the rest in lower case, nothing between words.
fn canonical(name: &str) -> String {
    let mut letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect()
}

/// The `regex` crate's class for a name in `\p{…}`; `None` where Go knows none. `negated` asks for the complement.
pub(super) fn class(name: &str, negated: bool, names: Names) -> Option<String> {
    let canonical = match names {
        Names::Exact => name.to_owned(),
        Names::Loose => {
            let canonical = canonical(name);
            match canonical.as_str() {
                "Assigned" => return class("Cn", !negated, Names::Exact),
                "Ascii" => {
                    return Some(if negated { r"[^\x{0}-\x{7F}]" } else { r"\x{0}-\x{7F}" }.to_owned());
                }
                _ => {}
            }
            let alias = ALIASES.binary_search_by_key(&canonical.as_str(), |(alias, _)| alias).ok();
            alias.and_then(|at| ALIASES.get(at)).map_or(canonical, |(_, category)| (*category).to_owned())
        }
    };
    let letter = if negated { 'P' } else { 'p' };
    let all = || r"\x{0}-\x{10FFFF}".to_owned();
    match canonical.as_str() {
        "Any" => Some(if negated { String::new() } else { all() }),
        // Every character of a text is a scalar value: there are no surrogates to find.
        "Cs" => Some(if negated { all() } else { String::new() }),
        name if CATEGORIES.binary_search(&name).is_ok() => Some(format!(r"\{letter}{{gc={name}}}")),
        name => SCRIPTS.binary_search(&name).ok().map(|_| format!(r"\{letter}{{sc={name}}}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regex_crate_knows_every_class() {
        assert!(CATEGORIES.is_sorted() && SCRIPTS.is_sorted() && ALIASES.is_sorted());
        for name in CATEGORIES.iter().chain(SCRIPTS) {
            for negated in [false, true] {
                let class = class(name, negated, Names::Exact).unwrap();
                assert!(regex::Regex::new(&format!("[a{class}]")).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn names_are_taken_exactly_or_loosely() {
        for name in ["greek", "Letter", "LU", "lc", "ASCII", "cntrl", "uppercase letter", "Greek"] {
            assert_eq!(class(name, false, Names::Exact).is_some(), name == "Greek", "{name}");
            assert!(class(name, false, Names::Loose).is_some(), "{name}");
        }
        for name in ["", "Nothing", "Old Italic", "Old_Italic"] {
            assert_eq!(class(name, false, Names::Loose), None, "{name}");
        }
    }
}
