//! Which annotation type reads a document, by what they say of it and by what was asked for. Nothing is read here.

use super::Import;
use lightbox_sdk::Recognition;

/// The best type that wants the document for itself, or every type that shares it.
pub fn choose(recognised: &[(String, Recognition)]) -> Vec<(&String, &Recognition)> {
    let wanted = recognised.iter().filter(|(_, each)| each.confidence > 0).map(|(id, each)| (id, each));
    let (sharing, alone): (Vec<_>, Vec<_>) = wanted.partition(|(_, each)| each.shares);
    if sharing.is_empty() { alone.into_iter().take(1).collect() } else { sharing }
}

/// Leaves out what was not asked for. Gives what reads the document all the same when nothing is left: the type that was
/// named, by a format that another type saw in it; or, of the only document of an upload, the first type of the format that
/// was named, which then says what is wrong with it.
pub fn keep_wanted(import: &Import, recognised: &mut Vec<(String, Recognition)>) -> Option<(String, Recognition)> {
    let into = import.into.as_ref()?;
    let is_wanted = |id: &str| into.annotation_type.as_deref().is_none_or(|wanted| wanted == id);
    let is_asked = |each: &Recognition| into.format.as_ref().is_none_or(|format| *format == each.format);
    let seen = recognised.iter().map(|(_, each)| each).find(|each| each.confidence > 0 && is_asked(each)).cloned();
    recognised.retain(|(id, each)| each.confidence == 0 || (is_wanted(id) && is_asked(each)));
    let Recognition { format, shares, .. } = match (seen, &into.format) {
        (Some(seen), _) => seen,
        (None, Some(format)) if import.archive.is_single() => {
            Recognition { format: format.clone(), ..Recognition::default() }
        }
        _ => return None,
    };
    let catalog = import.run.services.plugins.catalog();
    let mut types =
        catalog.annotation_types().filter(|(each, _)| is_wanted(&each.id) && each.formats.contains(&format));
    let id = types.next()?.0.id.clone();
    Some((id, Recognition { confidence: 100, format, shares, ..Recognition::default() }))
}

/// What each type missed, each reason once.
pub fn why_not(recognised: &[(String, Recognition)]) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (id, Recognition { reason, .. }) in recognised.iter().filter(|(_, each)| !each.reason.is_empty()) {
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, types)) => types.push(id),
            None => reasons.push((reason, vec![id])),
        }
    }
    match reasons.as_slice() {
        [] => "no annotation type reads this document".to_owned(),
        [(reason, _)] => (*reason).to_owned(),
        several => {
            let said = several.iter().map(|(reason, types)| format!("{reason} ({})", types.join(", ")));
            said.collect::<Vec<_>>().join("; ")
        }
    }
}
