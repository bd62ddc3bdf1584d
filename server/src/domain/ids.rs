//! Ids: numbers inside, `kind-number` texts outside. Making new ones is here too; looking them up is not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl $name {
                pub const PREFIX: &'static str = $prefix;

                /// The id that a client sent; `None` when it is not one of this kind.
                pub fn parse(text: &str) -> Option<Self> {
                    parse_number(text.strip_prefix($prefix)?).map(Self)
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    write!(f, concat!($prefix, "-{}"), self.0)
                }
            }
        )+
    };
}

ids! {
    UserId = "user",
    UploadId = "upload",
    JobId = "job",
    DatasetId = "dataset",
    StudyId = "study",
    ImageId = "image",
    AnnotationSetId = "annotationset",
    LabelId = "label",
    DerivativeId = "derivative",
    WebhookDeliveryId = "webhookdelivery",
    WebhookEventId = "webhookevent",
    ApiTokenId = "apitoken",
    SessionId = "session",
    GroupId = "group",
    DatasetShareId = "datasetshare",
    AuditEventId = "auditevent",
}

/// `-` and a number in its shortest form, so that one thing has one id.
fn parse_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-')?;
    let shortest = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if shortest { digits.parse().ok() } else { None }
}

/// One annotation: its place in the annotations that a set has for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnnotationId {
    pub annotation_set: AnnotationSetId,
    /// Position of the image in the set.
    pub position: i64,
    /// Zero-based among the annotations of that image.
    pub index: u32,
}

impl AnnotationId {
    const PREFIX: &'static str = "annotation";

    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(Self::PREFIX)?.strip_prefix('-')?.split('-');
        let mut number = || parts.next()?.parse().ok();
        let (annotation_set, position, index): (i64, i64, i64) = (number()?, number()?, number()?);
        let id = Self { annotation_set: AnnotationSetId(annotation_set), position, index: u32::try_from(index).ok()? };
        (id.to_string() == text).then_some(id)
    }
}

impl std::fmt::Display for AnnotationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}-{}", Self::PREFIX, self.annotation_set.0, self.position, self.index)
    }
}

/// Milliseconds of 2025-01-01T00:00:00Z, from which ids count their time.
const EPOCH_MS: u64 = 1_735_689_600_000;
/// Bits below the milliseconds: about a million ids each before the next one is borrowed.
const SEQUENCE_BITS: u32 = 20;

static LAST: AtomicU64 = AtomicU64::new(0);

/// The first of `count` consecutive new numbers. They grow with time, so that ordering by id is ordering by age, and
/// the low bits start at random, so that two processes do not meet.
pub fn reserve(count: usize) -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    let now = elapsed.saturating_sub(EPOCH_MS) << SEQUENCE_BITS;
    let fresh = now | u64::from(rand::random::<u32>() >> (32 - SEQUENCE_BITS + 1));
    let take = |last: u64| Some(last.max(fresh.saturating_sub(1)).saturating_add(count.max(1) as u64));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).unwrap_or_default();
    (last.max(fresh.saturating_sub(1)) + 1) as i64
}

/// One new number.
pub fn next() -> i64 {
    reserve(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_itself_and_as_nothing_else() {
        let id = DatasetId(42);
        assert_eq!(id.to_string(), "dataset-42");
        assert_eq!(DatasetId::parse("dataset-42"), Some(id));
        for wrong in ["dataset42", "dataset-042", "dataset-+42", "dataset--42", "image-42", "dataset-", "42", ""] {
            assert_eq!(DatasetId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_annotation_id_reads_back_as_itself_and_as_nothing_else() {
        let id = AnnotationId { annotation_set: AnnotationSetId(7), position: 3, index: 1 };
        assert_eq!(AnnotationId::parse(&id.to_string()), Some(id));
        for wrong in ["annotation-7-3", "annotation-7-3-1-0", "annotation-7-03-1", "annotation-7-3--1"] {
            assert_eq!(AnnotationId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn new_numbers_never_repeat_and_grow() {
        let mut last = 0;
        for count in [1, 5, 1, 1000, 1] {
            let first = reserve(count);
            assert!(first > last);
            last = first + count as i64 - 1;
        }
    }
}
