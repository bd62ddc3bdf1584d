//! Names of entries in an upload archive: which are passed over, which are unsafe, and how their bytes are read.

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS};

/// What an entry's name alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Folder entries and the litter of desktops: passed over in silence.
    Litter,
    /// Would leave the dataset's folder: absolute, with `..`, or with a drive letter.
    Unsafe,
    File,
}

pub fn entry_kind(path: &str) -> EntryKind {
    let plain = path.replace('\\', "/");
    if plain.ends_with('/') {
        return EntryKind::Litter;
    }
    let drive = plain.as_bytes().get(1) == Some(&b':');
    if plain.is_empty()
        || plain.starts_with('/')
        || drive
        || plain.contains('\0')
        || plain.split('/').any(|p| p == "..")
    {
        return EntryKind::Unsafe;
    }
    let name = plain.rsplit('/').next().unwrap_or(&plain);
    let resource_fork = plain.split('/').any(|part| part == "__MACOSX") || name.starts_with("._");
    let litter = matches!(name.to_ascii_lowercase().as_str(), ".ds_store" | "thumbs.db" | "desktop.ini");
    if resource_fork || litter { EntryKind::Litter } else { EntryKind::File }
}

/// An encoding that old archivers wrote names in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameEncoding {
    Cp437,
    Other(&'static Encoding),
}

impl NameEncoding {
    pub const ALL: [Self; 5] =
        [Self::Other(GBK), Self::Other(BIG5), Self::Other(SHIFT_JIS), Self::Other(EUC_KR), Self::Cp437];

    pub fn name(self) -> &'static str {
        match self {
            Self::Cp437 => "CP437",
            Self::Other(encoding) => encoding.name(),
        }
    }

    /// `None` when the bytes are not of this encoding.
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Cp437 => Some(bytes.iter().map(|byte| cp437(*byte)).collect()),
            Self::Other(encoding) => {
                encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
            }
        }
    }
}

/// The encoding under which most of `names` are found by `is_known` (names in `label.csv`); among equals the one that
/// `likely` (a detector's guess) says, else CP437, which the zip format names.
pub fn guess_encoding(names: &[&[u8]], is_known: impl Fn(&str) -> bool, likely: &'static Encoding) -> NameEncoding {
    let score = |encoding: &NameEncoding| {
        let decoded: Option<Vec<String>> = names.iter().map(|name| encoding.decode(name)).collect();
        let known = decoded.map(|names| names.iter().filter(|name| is_known(name)).count());
        let preferred = match encoding {
            NameEncoding::Other(encoding) => 2 * u8::from(*encoding == likely),
            NameEncoding::Cp437 => 1,
        };
        known.map(|known| (known, preferred))
    };
    NameEncoding::ALL.into_iter().max_by_key(score).unwrap_or(NameEncoding::Cp437)
}

/// Code page 437, upper half, as Unicode maps it (unicode.org, VENDORS/MICSFT/PC/CP437.TXT).
const CP437_UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

fn cp437(byte: u8) -> char {
    match byte {
        0..=0x7f => char::from(byte),
        _ => CP437_UPPER.chars().nth(usize::from(byte) - 0x80).unwrap_or('\u{fffd}'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_litter_from_files_and_unsafe_ones() {
        let table = [
            ("a/", EntryKind::Litter),
            ("__MACOSX/a.png", EntryKind::Litter),
            ("x/._a.png", EntryKind::Litter),
            ("x/Thumbs.db", EntryKind::Litter),
            ("Classes/.DS_Store", EntryKind::Litter),
            ("/etc/passwd", EntryKind::Unsafe),
            ("a/../../b", EntryKind::Unsafe),
            ("..\\b", EntryKind::Unsafe),
            ("C:\\b", EntryKind::Unsafe),
            ("", EntryKind::Unsafe),
            ("a..b/c.png", EntryKind::File),
            ("a.png", EntryKind::File),
        ];
        for (path, expected) in table {
            assert_eq!(entry_kind(path), expected, "{path:?}");
        }
    }

    #[test]
    fn names_in_label_csv_decide_the_encoding() {
        let (gbk, _, _) = GBK.encode("肺炎.png");
        let known = guess_encoding(&[&gbk], |name| name == "肺炎.png", encoding_rs::WINDOWS_1252);
        assert_eq!(known, NameEncoding::Other(GBK));
        let unknown = guess_encoding(&[b"caf\x82.png"], |_| false, encoding_rs::WINDOWS_1252);
        assert_eq!(unknown, NameEncoding::Cp437);
        assert_eq!(unknown.decode(b"caf\x82.png").as_deref(), Some("café.png"));
    }

    #[test]
    fn code_page_437_has_all_of_its_upper_half() {
        assert_eq!(CP437_UPPER.chars().count(), 128);
    }
}
