//! The frame of a COCO document: where its lists lie. Their rows are read elsewhere, each by itself.
//!
//! Source: "Data format" and "Results format" of cocodataset.org. A dataset is an object with `images`, `annotations` and
//! `categories` in any order; results are a bare list of annotations.

use super::scan::Value;
use lightbox_sdk::{Call, Error, Result};

/// The lists of a document.
pub(super) struct Coco<'a> {
    pub(super) annotations: Value<'a>,
    /// `None` in results: annotations name images by id only.
    pub(super) images: Option<Value<'a>>,
    /// `None` also for a list without content.
    pub(super) categories: Option<Value<'a>>,
    /// `info.annotation_type`, which our own documents have: boxes and masks look alike otherwise.
    pub(super) written_as: Option<String>,
}

impl<'a> Coco<'a> {
    /// Finds the lists.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what is no JSON, or is another kind of document: why, in one sentence.
    pub(super) fn read(document: &'a [u8], call: &Call<'_>) -> Result<Self> {
        let whole = Value::of_document(document);
        if whole.is_list() { results(whole, call) } else { dataset(whole, call) }
    }
}

fn dataset<'a>(whole: Value<'a>, call: &Call<'_>) -> Result<Coco<'a>> {
    let (mut annotations, mut images, mut categories, mut written_as) = (None, None, None, None);
    if !whole.is_object() {
        return Err(other("neither an object nor a list"));
    }
    for member in whole.members(call) {
        let (name, value) = member?;
        match name.as_ref() {
            b"annotations" => annotations = Some(value),
            b"images" => images = Some(value),
            b"categories" => categories = Some(value).filter(|list| list.is_list() && !list.is_empty()),
            b"info" => written_as = annotation_type(value, call),
            _ => {}
        }
    }
    let list = |found: Option<Value<'a>>, name| {
        found.filter(Value::is_list).ok_or_else(|| other(&format!("no list `{name}`")))
    };
    Ok(Coco {
        annotations: list(annotations, "annotations")?,
        images: Some(list(images, "images")?),
        categories,
        written_as,
    })
}

/// Results are known by their first row.
fn results<'a>(whole: Value<'a>, call: &Call<'_>) -> Result<Coco<'a>> {
    let Some(first) = whole.items(call).next() else { return Err(other("a list without rows")) };
    let names = first?.members(call).map(|member| member.map(|(name, _)| name)).collect::<Result<Vec<_>>>();
    let names = match names {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        names => names.unwrap_or_default(),
    };
    let has = |name: &str| names.iter().any(|each| each.as_ref() == name.as_bytes());
    if !has("image_id") || !has("category_id") {
        return Err(other("a list whose first row has no `image_id` and `category_id`"));
    }
    Ok(Coco { annotations: whole, images: None, categories: None, written_as: None })
}

fn annotation_type(info: Value<'_>, call: &Call<'_>) -> Option<String> {
    let (_, value) =
        info.members(call).find_map(|member| member.ok().filter(|(name, _)| name.as_ref() == b"annotation_type"))?;
    serde_json::from_slice(value.bytes).ok()
}

fn other(what: &str) -> Error {
    Error::Corrupt(format!("JSON, but not COCO: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        Coco::read(text.as_bytes(), &Call::unlimited()).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn lists_may_come_in_any_order_and_later_ones_count() {
        let text = br#"{"annotations":[1],"categories":[],"info":{"annotation_type":"detection"},"images":[],"annotations":[2]}"#;
        let coco = Coco::read(text, &Call::unlimited()).unwrap();
        assert_eq!((coco.annotations.bytes, coco.written_as.as_deref()), (&b"[2]"[..], Some("detection")));
        assert!(coco.images.is_some() && coco.categories.is_none());
    }

    #[test]
    fn other_documents_say_why_they_are_none() {
        for (text, part) in [
            ("", "neither"),
            ("7", "neither"),
            ("{\"images\":[],\"annotations\":{}}", "no list `annotations`"),
            ("{\"annotations\":[]}", "no list `images`"),
            ("[]", "without rows"),
            ("[{\"image_id\":1}]", "first row"),
            ("[7]", "first row"),
            ("{\"images\":[],\"annotations\":[", "not valid JSON: '[' at byte 27"),
        ] {
            assert!(complaint(text).contains(part), "{text}: {}", complaint(text));
        }
        assert_eq!(complaint("[{\"image_id\":1,\"category_id\":2}]"), "");
    }
}
