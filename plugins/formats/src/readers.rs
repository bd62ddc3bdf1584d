//! Asks the formats that a type reads, one after the other, whether a document is theirs.

use lightbox_sdk::{Recognition, Result};

/// One format's answer: `None` when the document is of another kind altogether, by its name or its beginning.
pub type Reader<'a> = &'a dyn Fn() -> Result<Option<Recognition>>;

/// The answer of the first format that is sure; if there is none, the reasons of all that looked.
///
/// # Errors
/// Those of the formats.
pub fn first_sure(readers: &[Reader<'_>]) -> Result<Recognition> {
    let mut reasons: Vec<String> = Vec::new();
    for reader in readers {
        let Some(found) = reader()? else { continue };
        if found.confidence > 0 {
            return Ok(found);
        }
        if !reasons.contains(&found.reason) {
            reasons.push(found.reason);
        }
    }
    Ok(Recognition::none(reasons.join("; ")))
}

/// The answer of the format that is most sure, the first of equals; if there is none, the reasons of all that looked.
///
/// # Errors
/// Those of the formats.
pub fn surest(readers: &[Reader<'_>]) -> Result<Recognition> {
    let found = readers.iter().map(|reader| reader()).collect::<Result<Vec<_>>>()?;
    let found: Vec<Recognition> = found.into_iter().flatten().collect();
    let best = found.iter().map(|each| each.confidence).max().unwrap_or(0);
    first_sure(&[&|| Ok(found.iter().find(|each| best > 0 && each.confidence == best).cloned()), &|| {
        let reasons: Vec<&str> = found.iter().map(|each| each.reason.as_str()).collect();
        Ok(Some(Recognition::none(reasons.join("; "))))
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sure_one_answers_and_otherwise_all_say_why_not() {
        let none = |reason: &'static str| move || Ok(Some(Recognition::none(reason)));
        let sure = || Ok(Some(Recognition { confidence: 5, format: "x".into(), ..Recognition::default() }));
        let other = || Ok(None);
        assert_eq!(first_sure(&[&none("no a"), &other, &sure, &none("no b")]).unwrap().format, "x");
        let refused = first_sure(&[&none("no a"), &other, &none("no b"), &none("no a")]).unwrap();
        let surer = || Ok(Some(Recognition { confidence: 9, format: "y".into(), ..Recognition::default() }));
        assert_eq!(surest(&[&sure, &other, &surer]).unwrap().format, "y");
        assert_eq!(surest(&[&none("no a"), &none("no b")]).unwrap().reason, "no a; no b");
        assert_eq!((refused.confidence, refused.reason.as_str()), (0, "no a; no b"));
    }
}
